// Pages of raw events, newest first: one device's, and the fleet's changes of inventory.
// Payloads are decoded here because only these pages need them.
import type { Change, EventKind, PayloadItem, RawEvent } from '@muster/contract'
import type { DeviceRecord } from '@muster/identity'
import { toIso } from '@muster/kernel'
import type { Db } from '@muster/storage'
import { type RawBuilder, sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { loadRecords } from '../coverage/store.ts'
import { eventIdOf } from '../sync/event-key.ts'
import { readPayload } from '../sync/readable.ts'
import { type EventHead, eventNoOf, isMarked, packNoOf, unpackHeads } from './pack.ts'
import { withEvents } from './tables.ts'

interface PackRow {
  readonly pack_no: number
  readonly tenant_id: string
  readonly device_no: number
  readonly epoch: number
  readonly received_ms: number
}

/** An event without its payload. */
interface Listed extends EventHead {
  readonly eventNo: number
  readonly pack: PackRow
  /** It only says what was known. */
  readonly isRetold: boolean
}

export interface ListedEvent extends Listed {
  readonly payload: Uint8Array
}

type Condition = RawBuilder<boolean>

/** A pack may hold the whole page; while few events match, more and more of them are looked through at once. */
const fewPacks = 8
const mostPacks = 256

/**
 * Events newest first, before a number, from the packs that meet a condition; of those the ones that are chosen, and one
 * more than the limit when there is more.
 */
const listHeads = async <Chosen extends Listed>(
  db: Db,
  packs: Condition,
  { beforeNo = Number.MAX_SAFE_INTEGER, limit }: { readonly beforeNo: number | undefined; readonly limit: number },
  choose: (listed: readonly Listed[]) => readonly Chosen[] | Promise<readonly Chosen[]>,
): Promise<readonly Chosen[]> => {
  const chosen: Chosen[] = []
  let throughPackNo = packNoOf(beforeNo - 1)
  for (let size = fewPacks; chosen.length <= limit; size = Math.min(size * 2, mostPacks)) {
    const rows = await withEvents(db)
      .selectFrom('observe_event_pack')
      .select(['pack_no', 'tenant_id', 'device_no', 'epoch', 'received_ms', 'surfaces', 'heads', 'retold'])
      .where(packs)
      .where('pack_no', '<=', throughPackNo)
      .orderBy('pack_no', 'desc')
      .limit(size)
      .execute()
    const listed = rows.flatMap(({ surfaces, heads, retold, ...pack }) =>
      unpackHeads({ surfaces, heads })
        .toReversed()
        .map((head) => {
          const eventNo = eventNoOf(pack.pack_no, head.index)
          return { ...head, pack, eventNo, isRetold: isMarked(retold, head.index) }
        }),
    )
    chosen.push(...(await choose(listed.filter(({ eventNo }) => eventNo < beforeNo))))
    const last = rows.at(-1)
    if (last === undefined || rows.length < size) break
    throughPackNo = last.pack_no - 1
  }
  return chosen.slice(0, limit + 1)
}

const withPayloads = async <Each extends Listed>(
  db: Db,
  listed: readonly Each[],
): Promise<readonly (Each & ListedEvent)[]> => {
  if (listed.length === 0) return []
  const rows = await withEvents(db)
    .selectFrom('observe_event_pack')
    .select(['pack_no', 'payloads'])
    .where('pack_no', 'in', [...new Set(listed.map(({ pack }) => pack.pack_no))])
    .execute()
  const payloads = new Map(rows.map((row) => [row.pack_no, row.payloads]))
  // A pack may have gone between the two reads; its events are then gone too.
  return listed.flatMap((each) => {
    const payload = payloads.get(each.pack.pack_no)?.subarray(each.payloadStart, each.payloadEnd)
    return payload === undefined ? [] : [{ ...each, payload }]
  })
}

export interface EventQuery {
  readonly deviceNos: readonly number[]
  readonly beforeNo: number | undefined
  readonly limit: number
}

/** Newest received first, one more than the limit when there is more. */
export const listEvents = async (db: Db, query: EventQuery): Promise<readonly ListedEvent[]> =>
  withPayloads(db, await listHeads(db, amongDevices(db, 'device_no', query.deviceNos), query, (listed) => listed))

export const toRawEvent = (event: ListedEvent, digest: (bytes: Uint8Array) => string): RawEvent => ({
  eventId: eventIdOf(event.eventKey),
  epoch: event.pack.epoch,
  localSequence: event.sequence,
  surface: event.surface,
  kind: event.kind,
  body: event.body,
  observedAt: toIso(event.observedMs),
  collectedAt: toIso(event.collectedMs),
  receivedAt: toIso(event.pack.received_ms),
  payloadHash: digest(event.payload),
  payload: Buffer.from(event.payload).toString('base64'),
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

export interface ListedChange extends ListedEvent {
  readonly isBaseline: boolean
}

const packsOf = (db: Db, { tenantId, deviceNos, surface, sinceMs }: ChangeQuery): Condition => {
  const conditions = [sql`tenant_id = ${tenantId}`]
  if (deviceNos !== undefined) conditions.push(amongDevices(db, 'device_no', deviceNos))
  if (sinceMs !== undefined) conditions.push(sql`received_ms >= ${sinceMs}`)
  // Lets through a pack or two that only looks like it; the events themselves are looked at again.
  if (surface !== undefined) conditions.push(sql`' ' || surfaces || ' ' like ${`% ${surface} %`}`)
  return sql<boolean>`${sql.join(conditions, sql` and `)}`
}

/** Newest received first, one more than the limit when there is more; what was only told again is no change. */
export const listChanges = async (db: Db, query: ChangeQuery): Promise<readonly ListedChange[]> => {
  const { surface, change, baseline } = query
  const choose = async (listed: readonly Listed[]) => {
    const asked = listed.filter(
      (each) =>
        each.body === 'inventoryItem' &&
        !each.isRetold &&
        (surface === undefined || each.surface === surface) &&
        (change === undefined || each.kind === change),
    )
    const marked = await markBaselines(db, asked)
    return baseline === undefined ? marked : marked.filter(({ isBaseline }) => isBaseline === baseline)
  }
  return withPayloads(db, await listHeads(db, packsOf(db, query), query, choose))
}

/** Whether each was part of the first scan of its surface. */
const markBaselines = async (
  db: Db,
  listed: readonly Listed[],
): Promise<readonly (Listed & { readonly isBaseline: boolean })[]> => {
  const keyOf = ({ pack, surface }: Listed): string => `${pack.device_no} ${surface}`
  const keys = new Map(
    listed.map((each) => [
      keyOf(each),
      { tenantId: each.pack.tenant_id, deviceNo: each.pack.device_no, surface: each.surface },
    ]),
  )
  const records = await loadRecords(db, [...keys.values()])
  const recordOf = new Map([...keys.keys()].map((key, index) => [key, records[index]]))
  return listed.map((each) => {
    const record = recordOf.get(keyOf(each))
    const isBaseline =
      each.kind === 'added' && record?.baseline === true && each.collectedMs === record.firstCollectedMs
    return { ...each, isBaseline }
  })
}

export const toChange = (event: ListedChange, device: DeviceRecord | undefined): Change => {
  const item = itemIn(event)
  return {
    deviceId: device?.id ?? '',
    hostname: device?.hostname ?? '',
    eventId: eventIdOf(event.eventKey),
    change: event.kind,
    surface: event.surface,
    kind: item.kind,
    itemId: item.itemId,
    name: item.name,
    version: item.version,
    path: item.path,
    baseline: event.isBaseline,
    observedAt: toIso(event.observedMs),
    receivedAt: toIso(event.pack.received_ms),
  }
}

const itemIn = ({ payload, eventNo }: ListedEvent): PayloadItem => {
  const decoded = readPayload(payload)
  if (decoded.ok && decoded.value.body === 'inventoryItem') return decoded.value.item
  throw new Error(`event ${eventNo} was stored as an inventory item and does not read as one`)
}
