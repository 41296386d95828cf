// Letting go of a timeline's old entries: they are kept as long as the history of heartbeats, whose days they explain.
// What becomes of heartbeats themselves is presence/roll-up.ts.
import { type Db, type Storage, type Tx, walkInBatches } from '@muster/storage'
import { type RawBuilder, sql } from 'kysely'
import { KEPT_MS } from '../presence/decide.ts'
import type { Hold } from '../presence/holds.ts'

export interface TimelineAgeNeeds {
  readonly storage: Pick<Storage, 'db' | 'write'>
  readonly holds: (db: Db) => Promise<readonly Hold[]>
}

/** A turn in an agent's life names no device; it is held with the device that reports on its asset. */
const notHeld = (holds: readonly Hold[]): RawBuilder<boolean> => {
  const tenants = holds.filter(({ deviceNo }) => deviceNo === null).map(({ tenantId }) => tenantId)
  const devices = holds.flatMap(({ deviceNo }) => deviceNo ?? [])
  const ofTenants = tenants.length === 0 ? sql`1 = 1` : sql`tenant_id not in (${sql.join(tenants)})`
  const ofAssets =
    devices.length === 0
      ? sql`1 = 1`
      : sql`not exists (select 1 from telemetry_presence as held where held.device_no in (${sql.join(devices)})
          and (held.device_no = telemetry_timeline.device_no
            or (held.tenant_id = telemetry_timeline.tenant_id and held.asset_id = telemetry_timeline.asset_id)))`
  return sql<boolean>`(${ofTenants} and ${ofAssets})`
}

/** A run of heartbeats is over only where the next one begins, so it goes once that is old, too. */
const isOver = (cutoffMs: number): RawBuilder<boolean> => sql<boolean>`(device_no is null or exists (
  select 1 from telemetry_timeline as next where next.tenant_id = telemetry_timeline.tenant_id
    and next.asset_id = telemetry_timeline.asset_id and next.device_no = telemetry_timeline.device_no
    and next.entry_no > telemetry_timeline.entry_no and next.at_ms < ${cutoffMs}))`

/** In small transactions; holds are asked again in each. */
export const purgeTimeline = async (
  { storage, holds }: TimelineAgeNeeds,
  nowMs: number,
  signal: AbortSignal,
): Promise<void> => {
  const cutoffMs = nowMs - KEPT_MS.day
  await walkInBatches(storage, {
    table: 'telemetry_timeline',
    key: 'entry_no',
    where: sql`at_ms < ${cutoffMs} and ${isOver(cutoffMs)} and ${notHeld(await holds(storage.db))}`,
    before: Number.MAX_SAFE_INTEGER,
    signal,
    each: async (tx: Tx, keys: readonly unknown[]) => {
      const which = tx.deleteFrom('telemetry_timeline').where('entry_no', 'in', keys)
      await which.where(notHeld(await holds(tx))).execute()
    },
  })
}
