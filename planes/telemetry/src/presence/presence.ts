// How machines do: the newest of each, and its history at falling resolution; put together from memory, packs and roll-ups.
// When somebody was heard is identity's to keep; this plane only tells it.
import type { HeartbeatResolution } from '@muster/contract'
import type { Clock } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Description } from '../heartbeat/decide.ts'
import { loadNewestPacks } from '../heartbeat/pack-store.ts'
import type { RecentHeartbeats } from '../heartbeat/recent.ts'
import { measuresOf, readSamples, type Sample } from '../heartbeat/sample.ts'
import { mergePoints, type Point, rollUp, STEP_MS, startOf } from './decide.ts'
import { loadDescriptions, loadPacked, loadRolled, type RolledDay, type Span } from './store.ts'

export interface Presence {
  readonly deviceNo: number
  readonly firstMs: number
  readonly lastSeenMs: number
  /** The sample with the greatest observation. */
  readonly newest: Sample
  readonly description: Description
  /** How many heartbeats it ever sent. */
  readonly total: number
}

export interface Presences {
  /** Of devices that never sent a heartbeat there is no entry. */
  of(tenantId: string, deviceNos: readonly number[]): Promise<ReadonlyMap<number, Presence>>
  /** Points of the history of one machine, whichever device numbers it had, oldest first. */
  history(
    tenantId: string,
    deviceNos: readonly number[],
    span: Span,
    resolution: HeartbeatResolution,
  ): Promise<readonly Point[]>
}

export interface PresenceNeeds {
  readonly storage: Pick<Storage, 'db'>
  readonly recent: (deviceNos: readonly number[]) => Promise<readonly RecentHeartbeats[]>
  readonly clock: Clock
}

interface Newest {
  readonly sample: Sample
  readonly lastSeenMs: number
  readonly total: number
}

const newestOf = (samples: readonly Sample[]): Sample | undefined =>
  samples.reduce<Sample | undefined>(
    (newest, one) => (newest === undefined || one.observedMs >= newest.observedMs ? one : newest),
    undefined,
  )

/** From memory, and from the newest pack of whoever was not heard since the start. */
const loadNewest = async (
  { storage, recent }: PresenceNeeds,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, Newest>> => {
  const found = new Map<number, Newest>()
  for (const { deviceNo, newest, lastSeenMs, total } of await recent(deviceNos)) {
    const [sample] = newest === null ? [] : readSamples(Buffer.from(newest))
    if (sample !== undefined && lastSeenMs !== null) found.set(deviceNo, { sample, lastSeenMs, total })
  }
  const rest = deviceNos.filter((deviceNo) => !found.has(deviceNo))
  for (const [deviceNo, { samples, throughMs, total }] of await loadNewestPacks(storage.db, rest)) {
    const sample = newestOf(readSamples(samples))
    if (sample !== undefined) found.set(deviceNo, { sample, lastSeenMs: throughMs, total })
  }
  return found
}

const isWithin =
  ({ fromMs, beforeMs }: Span) =>
  ({ receivedMs }: Sample): boolean =>
    receivedMs >= fromMs && receivedMs < beforeMs

const loadSamples = async (
  { storage, recent }: PresenceNeeds,
  tenantId: string,
  deviceNos: readonly number[],
  span: Span,
): Promise<readonly Sample[]> => {
  const packed = await loadPacked(storage.db, deviceNos, span)
  const tails = await recent(deviceNos)
  return [
    ...packed.filter((one) => one.tenantId === tenantId).flatMap(({ samples }) => samples),
    ...tails
      .filter((one) => one.tenantId === tenantId)
      .flatMap(({ samples }) => readSamples(Buffer.from(samples)))
      .filter(isWithin(span)),
  ]
}

/** The first moment from which on nothing is rolled up yet. */
const unrolledFrom = (rolled: readonly RolledDay[], fromMs: number): number =>
  Math.max(fromMs, ...rolled.map(({ dayMs }) => dayMs + STEP_MS.day))

const tables = { hour: 'telemetry_hours', day: 'telemetry_day' } as const

/** Whole days that are over from their rows, the rest from samples. */
const loadRolledPoints = async (
  needs: PresenceNeeds,
  tenantId: string,
  deviceNos: readonly number[],
  span: Span,
  resolution: 'hour' | 'day',
): Promise<readonly Point[]> => {
  const days = { ...span, fromMs: startOf(span.fromMs, 'day') }
  const rolled = await loadRolled(needs.storage.db, tables[resolution], tenantId, deviceNos, days)
  const fresh = { ...span, fromMs: unrolledFrom(rolled, span.fromMs) }
  const samples = await loadSamples(needs, tenantId, deviceNos, fresh)
  const points = [...rolled.flatMap((day) => day.points), ...rollUp(samples.map(measuresOf), resolution)]
  const firstMs = startOf(span.fromMs, resolution)
  return mergePoints(points, resolution).filter(({ fromMs }) => fromMs >= firstMs && fromMs < span.beforeMs)
}

export const createPresences = (needs: PresenceNeeds): Presences => ({
  async of(tenantId, deviceNos) {
    const described = await loadDescriptions(needs.storage.db, tenantId, deviceNos)
    const newest = await loadNewest(needs, [...described.keys()])
    return new Map(
      [...described].flatMap(([deviceNo, { firstMs, description }]) => {
        const found = newest.get(deviceNo)
        if (found === undefined) return []
        const { sample, lastSeenMs, total } = found
        return [[deviceNo, { deviceNo, firstMs, lastSeenMs, newest: sample, description, total }] as const]
      }),
    )
  },
  async history(tenantId, deviceNos, span, resolution) {
    if (resolution !== 'minute') return loadRolledPoints(needs, tenantId, deviceNos, span, resolution)
    const samples = await loadSamples(needs, tenantId, deviceNos, span)
    return rollUp(samples.map(measuresOf), 'minute')
  },
})
