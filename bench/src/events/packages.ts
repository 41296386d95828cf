// The packages of an invented fleet: many names, few versions of each, and lockfiles that share most of them.
// How they cross the wire is bodies.ts.
import { createDice, type Dice } from './dice.ts'

export interface Package {
  readonly name: string
  readonly version: string
}

export const distinctNames = 20_000
const versionsPerName = 3

const starts = [
  'ab',
  'cor',
  'dex',
  'el',
  'fin',
  'gra',
  'har',
  'in',
  'jel',
  'kit',
  'lo',
  'mer',
  'nod',
  'op',
  'pra',
  'ro',
]
const middles = ['a', 'ba', 'ca', 'de', 'fe', 'go', 'hi', 'ka', 'li', 'mo', 'na', 'pe', 'ra', 'si', 'ta', 'vu']
const ends = [
  'cache',
  'core',
  'diff',
  'flow',
  'glob',
  'http',
  'io',
  'json',
  'kit',
  'loader',
  'map',
  'parse',
  'stream',
  'utils',
]
const scopes = ['@babel', '@emotion', '@jest', '@nodelib', '@smithy', '@types', '@vitest']

const inventName = (no: number, dice: Dice): string => {
  const pick = (list: readonly string[]): string => list[dice.below(list.length)] ?? ''
  const plain = `${pick(starts)}${pick(middles)}-${pick(ends)}-${no.toString(36)}`
  return dice.below(4) === 0 ? `${pick(scopes)}/${plain}` : plain
}

/** By popularity, the most popular first. */
export const inventNames = (): readonly string[] => {
  const dice = createDice(1)
  return Array.from({ length: distinctNames }, (_, no) => inventName(no, dice))
}

const versionOf = (no: number, which: number): string => `${1 + (no % 7)}.${which}.${(no + which) % 19}`

const byName = (left: Package, right: Package): number => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0)

/**
 * A lockfile of so many different packages, in the order agents report them. The popular ones are in most lockfiles,
 * the others in few: position cubed is how popularity falls.
 */
export const inventLockfile = (names: readonly string[], size: number, dice: Dice): readonly Package[] =>
  Array.from({ length: size }, (_, index) => {
    const rank = index + Math.floor((names.length - size) * ((index + dice.roll()) / size) ** 3)
    return { name: names[rank] as string, version: versionOf(rank, dice.below(versionsPerName)) }
  }).toSorted(byName)

/** Every package there is, each once: what a fleet knows after a while. */
export const inventEverything = (names: readonly string[]): readonly Package[] =>
  names.flatMap((name, no) =>
    Array.from({ length: versionsPerName }, (_, which) => ({ name, version: versionOf(no, which) })),
  )
