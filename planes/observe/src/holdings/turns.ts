// How the index of holdings is written beside others who need the writer: how much in a turn, and when the next begins.
// What is written is store.ts.
import { setImmediate as nextTurn, setTimeout as rest } from 'node:timers/promises'

/** So many are written in two to eight milliseconds, and then others have their turn. */
const leastPerTurn = 1000
const mostPerTurn = 4000
/**
 * What was gathered in two seconds is written within nearly as long, while nobody waits for it: all at once it would be a
 * burst of a third of the writer's time, and in many small turns the disk is waited for as often.
 */
const turnsPerRun = 20
const restMs = 40
/** When more has come than so many turns take, it must not come faster than it goes. */
const shortRestMs = 10

/** How long a run gives way at most; a crowd that stays must not keep the index from being written. */
export const mostWayMs = 500

/** What a run hears of others while it goes on. */
export interface Others {
  /** Somebody waits for the index. */
  isAwaited(): boolean
  /** More wait for the writer than it takes in one go. */
  isCrowded(): boolean
}

interface Turns {
  readonly perTurn: number
  readonly pauseMs: number
}

export const planTurns = (changes: number): Turns => {
  const perTurn = Math.min(mostPerTurn, Math.max(leastPerTurn, Math.ceil(changes / turnsPerRun)))
  return { perTurn, pauseMs: perTurn < mostPerTurn ? restMs : shortRestMs }
}

export function* inTurns(net: Iterable<number>, most: number): Generator<readonly number[]> {
  let turn: number[] = []
  for (const start of net) {
    turn.push(start)
    if (turn.length < most) continue
    yield turn
    turn = []
  }
  if (turn.length > 0) yield turn
}

/**
 * Resolves when the next turn begins, with how much longer its run may give way. Promises alone would keep the thread from
 * hearing who else is there.
 */
export const awaitTurn = async (pauseMs: number, wayMs: number, { isAwaited, isCrowded }: Others): Promise<number> => {
  let leftMs = wayMs
  if (isAwaited()) await nextTurn()
  else await rest(pauseMs)
  for (; leftMs > 0 && isCrowded() && !isAwaited(); leftMs -= shortRestMs) await rest(shortRestMs)
  return leftMs
}
