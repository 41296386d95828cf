// What the plane holds for a tenant, in numbers; those of the biggest tables are kept, not counted (tally/).
// Devices by liveness are identity's to count.
import type { Severity } from '@muster/contract'
import { SEVERITIES } from '@muster/contract'
import { beyondTenants, type Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { withInventory } from '../tables.ts'
import { TALLIES, type Tallied } from '../tally/store.ts'
import type { Tallies, Tally } from '../tally/tally.ts'

export interface ObserveCounts {
  readonly events: number
  readonly lastReceivedMs: number | null
  readonly deadLetters: number
  /** Whether the two are exact; otherwise there are at least so many. */
  readonly isExact: boolean
  readonly refusingPolicy: number
  readonly openFindings: Record<Severity, number>
}

interface EventCounts {
  readonly events: number
  readonly deadLetters: number
  readonly isExact: boolean
}

const talliedOf = async (tallies: Pick<Tallies, 'of'>, tenantId: string): Promise<EventCounts> => {
  const [events, deadLetters] = await Promise.all([tallies.of(tenantId, 'event'), tallies.of(tenantId, 'deadLetter')])
  return { events: events.count, deadLetters: deadLetters.count, isExact: events.isExact && deadLetters.isExact }
}

/** Nothing is kept for some devices of a tenant: their rows are counted, and no more of them than take a moment. */
const mostCounted = 250_000

const countRows = async (db: Db, tallied: Tallied, deviceNos: readonly number[]): Promise<Tally> => {
  const { table, count } = TALLIES[tallied]
  const among = amongDevices(db, 'device_no', deviceNos)
  const { rows } = await sql<{ held: number | null; looked: number }>`select sum(held) as held, count(*) as looked
    from (select ${count} as held from ${sql.table(table)} where ${among} limit ${mostCounted}) as counted`.execute(db)
  return { count: rows[0]?.held ?? 0, isExact: (rows[0]?.looked ?? 0) < mostCounted }
}

const countedOf = async (db: Db, deviceNos: readonly number[]): Promise<EventCounts> => {
  const events = await countRows(db, 'event', deviceNos)
  const deadLetters = await countRows(db, 'deadLetter', deviceNos)
  return { events: events.count, deadLetters: deadLetters.count, isExact: events.isExact && deadLetters.isExact }
}

/** Among so many of the newest batches a tenant that sends anything has one. */
const newestPacks = 1000

/** When anything was last received; of a tenant that was silent for long, the last that was said at all. */
const lastReceivedMs = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
): Promise<number | null> => {
  if (deviceNos === undefined) {
    // Looks at everybody's newest and keeps its own: behind the wall it would look until it has as many of its own.
    const newest = await beyondTenants(() =>
      sql<{ received_ms: number }>`select received_ms from
      (select pack_no, tenant_id, received_ms from observe_event_pack order by pack_no desc limit ${newestPacks}) as newest
      where tenant_id = ${tenantId} order by pack_no desc limit 1`.execute(db),
    )
    if (newest.rows[0] !== undefined) return newest.rows[0].received_ms
  }
  const row = await withInventory(db)
    .selectFrom('observe_sync')
    .select(({ fn }) => fn.max('received_ms').as('received_ms'))
    .where('tenant_id', '=', tenantId)
    .where(countedAmong(db, deviceNos))
    .executeTakeFirst()
  return row?.received_ms ?? null
}

const countedAmong = (db: Db, deviceNos: readonly number[] | undefined) =>
  deviceNos === undefined ? sql<boolean>`1 = 1` : amongDevices(db, 'device_no', deviceNos)

/** `deviceNos`: which devices count; undefined for all of the tenant. */
export const countObserved = async (
  db: Db,
  tallies: Pick<Tallies, 'of'>,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
): Promise<ObserveCounts> => {
  const tables = withInventory(db)
  const isCounted = countedAmong(db, deviceNos)
  const [events, last, refusing, findings] = await Promise.all([
    deviceNos === undefined ? talliedOf(tallies, tenantId) : countedOf(db, deviceNos),
    lastReceivedMs(db, tenantId, deviceNos),
    tables
      .selectFrom('observe_sensor')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .where('refused_generation', 'is not', null)
      .where(isCounted)
      .executeTakeFirstOrThrow(),
    tables
      .selectFrom('observe_finding')
      .select(({ fn }) => ['severity', fn.countAll<number>().as('count')])
      .where('tenant_id', '=', tenantId)
      // Said outright, so that SQLite knows the index of open ones.
      .where(sql<boolean>`state = 'open'`)
      .where(isCounted)
      .groupBy('severity')
      .execute(),
  ])
  const countOf = (severity: Severity): number => findings.find((row) => row.severity === severity)?.count ?? 0
  return {
    ...events,
    lastReceivedMs: last,
    refusingPolicy: refusing.count,
    openFindings: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<
      Severity,
      number
    >,
  }
}
