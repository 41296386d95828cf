// The rows of raw events: packs, and the filters that say which ids they may hold.
// How a pack is laid out is pack.ts; which events are accepted is decided in sync/.
import { bulkInsert, type Db, engineOf, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import { amongListed } from '../among.ts'
import { lockDevices } from '../sync/store.ts'
import { addKey, bitsOf, filterBytes, type KeyBits, mayHold, mostKeys } from './key-filter.ts'
import { type EventHead, markEvents, mostInPack, type PackedEvent, packEvents, unpackHeads, withMarks } from './pack.ts'
import { withEvents } from './tables.ts'

/** The ids of some hundred events of a device. */
export interface KeyFilter {
  readonly filterNo: number
  keyCount: number
  readonly bits: Uint8Array
}

/** For each device in order, its filters from the oldest; nobody may write them meanwhile, see `lockDevices`. */
export const loadFilters = async (db: Db, deviceNos: readonly number[]): Promise<readonly KeyFilter[][]> => {
  const rows = await withEvents(db)
    .selectFrom('observe_event_filter')
    .select(['device_no', 'filter_no', 'key_count', 'filter'])
    .where(amongListed(db, 'device_no', deviceNos))
    .orderBy('device_no')
    .orderBy('filter_no')
    .execute()
  const byDevice = new Map<number, KeyFilter[]>(deviceNos.map((deviceNo) => [deviceNo, []]))
  for (const { device_no, filter_no, key_count, filter } of rows)
    byDevice.get(device_no)?.push({ filterNo: filter_no, keyCount: key_count, bits: filter })
  return deviceNos.map((deviceNo) => byDevice.get(deviceNo) as KeyFilter[])
}

/** Events of one device and epoch, received together. */
export interface EventBatch {
  readonly device: { readonly tenantId: string; readonly deviceNo: number }
  readonly epoch: number
  readonly receivedMs: number
  readonly events: readonly PackedEvent[]
  /** Those of them that only say what was known. */
  readonly retold?: ReadonlySet<PackedEvent>
  /** All of the device's; a new one is added when the last is full. */
  readonly filters: KeyFilter[]
}

/** Some events of a batch, and the filter that remembers their ids. */
interface Placed extends Pick<EventBatch, 'device' | 'epoch' | 'receivedMs' | 'events' | 'retold'> {
  readonly filterNo: number
}

const none: ReadonlySet<PackedEvent> = new Set()

const packColumns = {
  tenant_id: 'text',
  device_no: 'int',
  epoch: 'int',
  filter_no: 'int',
  event_count: 'int',
  received_ms: 'int',
  surfaces: 'text',
  heads: 'bytes',
  payloads: 'bytes',
} as const

const packCells = ({ device: { tenantId, deviceNo }, epoch, filterNo, receivedMs, events }: Placed) => {
  const { surfaces, heads, payloads } = packEvents(events)
  return [tenantId, deviceNo, epoch, filterNo, events.length, receivedMs, surfaces, heads, payloads]
}

/** Nearly all rounds bring news only; and so does the packing of rows that are older than the marks. */
const insertNews = bulkInsert({ into: 'observe_event_pack', columns: packColumns, cells: packCells })

const insertMarked = bulkInsert({
  into: 'observe_event_pack',
  columns: { ...packColumns, retold: 'bytes?' },
  cells: (placed: Placed) => [...packCells(placed), markEvents(placed.events, placed.retold ?? none)],
})

const upsertFilters = bulkInsert({
  into: 'observe_event_filter',
  columns: { device_no: 'int', filter_no: 'int', tenant_id: 'text', key_count: 'int', filter: 'bytes' },
  onConflict: { on: ['device_no', 'filter_no'], update: ['key_count', 'filter'] },
  cells: ({ device, filter }: { device: EventBatch['device']; filter: KeyFilter }) => [
    device.deviceNo,
    filter.filterNo,
    device.tenantId,
    filter.keyCount,
    filter.bits,
  ],
})

/** The filter that takes so many more keys: the device's last, or a new one behind it. */
const filterFor = (filters: KeyFilter[], keys: number): KeyFilter => {
  const last = filters.at(-1)
  if (last !== undefined && last.keyCount + keys <= mostKeys) return last
  const fresh = { filterNo: (last?.filterNo ?? 0) + 1, keyCount: 0, bits: new Uint8Array(filterBytes) }
  filters.push(fresh)
  return fresh
}

/** None of the events may be stored already. */
export const storeEvents = async (tx: Db, batches: readonly EventBatch[]): Promise<void> => {
  const placed: Placed[] = []
  const grown = new Map<KeyFilter, EventBatch['device']>()
  for (const { device, epoch, receivedMs, events: all, retold = none, filters } of batches)
    for (let from = 0; from < all.length; from += mostInPack) {
      const events = all.slice(from, from + mostInPack)
      const filter = filterFor(filters, events.length)
      const keyBits = bitsOf(events.map(({ eventKey }) => eventKey))
      for (const place of events.keys()) addKey(filter.bits, keyBits, place)
      filter.keyCount += events.length
      grown.set(filter, device)
      placed.push({ device, epoch, receivedMs, events, retold, filterNo: filter.filterNo })
    }
  const isAllNews = batches.every(({ retold = none }) => retold.size === 0)
  await (isAllNews ? insertNews : insertMarked)(tx, placed)
  await upsertFilters(
    tx,
    [...grown].map(([filter, device]) => ({ device, filter })),
  )
}

/** Ids of a device that may be stored, and the filter that says so. */
interface Suspects {
  readonly deviceNo: number
  readonly filterNo: number
  readonly keys: readonly Uint8Array[]
}

export interface FoundEvent extends Omit<EventHead, 'index' | 'payloadStart' | 'payloadEnd'> {
  readonly payload: Uint8Array
}

export interface Question {
  readonly deviceNo: number
  readonly filters: readonly KeyFilter[]
  readonly keys: readonly Uint8Array[]
  /** Those of the keys. */
  readonly keyBits: KeyBits
}

/** A key as a name in maps and sets. */
export const nameOfKey = (key: Uint8Array): string =>
  Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')

const suspectsOf = ({ deviceNo, filters, keys, keyBits }: Question): readonly Suspects[] =>
  filters.flatMap(({ filterNo, bits }) => {
    const suspects = mayHold(bits, keyBits)
    return suspects.length === 0
      ? []
      : [{ deviceNo, filterNo, keys: suspects.map((place) => keys[place] as Uint8Array) }]
  })

/** For each question in order, the stored events of its device that have one of its keys, by `nameOfKey`. */
export const findEvents = async (
  tx: Tx,
  questions: readonly Question[],
): Promise<readonly ReadonlyMap<string, FoundEvent>[]> => {
  const found = questions.map(() => new Map<string, FoundEvent>())
  for (const [index, question] of questions.entries())
    for (const suspects of suspectsOf(question))
      await findInPacks(tx, suspects, found[index] as Map<string, FoundEvent>)
  return found
}

const findInPacks = async (
  tx: Tx,
  { deviceNo, filterNo, keys }: Suspects,
  found: Map<string, FoundEvent>,
): Promise<void> => {
  const packs = await withEvents(tx)
    .selectFrom('observe_event_pack')
    .select(['pack_no', 'surfaces', 'heads'])
    .where('device_no', '=', deviceNo)
    .where('filter_no', '=', filterNo)
    .execute()
  for (const pack of packs) {
    // Unpacking is dear, and what a filter takes for its own by chance is in none of its packs.
    const bytes = Buffer.from(pack.heads.buffer, pack.heads.byteOffset, pack.heads.byteLength)
    if (!keys.some((key) => bytes.includes(key))) continue
    const names = new Set(keys.map(nameOfKey))
    const heads = unpackHeads(pack).filter(({ eventKey }) => names.has(nameOfKey(eventKey)))
    if (heads.length === 0) continue
    const { payloads } = await withEvents(tx)
      .selectFrom('observe_event_pack')
      .select('payloads')
      .where('pack_no', '=', pack.pack_no)
      .executeTakeFirstOrThrow()
    for (const head of heads)
      found.set(nameOfKey(head.eventKey), { ...head, payload: payloads.subarray(head.payloadStart, head.payloadEnd) })
  }
}

/** Whether the event at that place of a pack only says what was known. */
export interface EventMark {
  readonly packNo: number
  readonly index: number
  readonly isMarked: boolean
}

/** An event as it is read back. */
export interface ReadBack extends FoundEvent {
  readonly place: Omit<EventMark, 'isMarked'>
  readonly epoch: number
  readonly receivedMs: number
}

const packsAtOnce = 32

/** Every kept event of a device, pack by pack in the order they came. */
export async function* eventsOfDevice(db: Db, deviceNo: number): AsyncGenerator<ReadBack> {
  for (let afterNo = 0; ; ) {
    const packs = await withEvents(db)
      .selectFrom('observe_event_pack')
      .select(['pack_no', 'epoch', 'received_ms', 'surfaces', 'heads', 'payloads'])
      .where('device_no', '=', deviceNo)
      .where('pack_no', '>', afterNo)
      .orderBy('pack_no')
      .limit(packsAtOnce)
      .execute()
    for (const { epoch, received_ms, payloads, ...pack } of packs)
      for (const head of unpackHeads(pack))
        yield {
          ...head,
          place: { packNo: pack.pack_no, index: head.index },
          payload: payloads.subarray(head.payloadStart, head.payloadEnd),
          epoch,
          receivedMs: received_ms,
        }
    const last = packs.at(-1)
    if (packs.length < packsAtOnce || last === undefined) return
    afterNo = last.pack_no
  }
}

/** For events whose turn was misjudged, because others before them were still to come. */
export const rewriteMarks = async (tx: Tx, marks: readonly EventMark[]): Promise<void> => {
  const byPack = Map.groupBy(marks, ({ packNo }) => packNo)
  const packs = await withEvents(tx)
    .selectFrom('observe_event_pack')
    .select(['pack_no', 'event_count', 'retold'])
    .where(amongListed(tx, 'pack_no', [...byPack.keys()]))
    .execute()
  for (const { pack_no: packNo, event_count: count, retold: before } of packs) {
    const retold = withMarks(before, count, byPack.get(packNo) ?? [])
    if (Buffer.compare(retold ?? nothing, before ?? nothing) !== 0)
      await withEvents(tx).updateTable('observe_event_pack').set({ retold }).where('pack_no', '=', packNo).execute()
  }
}

const nothing = new Uint8Array()

/** Lets go of the filters of these devices whose events have all gone; no sync of theirs comes in between. */
export const dropFilters = async (tx: Tx, deviceNos: readonly number[]): Promise<void> => {
  if (deviceNos.length === 0) return
  await lockDevices(tx, engineOf(tx), deviceNos)
  await withEvents(tx)
    .deleteFrom('observe_event_filter')
    .where(amongListed(tx, 'device_no', deviceNos))
    .where(
      sql<boolean>`not exists (select 1 from observe_event_pack as pack
        where pack.device_no = observe_event_filter.device_no and pack.filter_no = observe_event_filter.filter_no)`,
    )
    .execute()
}
