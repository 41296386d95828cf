// How long to leave a disk alone on which lives of the agent end, again and again.
// Why one ended is run's to say.
import { backoffMs } from '@muster/kernel'

/** `damaged`: a database was lost, and may be made anew. `starved`: the disk takes no writes. */
export type Setback = 'damaged' | 'starved'

const wait = { baseMs: 2_000, maxMs: 300_000 }

export interface Setbacks {
  begin(): void
  /** Milliseconds to wait before the next life; null for one that ended without a setback. */
  end(setback: Setback | null): number
}

/** A database that was lost may be made anew at once; what does not help is tried less and less often. */
export const createSetbacks = (nowMs: () => number): Setbacks => {
  let inARow = 0
  let sinceMs = 0
  return {
    begin() {
      sinceMs = nowMs()
    },
    end(setback) {
      if (nowMs() - sinceMs > wait.maxMs) inARow = 0
      if (setback === null) return 0
      const waitMs = setback === 'starved' || inARow > 0 ? backoffMs(wait, inARow) : 0
      inARow += 1
      return waitMs
    },
  }
}
