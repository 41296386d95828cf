// The shape of an invented history: how many names, versions, devices and lockfiles, and how popular each package is.
// Writing it into a database is generate.ts; asking about it is the search case.
import type { Dice } from '../events/dice.ts'

export const devices = 5000
export const packagesPerLockfile = 250
export const versionsPerName = 8
export const contents = 200_000

export interface History {
  readonly intervals: number
  readonly lockfilesPerDevice: number
}

export const historyOf = (millions: number): History => {
  const lockfilesPerDevice = Math.max(1, Math.round((millions * 1e6) / devices / packagesPerLockfile))
  return { lockfilesPerDevice, intervals: lockfilesPerDevice * devices * packagesPerLockfile }
}

/**
 * Which package stands at a place of a lockfile: packages are numbered by popularity, and a place cubed is how
 * popularity falls, so that a few hundred are nearly everywhere and most are on a few machines.
 */
export const rankAt = (place: number, roll: number): number =>
  place + Math.floor((contents - packagesPerLockfile) * ((place + roll) / packagesPerLockfile) ** 3)

export interface Sought {
  readonly contentNo: number
  readonly name: string
  readonly version: string
}

/** Contents are numbered from 1 by popularity; versions of one name stand side by side. */
export const contentAt = (rank: number): Sought => {
  const which = rank % versionsPerName
  const no = Math.floor(rank / versionsPerName)
  return { contentNo: rank + 1, name: nameOf(no), version: `${1 + (no % 5)}.${which}.0` }
}

export const nameOf = (no: number): string => `package-${no.toString(36)}`

/** What somebody would look for: packages of random intervals, no name twice. */
export const choose = (count: number, dice: Dice): readonly Sought[] => {
  const chosen = new Map<string, Sought>()
  while (chosen.size < count) {
    const sought = contentAt(rankAt(dice.below(packagesPerLockfile), dice.roll()))
    if (!chosen.has(sought.name)) chosen.set(sought.name, sought)
  }
  return [...chosen.values()]
}
