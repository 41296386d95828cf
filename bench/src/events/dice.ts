// Random numbers that are the same in every run, so that two runs send the same fleet.
// They are not for secrets.

export interface Dice {
  /** At least 0, below 1. */
  roll(): number
  below(limit: number): number
}

/** A 32-bit generator with a good spread (mulberry32, public domain). */
export const createDice = (seed: number): Dice => {
  let state = seed >>> 0
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { roll, below: (limit) => Math.floor(roll() * limit) }
}
