// What the plane holds for a tenant, in numbers.
// Devices by liveness are identity's to count.
import type { Severity } from '@muster/contract'
import { SEVERITIES } from '@muster/contract'
import type { Db } from '@muster/storage'
import { withInventory } from '../tables.ts'

export interface ObserveCounts {
  readonly events: number
  readonly lastReceivedMs: number | null
  readonly deadLetters: number
  readonly refusingPolicy: number
  readonly openFindings: Record<Severity, number>
}

export const countObserved = async (db: Db, tenantId: string): Promise<ObserveCounts> => {
  const tables = withInventory(db)
  const [events, last, deadLetters, refusing, findings] = await Promise.all([
    tables
      .selectFrom('observe_event')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow(),
    tables
      .selectFrom('observe_sync')
      .select(({ fn }) => fn.max('received_ms').as('received_ms'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirst(),
    tables
      .selectFrom('observe_dead_letter')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow(),
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
    refusingPolicy: refusing.count,
    openFindings: Object.fromEntries(SEVERITIES.map((severity) => [severity, countOf(severity)])) as Record<
      Severity,
      number
    >,
  }
}
