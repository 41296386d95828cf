// Whose matches are whose: a device answers for itself and for those merged into it, and a retired one for nobody.
// What matched is store.ts; what follows for a device is decide.ts.
import type { RollEntry } from '@muster/identity'
import type { ContentMatch, DeviceMatch } from './store.ts'

export interface Histories {
  /** The device on the roll that a number is read under; absent for numbers that are not asked about. */
  readonly ownerOf: ReadonlyMap<number, number>
  /** The numbers read under a device, for those with more than their own. */
  readonly nosOf: ReadonlyMap<number, readonly number[]>
}

export const readHistories = (roll: readonly RollEntry[]): Histories => {
  const ownerOf = new Map<number, number>()
  const nosOf = new Map<number, readonly number[]>()
  for (const { deviceNo, former } of roll) {
    ownerOf.set(deviceNo, deviceNo)
    if (former.length === 0) continue
    for (const life of former) ownerOf.set(life.deviceNo, deviceNo)
    nosOf.set(deviceNo, [deviceNo, ...former.map((life) => life.deviceNo)])
  }
  return { ownerOf, nosOf }
}

export interface JoinedMatch {
  /** Something is there now; what a former life left open is on its way to be closed. */
  readonly open: boolean
  readonly firstMs: number
  readonly lastMs: number
}

/** One match for each device on the roll. */
export const joinLives = (found: readonly DeviceMatch[], { ownerOf }: Histories): ReadonlyMap<number, JoinedMatch> => {
  const joined = new Map<number, JoinedMatch>()
  for (const { device_no, open, first_ms, last_ms } of found) {
    const owner = ownerOf.get(device_no)
    if (owner === undefined) continue
    const known = joined.get(owner)
    joined.set(owner, {
      open: known?.open === true || (open === 1 && owner === device_no),
      firstMs: Math.min(first_ms, known?.firstMs ?? first_ms),
      lastMs: Math.max(last_ms, known?.lastMs ?? last_ms),
    })
  }
  return joined
}

/** How many devices on the roll matched each content. */
export const countOwners = (found: readonly ContentMatch[], { ownerOf }: Histories): ReadonlyMap<number, number> => {
  const owners = new Map<number, Set<number>>()
  for (const { device_no, content_no } of found) {
    const owner = ownerOf.get(device_no)
    if (owner === undefined) continue
    const known = owners.get(content_no)
    if (known === undefined) owners.set(content_no, new Set([owner]))
    else known.add(owner)
  }
  return new Map([...owners].map(([contentNo, of]) => [contentNo, of.size]))
}
