// How many long replies one operator may read at the same time.
// How often they may ask at all is rate.ts.

export interface Turns {
  /** False when all turns of this key are taken. */
  enter(key: string): boolean
  leave(key: string): void
}

export const createTurns = (turnsEach: number): Turns => {
  const taken = new Map<string, number>()
  return {
    enter(key) {
      const count = taken.get(key) ?? 0
      if (count >= turnsEach) return false
      taken.set(key, count + 1)
      return true
    },
    leave(key) {
      const count = (taken.get(key) ?? 0) - 1
      if (count > 0) taken.set(key, count)
      else taken.delete(key)
    },
  }
}
