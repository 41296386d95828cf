// What the plane holds for a tenant, in numbers; those of the biggest tables are kept, not counted (tally/).
// Devices by liveness are identity's to count.
import type { Severity } from '@muster/contract'
import { SEVERITIES } from '@muster/contract'
import type { Db } from '@muster/storage'
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

/** `deviceNos`: which devices count; undefined for all of the tenant. */
export const countObserved = async (
  db: Db,
  tallies: Pick<Tallies, 'of'>,
  tenantId: string,
  deviceNos: readonly number[] | undefined,
): Promise<ObserveCounts> => {
  const tables = withInventory(db)
  const isCounted = deviceNos === undefined ? sql<boolean>`1 = 1` : amongDevices(db, 'device_no', deviceNos)
  const [events, last, refusing, findings] = await Promise.all([
    deviceNos === undefined ? talliedOf(tallies, tenantId) : countedOf(db, deviceNos),
    tables
      .selectFrom('observe_sync')
      .select(({ fn }) => fn.max('received_ms').as('received_ms'))
      .where('tenant_id', '=', tenantId)
      .where(isCounted)
      .executeTakeFirst(),
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
      .where('state', '=', 'open')
      .where(isCounted)
      .groupBy('severity')
      .execute(),
  ])
  const countOf = (severity: Severity): number => findings.find((row) => row.severity === severity)?.count ?? 0
  return {
    ...events,
    lastReceivedMs: last?.received_ms ?? null,
    refusingPolicy: refusing.count,
    openFindings: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<
      Severity,
      number
    >,
  }
}
