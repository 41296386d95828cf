// The tables of raw events. They took the place of one row for each event, which are packed here.
// What the rows mean is store.ts.

import { EVENT_KINDS, type EventKind } from '@muster/contract'
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { EVENT_BODIES, type EventBody, mostInPack } from './pack.ts'
import { type EventBatch, type KeyFilter, loadFilters, storeEvents } from './store.ts'

// biome-ignore format: one line reads better
type Db = Kysely<any>

const createTables = async (db: Db, engine: Engine): Promise<void> => {
  const { key, int, text, bytes } = columnTypes(engine)
  // Packs go oldest first, so SQLite need not remember the highest number ever given.
  const packKey = engine === 'sqlite' ? sql`integer primary key` : key
  await sql`create table observe_event_pack (
    pack_no ${packKey},
    tenant_id ${text} not null,
    device_no ${int} not null,
    epoch ${int} not null,
    filter_no ${int} not null,
    event_count ${int} not null,
    received_ms ${int} not null,
    surfaces ${text} not null,
    heads ${bytes} not null,
    payloads ${bytes} not null
  )`.execute(db)
  await sql`create index observe_event_pack_device on observe_event_pack (device_no, filter_no, pack_no)`.execute(db)
  await sql`create table observe_event_filter (
    device_no ${int} not null,
    filter_no ${int} not null,
    tenant_id ${text} not null,
    key_count ${int} not null,
    filter ${bytes} not null,
    primary key (device_no, filter_no)
  ) ${engine === 'sqlite' ? sql`without rowid` : sql``}`.execute(db)
}

interface EventRow {
  readonly event_no: number
  readonly tenant_id: string
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

const isTogether = (left: EventRow, right: EventRow): boolean =>
  left.device_no === right.device_no && left.epoch === right.epoch && left.received_ms === right.received_ms

/** Rows that came one after the other in one batch, as that batch. */
const toBatches = (rows: readonly EventRow[], filters: Map<number, KeyFilter[]>): readonly EventBatch[] => {
  const runs: EventRow[][] = []
  for (const row of rows) {
    const run = runs.at(-1)
    if (run !== undefined && isTogether(run[0] as EventRow, row)) run.push(row)
    else runs.push([row])
  }
  return runs.map((run) => {
    const [{ tenant_id: tenantId, device_no: deviceNo, epoch, received_ms: receivedMs }] = run as [EventRow]
    const ofDevice = filters.get(deviceNo) ?? []
    filters.set(deviceNo, ofDevice)
    return { device: { tenantId, deviceNo }, epoch, receivedMs, filters: ofDevice, events: run.map(toPacked) }
  })
}

const toPacked = (row: EventRow) => ({
  eventKey: row.event_key,
  sequence: row.sequence,
  surface: row.surface,
  kind: EVENT_KINDS[row.kind] as EventKind,
  body: EVENT_BODIES[row.body] as EventBody,
  observedMs: row.observed_ms,
  collectedMs: row.collected_ms,
  payload: row.payload,
})

/** Packed in a fraction of a second. */
const rowsAtOnce = mostInPack * 8

/** Packs the oldest rows; false when there were none. */
const packRows = async (db: Db): Promise<boolean> => {
  const { rows } = await sql<EventRow>`select * from observe_event order by event_no limit ${rowsAtOnce}`.execute(db)
  const last = rows.at(-1)
  if (last === undefined) return false
  const deviceNos = [...new Set(rows.map(({ device_no }) => device_no))]
  const loaded = await loadFilters(db, deviceNos)
  const filters = new Map(deviceNos.map((deviceNo, index) => [deviceNo, loaded[index] as KeyFilter[]]))
  await storeEvents(db, toBatches(rows, filters))
  await sql`delete from observe_event where event_no <= ${last.event_no}`.execute(db)
  return true
}

export const eventMigrations: readonly Migration[] = [
  { name: 'events_001_packs', up: createTables },
  {
    name: 'events_002_packed',
    async up(db) {
      if (await packRows(db)) return 'more'
      await sql`drop table observe_event`.execute(db)
      // Everything that is left is counted anew, in packs; of what is gone the hours stay as they were counted.
      await sql`delete from observe_activity
        where hour_ms > (select min(received_ms) from observe_event_pack) - 3600000`.execute(db)
      await sql`delete from observe_tally where kind = 'event'`.execute(db)
      await sql`update observe_tally_mark set through_no = 0 where kind = 'event'`.execute(db)
      return undefined
    },
  },
  {
    name: 'events_003_retold',
    up: async (db, engine) => {
      await db.schema.alterTable('observe_event_pack').addColumn('retold', columnTypes(engine).bytes).execute()
    },
  },
]
