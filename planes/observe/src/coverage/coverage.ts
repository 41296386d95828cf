// The coverage of a fleet: for each surface how many devices told of it, how completely, and which of those fell silent.
// Counted a few thousand devices at a time and kept for a moment, since everybody who looks at the fleet asks for it.
import { readCoverage, type SurfaceCoverage } from '@muster/contract'
import { type Served, serve } from '@muster/http'
import type { Bounds, Devices, KnownOperator, RollEntry } from '@muster/identity'
import { type Clock, ok, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { isHeardLately, type SurfaceCount, sumCoverage } from './decide.ts'
import { countSurfaces } from './store.ts'

export interface FleetCoverageNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly devices: Pick<Devices, 'roll'>
  readonly clock: Clock
}

interface Counted {
  readonly atMs: number
  readonly items: Promise<readonly SurfaceCoverage[]>
}

const keptMs = 30_000
/** Tenants, and groups that operators are limited to, whose counts are kept. */
const mostKept = 200
/** Devices counted by one statement: some ten milliseconds. */
const atOnce = 2000

const countAll = async (
  { storage: { db } }: FleetCoverageNeeds,
  roll: readonly RollEntry[],
  nowMs: number,
): Promise<readonly SurfaceCoverage[]> => {
  const counts: SurfaceCount[] = []
  for (let start = 0; start < roll.length; start += atOnce) {
    const some = roll.slice(start, start + atOnce)
    for (const isHeard of [true, false]) {
      const deviceNos = some
        .filter(({ lastContactMs }) => isHeardLately(lastContactMs, nowMs) === isHeard)
        .map(({ deviceNo }) => deviceNo)
      const found = deviceNos.length === 0 ? [] : await countSurfaces(db, deviceNos)
      counts.push(...found.map((count) => ({ ...count, isHeard })))
    }
  }
  return sumCoverage(counts, roll.length)
}

const keyOf = ({ tenantId, groupNos }: Bounds): string => JSON.stringify([tenantId, groupNos])

export const serveCoverage = (needs: FleetCoverageNeeds): Served<KnownOperator> => {
  const kept = new Map<string, Counted>()
  const count = async (bounds: Bounds, nowMs: number): Promise<readonly SurfaceCoverage[]> =>
    countAll(needs, await needs.devices.roll(bounds, {}), nowMs)
  const counted = (bounds: Bounds): Counted => {
    const [key, nowMs] = [keyOf(bounds), needs.clock.nowMs()]
    const held = kept.get(key)
    if (held !== undefined && nowMs - held.atMs < keptMs) return held
    const [oldest] = kept.keys()
    if (kept.size >= mostKept && oldest !== undefined) kept.delete(oldest)
    const fresh = { atMs: nowMs, items: count(bounds, nowMs) }
    // What could not be counted is counted again by whoever asks next.
    fresh.items.catch(() => kept.delete(key))
    kept.set(key, fresh)
    return fresh
  }
  return serve<typeof readCoverage, KnownOperator>(readCoverage, async ({ speaker }) => {
    const { items, atMs } = counted({ tenantId: speaker.tenantId, groupNos: speaker.groupNos })
    return ok({ items: [...(await items)], countedAt: toIso(atMs) })
  })
}
