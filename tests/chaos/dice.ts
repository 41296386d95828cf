// Chance that can be repeated: everything random in a chaos test comes out of one seed, which is printed.
// When processes and sockets get their turns is the machine's doing and comes differently every time.
import { randomInt } from 'node:crypto'

export interface Dice {
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  chance(probability: number): boolean
  pick<T>(list: readonly [T, ...T[]]): T
  /** Dice for somebody else, so that the turns of one do not change the throws of another. */
  fork(): Dice
}

/** Mulberry32: small, and good enough to throw dice with. */
const createThrows = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const createDice = (seed: number): Dice => {
  const next = createThrows(seed)
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (probability) => next() < probability,
    pick: (list) => list[below(list.length)] as (typeof list)[number],
    fork: () => createDice(below(2 ** 32)),
  }
}

/** What the environment says, for repeating a run; otherwise new. */
export const chooseSeed = (variable: string): number => {
  const said = process.env[variable]
  return said === undefined ? randomInt(2 ** 31) : Number(said)
}

/** A whole number from the environment. */
export const countFrom = (variable: string, usual: number): number => {
  const count = Number(process.env[variable] ?? usual)
  if (!Number.isSafeInteger(count) || count < 1) throw new Error(`${variable} must be a whole number above zero`)
  return count
}
