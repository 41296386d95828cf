// Reads of raw events: one device's, and the fleet's inventory changes.
// Payloads are decoded here because only these pages need them.
import { type Change, EVENT_KINDS, type EventKind, type PayloadItem, type RawEvent } from '@muster/contract'
import type { DeviceRecord } from '@muster/identity'
import { toIso } from '@muster/kernel'
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { eventIdOf } from '../sync/event-key.ts'
import { readPayload } from '../sync/readable.ts'
import { EVENT_BODIES } from '../sync/store.ts'
import { withInventory } from '../tables.ts'

interface EventRow {
  readonly event_no: number
  readonly device_no: number
  readonly event_key: Uint8Array
  readonly epoch: number
  readonly sequence: number
  readonly surface: string
  readonly kind: number
  readonly body: number
  readonly observed_ms: number
  readonly collected_ms: number
  readonly received_ms: number
  readonly payload: Uint8Array
}

/** Newest received first, one row more than the limit when there is more. */
export const listEventRows = (
  db: Db,
  query: { readonly deviceNos: readonly number[]; readonly beforeNo: number | undefined; readonly limit: number },
): Promise<readonly EventRow[]> => {
  let rows = withInventory(db)
    .selectFrom('observe_event')
    .selectAll()
    .where('device_no', 'in', query.deviceNos)
    .orderBy('event_no', 'desc')
    .limit(query.limit + 1)
  if (query.beforeNo !== undefined) rows = rows.where('event_no', '<', query.beforeNo)
  return rows.execute()
}

export const toRawEvent = (row: EventRow, digest: (bytes: Uint8Array) => string): RawEvent => ({
  eventId: eventIdOf(row.event_key),
  epoch: row.epoch,
  localSequence: row.sequence,
  surface: row.surface,
  kind: EVENT_KINDS[row.kind] as EventKind,
  body: EVENT_BODIES[row.body] as RawEvent['body'],
  observedAt: toIso(row.observed_ms),
  collectedAt: toIso(row.collected_ms),
  receivedAt: toIso(row.received_ms),
  payloadHash: digest(row.payload),
  payload: Buffer.from(row.payload).toString('base64'),
})

export interface ChangeQuery {
  readonly tenantId: string
  /** Undefined for the whole tenant. */
  readonly deviceNos: readonly number[] | undefined
  readonly surface: string | undefined
  readonly change: EventKind | undefined
  readonly sinceMs: number | undefined
  readonly baseline: boolean | undefined
  readonly beforeNo: number | undefined
  readonly limit: number
}

export interface ChangeRow extends EventRow {
  readonly baseline: number
}

const isBaseline = sql<number>`case when event.kind = 0 and coverage.baseline = 1
  and event.collected_ms = coverage.first_collected_ms then 1 else 0 end`

/** Newest received first, one row more than the limit when there is more. */
export const listChangeRows = (db: Db, query: ChangeQuery): Promise<readonly ChangeRow[]> => {
  let rows = withInventory(db)
    .selectFrom('observe_event as event')
    .leftJoin('observe_coverage as coverage', (join) =>
      join.onRef('coverage.device_no', '=', 'event.device_no').onRef('coverage.surface', '=', 'event.surface'),
    )
    .selectAll('event')
    .select(isBaseline.as('baseline'))
    .where('event.tenant_id', '=', query.tenantId)
    .where('event.body', '=', 0)
    .orderBy('event.event_no', 'desc')
    .limit(query.limit + 1)
  if (query.deviceNos !== undefined) rows = rows.where(amongDevices(db, 'event.device_no', query.deviceNos))
  if (query.surface !== undefined) rows = rows.where('event.surface', '=', query.surface)
  if (query.change !== undefined) rows = rows.where('event.kind', '=', EVENT_KINDS.indexOf(query.change))
  if (query.sinceMs !== undefined) rows = rows.where('event.received_ms', '>=', query.sinceMs)
  if (query.beforeNo !== undefined) rows = rows.where('event.event_no', '<', query.beforeNo)
  if (query.baseline !== undefined) rows = rows.where(isBaseline, '=', query.baseline ? 1 : 0)
  return rows.execute()
}

export const toChange = (row: ChangeRow, device: DeviceRecord | undefined): Change => {
  const item = itemIn(row)
  return {
    deviceId: device?.id ?? '',
    hostname: device?.hostname ?? '',
    eventId: eventIdOf(row.event_key),
    change: EVENT_KINDS[row.kind] as EventKind,
    surface: row.surface,
    kind: item.kind,
    itemId: item.itemId,
    name: item.name,
    version: item.version,
    path: item.path,
    baseline: row.baseline === 1,
    observedAt: toIso(row.observed_ms),
    receivedAt: toIso(row.received_ms),
  }
}

const itemIn = (row: ChangeRow): PayloadItem => {
  const decoded = readPayload(row.payload)
  if (decoded.ok && decoded.value.body === 'inventoryItem') return decoded.value.item
  throw new Error(`event ${row.event_no} was stored as an inventory item and does not read as one`)
}
