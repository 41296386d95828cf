// Counts by the hour: of events as the tallies took them in, of those still to be counted, and of findings by an index.
// What was purged since still counts: it did come. When the tallies count is tally/.
import type { Severity } from '@muster/contract'
import type { Db, Tx } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { type ActivityWindow, type Counted, type CountedFindings, hourMs } from './decide.ts'

interface ActivityTables {
  observe_activity: { tenant_id: string; hour_ms: number; events: number }
}

const withActivity = (db: Db): Kysely<ActivityTables> => db

type Window = Pick<ActivityWindow, 'fromMs' | 'endMs'>

export interface HourCount extends Counted {
  readonly tenantId: string
}

/** Where the hour of a moment begins. */
export const hourOf = (column: string) => sql`${sql.ref(column)} - ${sql.ref(column)} % ${sql.lit(hourMs)}`

export const addHours = async (tx: Tx, counts: readonly HourCount[]): Promise<void> => {
  for (const { tenantId, atMs, count } of counts)
    await withActivity(tx)
      .insertInto('observe_activity')
      .values({ tenant_id: tenantId, hour_ms: atMs, events: count })
      .onConflict((conflict) =>
        conflict.columns(['tenant_id', 'hour_ms']).doUpdateSet({ events: sql`observe_activity.events + ${count}` }),
      )
      .execute()
}

export const loadHours = async (db: Db, tenantId: string, { fromMs, endMs }: Window): Promise<readonly Counted[]> => {
  const rows = await withActivity(db)
    .selectFrom('observe_activity')
    .select(['hour_ms', 'events'])
    .where('tenant_id', '=', tenantId)
    .where('hour_ms', '>=', fromMs)
    .where('hour_ms', '<', endMs)
    .execute()
  return rows.map((row) => ({ atMs: row.hour_ms, count: row.events }))
}

interface Looked {
  readonly counts: readonly Counted[]
  /** Whether all of the rows could be looked at. */
  readonly isWhole: boolean
}

/** Packs of events looked at for one answer, where nothing is kept. */
const mostLooked = { tail: 250_000, devices: 50_000 } as const

const countByHour = async (
  db: Db,
  rows: ReturnType<typeof sql>,
  { fromMs, endMs }: Window,
): Promise<Looked['counts']> => {
  const counted = await sql<{ at_ms: number; count: number }>`select ${hourOf('received_ms')} as at_ms,
    sum(event_count) as count from (${rows}) as looked where received_ms >= ${fromMs} and received_ms < ${endMs}
    group by ${hourOf('received_ms')}`.execute(db)
  return counted.rows.map((row) => ({ atMs: row.at_ms, count: row.count }))
}

const countRows = async (db: Db, rows: ReturnType<typeof sql>): Promise<number> => {
  const counted = await sql<{ count: number }>`select count(*) as count from (${rows}) as looked`.execute(db)
  return counted.rows[0]?.count ?? 0
}

/** Events of the tenant above the mark of the tallies. */
export const loadTail = async (db: Db, tenantId: string, throughNo: number, window: Window): Promise<Looked> => {
  const looked = sql`select tenant_id, received_ms, event_count from observe_event_pack where pack_no > ${throughNo}
    order by pack_no limit ${sql.lit(mostLooked.tail)}`
  const own = sql`select received_ms, event_count from (${looked}) as tail where tenant_id = ${tenantId}`
  const [counts, lookedAt] = await Promise.all([countByHour(db, own, window), countRows(db, looked)])
  return { counts, isWhole: lookedAt < mostLooked.tail }
}

/** Nothing is kept for some devices of a tenant: their events are looked at, and no more of them than take a moment. */
export const loadOfDevices = async (db: Db, deviceNos: readonly number[], window: Window): Promise<Looked> => {
  const own = sql`select received_ms, event_count from observe_event_pack where ${amongDevices(db, 'device_no', deviceNos)}
    limit ${sql.lit(mostLooked.devices)}`
  const [counts, lookedAt] = await Promise.all([countByHour(db, own, window), countRows(db, own)])
  return { counts, isWhole: lookedAt < mostLooked.devices }
}

/** Findings by the hour in which they were first observed; `deviceNos` undefined for the whole tenant. */
export const loadFindings = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
  { fromMs, endMs }: Window,
): Promise<readonly CountedFindings[]> => {
  const isCounted = deviceNos === undefined ? sql`1 = 1` : amongDevices(db, 'device_no', deviceNos)
  const { rows } = await sql<{ at_ms: number; severity: Severity; count: number }>`
    select ${hourOf('first_observed_ms')} as at_ms, severity, count(*) as count from observe_finding
    where tenant_id = ${tenantId} and first_observed_ms >= ${fromMs} and first_observed_ms < ${endMs} and ${isCounted}
    group by ${hourOf('first_observed_ms')}, severity`.execute(db)
  return rows.map((row) => ({ atMs: row.at_ms, severity: row.severity, count: row.count }))
}
