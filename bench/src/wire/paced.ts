// A clock that calls many in turn, each once in a round, the calls spread evenly; between two of them it sleeps.
// What is done when somebody's turn has come is the caller's business.
import { setTimeout as wait } from 'node:timers/promises'

export interface Pace {
  readonly perSecond: number
  readonly seconds: number
  /** Asked before each turn; ends the pace early. */
  readonly isOver: () => boolean
}

const longestSleepMs = 1000

/** `turn` is told whose it is and when it was due, in milliseconds of `performance.now()`; turns that are late are made up for. */
export const keepPace = async (
  count: number,
  { perSecond, seconds, isOver }: Pace,
  turn: (who: number, dueMs: number) => void,
): Promise<void> => {
  const startMs = performance.now()
  const turns = Math.floor(perSecond * seconds)
  for (let made = 0; made < turns; ) {
    const dueMs = startMs + (made * 1000) / perSecond
    const leftMs = dueMs - performance.now()
    if (isOver()) return
    if (leftMs > 0) await wait(Math.min(Math.ceil(leftMs), longestSleepMs))
    else turn(made++ % count, dueMs)
  }
}
