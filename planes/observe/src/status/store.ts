// What the plane holds for a tenant, in numbers; those of the biggest tables are kept, not counted (tally/).
// Devices by liveness are identity's to count.
import type { Severity } from '@muster/contract'
import { SEVERITIES } from '@muster/contract'
import type { Db } from '@muster/storage'
import { withInventory } from '../tables.ts'
import type { Tallies } from '../tally/tally.ts'

export interface ObserveCounts {
  readonly events: number
  readonly lastReceivedMs: number | null
  readonly deadLetters: number
  /** Whether the two are exact; otherwise there are at least so many. */
  readonly isExact: boolean
  readonly refusingPolicy: number
  readonly openFindings: Record<Severity, number>
}

export const countObserved = async (db: Db, tallies: Pick<Tallies, 'of'>, tenantId: string): Promise<ObserveCounts> => {
  const tables = withInventory(db)
  const [events, last, deadLetters, refusing, findings] = await Promise.all([
    tallies.of(tenantId, 'event'),
    tables
      .selectFrom('observe_sync')
      .select(({ fn }) => fn.max('received_ms').as('received_ms'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirst(),
    tallies.of(tenantId, 'deadLetter'),
    tables
      .selectFrom('observe_sensor')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .where('refused_generation', 'is not', null)
      .executeTakeFirstOrThrow(),
    tables
      .selectFrom('observe_finding')
      .select(({ fn }) => ['severity', fn.countAll<number>().as('count')])
      .where('tenant_id', '=', tenantId)
      .where('state', '=', 'open')
      .groupBy('severity')
      .execute(),
  ])
  const countOf = (severity: Severity): number => findings.find((row) => row.severity === severity)?.count ?? 0
  return {
    events: events.count,
    lastReceivedMs: last?.received_ms ?? null,
    deadLetters: deadLetters.count,
    isExact: events.isExact && deadLetters.isExact,
    refusingPolicy: refusing.count,
    openFindings: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<
      Severity,
      number
    >,
  }
}
