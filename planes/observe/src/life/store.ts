// The SQL of endings: what is left to do, closing intervals, resolving findings, deleting what a device reported.
// In which order and how much at a time is endings.ts.
import type { LifeTurn } from '@muster/identity'
import { type Batch, type Db, engineOf, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import { dropFilters } from '../events/store.ts'
import type { HoldingChange } from '../holdings/decide.ts'
import { storeChanges } from '../holdings/store.ts'
import { TO_KINDS } from '../inventory/decide.ts'
import { noteLeaving } from '../sweep/store.ts'
import { lockDevices } from '../sync/store.ts'
import { type EndingPurpose, withInventory } from '../tables.ts'
import { type Gone, holdMark, TALLIES, type Tallied } from '../tally/store.ts'

export interface Ending {
  readonly endingNo: number
  readonly tenantId: string
  readonly deviceNo: number
  readonly deviceId: string
  readonly purpose: EndingPurpose
  readonly endedMs: number
  readonly askedMs: number
}

export type Counts = Readonly<Record<string, number>>

export const insertEnding = async (tx: Tx, turn: LifeTurn, purpose: EndingPurpose): Promise<void> => {
  await withInventory(tx)
    .insertInto('observe_ending')
    .values({
      tenant_id: turn.tenantId,
      device_no: turn.deviceNo,
      device_id: turn.deviceId,
      purpose,
      ended_ms: turn.throughMs,
      asked_ms: turn.atMs,
      counts: '{}',
    })
    .execute()
}

/** A device that came back before everything was closed keeps the rest open: it will say what is still there. */
export const dropClosing = async (tx: Tx, deviceNo: number): Promise<void> => {
  await withInventory(tx)
    .deleteFrom('observe_ending')
    .where('device_no', '=', deviceNo)
    .where('purpose', '=', 'close')
    .execute()
}

export const forgetCoverage = async (tx: Tx, deviceNo: number): Promise<void> => {
  await withInventory(tx).deleteFrom('observe_coverage').where('device_no', '=', deviceNo).execute()
}

/** In the order they were asked for. */
export const loadEndings = async (db: Db): Promise<readonly Ending[]> => {
  const rows = await withInventory(db).selectFrom('observe_ending').selectAll().orderBy('ending_no').execute()
  return rows.map((row) => ({
    endingNo: row.ending_no,
    tenantId: row.tenant_id,
    deviceNo: row.device_no,
    deviceId: row.device_id,
    purpose: row.purpose,
    endedMs: row.ended_ms,
    askedMs: row.asked_ms,
  }))
}

export const loadCounts = async (db: Db, endingNo: number): Promise<Counts> => {
  const row = await withInventory(db)
    .selectFrom('observe_ending')
    .select('counts')
    .where('ending_no', '=', endingNo)
    .executeTakeFirst()
  return row === undefined ? {} : (JSON.parse(row.counts) as Counts)
}

export const removeEnding = async (tx: Tx, endingNo: number): Promise<void> => {
  await withInventory(tx).deleteFrom('observe_ending').where('ending_no', '=', endingNo).execute()
}

/**
 * Holds the device and its ending until the transaction is over: no sync of it comes in between, and it does not begin
 * again. False when there is nothing left to do.
 */
export const holdEnding = async (tx: Tx, { endingNo, deviceNo }: Ending): Promise<boolean> => {
  await lockDevices(tx, engineOf(tx), [deviceNo])
  const held = await withInventory(tx)
    .updateTable('observe_ending')
    .set((eb) => ({ counts: eb.ref('counts') }))
    .where('ending_no', '=', endingNo)
    .returning('ending_no')
    .executeTakeFirst()
  return held !== undefined
}

export const addCount = async (tx: Tx, { endingNo }: Ending, noun: string, count: number): Promise<void> => {
  const counts = await loadCounts(tx, endingNo)
  await withInventory(tx)
    .updateTable('observe_ending')
    .set({ counts: JSON.stringify({ ...counts, [noun]: (counts[noun] ?? 0) + count }) })
    .where('ending_no', '=', endingNo)
    .execute()
}

/** Where the next batch of a walk over items goes on. */
export type Place = readonly [pathNo: number, labelNo: number]

const columns = sql.raw(
  'tenant_id, device_no, path_no, label_no, content_no, from_ms, from_order, from_baseline, confirmed_ms',
)
const retired = sql.lit(TO_KINDS.indexOf('device_retired'))

interface HeldRow {
  readonly path_no: number
  readonly label_no: number
  readonly content_no: number | null
}

/** What is no longer held, for the index that leads from contents to devices. */
const toLost =
  (deviceNo: number) =>
  ({ path_no, label_no, content_no }: HeldRow): HoldingChange[] =>
    content_no === null ? [] : [{ contentNo: content_no, deviceNo, pathNo: path_no, labelNo: label_no, held: false }]

/** Turns open intervals into closed ones, those after a place; an interval never ends before it began. */
export const closeIntervals = async (
  tx: Tx,
  { deviceNo, endedMs }: Ending,
  size: number,
  [pathNo, labelNo]: Place = [0, 0],
): Promise<Batch<Place>> => {
  const rest = sql`device_no = ${deviceNo} and content_no is not null and (path_no, label_no) > (${pathNo}, ${labelNo})`
  const { rows } = await sql<HeldRow>`select path_no, label_no, content_no from observe_present
    where ${rest} order by path_no, label_no limit ${size}`.execute(tx)
  const last = rows.at(-1)
  if (last === undefined) return { count: 0 }
  const these = sql`${rest} and (path_no, label_no) <= (${last.path_no}, ${last.label_no})`
  await sql`insert into observe_past (${columns}, to_ms, to_order, to_kind)
    select ${columns}, case when from_ms > ${endedMs} then from_ms else ${endedMs} end, last_order, ${retired}
    from observe_present where ${these}`.execute(tx)
  await sql`update observe_present set content_no = null where ${these}`.execute(tx)
  await storeChanges(tx, rows.flatMap(toLost(deviceNo)))
  return { count: rows.length, after: [last.path_no, last.label_no] }
}

export const resolveFindings = async (tx: Tx, { deviceNo, askedMs }: Ending, size: number): Promise<Batch<Place>> => {
  const tables = withInventory(tx)
  const open = tables
    .selectFrom('observe_finding')
    .select('finding_no')
    .where('device_no', '=', deviceNo)
    .where('state', '=', 'open')
    .limit(size)
  const resolved = await tables
    .updateTable('observe_finding')
    .set((eb) => ({
      state: 'resolved',
      resolution: 'device_retired',
      resolved_ms: askedMs,
      resolved_by: 'system',
      transitions: eb('transitions', '+', 1),
    }))
    .where('finding_no', 'in', open)
    .executeTakeFirst()
  return { count: Number(resolved.numUpdatedRows) }
}

/** Deletes rows of a device from a table that is tallied, and takes them off its tally. */
export const deleteTallied =
  (tallied: Tallied) =>
  async (tx: Tx, { deviceNo }: Ending, size: number): Promise<Batch<Place>> => {
    const { table, key, count } = TALLIES[tallied]
    const takeOff = await holdMark(tx, tallied)
    const these = sql`select ${sql.ref(key)} from ${sql.table(table)} where device_no = ${deviceNo} limit ${size}`
    const { rows } = await sql<Gone>`delete from ${sql.table(table)} where device_no = ${deviceNo}
      and ${sql.ref(key)} in (${these}) returning tenant_id as "tenantId", ${sql.ref(key)} as no, ${count} as count`.execute(
      tx,
    )
    await takeOff(rows)
    return { count: rows.reduce((sum, row) => sum + row.count, 0) }
  }

export const deleteEvents = async (tx: Tx, ending: Ending, size: number): Promise<Batch<Place>> => {
  const batch = await deleteTallied('event')(tx, ending, size)
  await dropFilters(tx, [ending.deviceNo])
  return batch
}

/** Deletes what is known of a device's items now. */
export const deleteItems = async (tx: Tx, { deviceNo }: Ending, size: number): Promise<Batch<Place>> => {
  const { rows } = await sql<HeldRow>`select path_no, label_no, content_no from observe_present
    where device_no = ${deviceNo} order by path_no, label_no limit ${size}`.execute(tx)
  const last = rows.at(-1)
  if (last === undefined) return { count: 0 }
  await sql`delete from observe_present where device_no = ${deviceNo}
    and (path_no, label_no) <= (${last.path_no}, ${last.label_no})`.execute(tx)
  await storeChanges(tx, rows.flatMap(toLost(deviceNo)))
  await noteLeaving(tx, rows)
  return { count: rows.length }
}

/** Deletes what was on a device once. */
export const deleteIntervals = async (tx: Tx, { deviceNo }: Ending, size: number): Promise<Batch<Place>> => {
  const { rows } = await sql<HeldRow>`delete from observe_past where device_no = ${deviceNo}
    and past_no in (select past_no from observe_past where device_no = ${deviceNo} limit ${size})
    returning path_no, label_no, content_no`.execute(tx)
  await noteLeaving(tx, rows)
  return { count: rows.length }
}

/** Deletes rows of a device from a table whose key, beside the device, is these columns. */
export const deleteReported =
  (table: string, key: readonly string[]) =>
  async (tx: Tx, { deviceNo }: Ending, size: number): Promise<Batch<Place>> => {
    const names = sql.join(key.map((name) => sql.ref(name)))
    const these = sql`select ${names} from ${sql.table(table)} where device_no = ${deviceNo} limit ${size}`
    const gone = await tx
      .deleteFrom(table)
      .where('device_no', '=', deviceNo)
      .where(sql<boolean>`(${names}) in (${these})`)
      .executeTakeFirst()
    return { count: Number(gone.numDeletedRows) }
  }
