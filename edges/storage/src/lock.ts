// Turns: one holder at a time, first come first served.
// How long a holder may stay is the session's business.

export interface Lock {
  /** Resolves with the function that ends the turn; calling that twice does nothing. */
  acquire(): Promise<() => void>
  /** How many wait for a turn. */
  waiting(): number
}

export const createLock = (): Lock => {
  const queue: (() => void)[] = []
  let held = false
  const pass = (): void => {
    const next = queue.shift()
    if (next === undefined) held = false
    else next()
  }
  const turn = (): (() => void) => {
    let over = false
    return () => {
      if (over) return
      over = true
      pass()
    }
  }
  return {
    async acquire() {
      if (!held) held = true
      else await new Promise<void>((resolve) => queue.push(resolve))
      return turn()
    },
    waiting: () => queue.length,
  }
}
