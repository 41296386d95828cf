// Reads of findings, newest observation first.
// Writing them is store.ts; how a row becomes a finding is findings.ts.
import type { FindingState, Resolution, Severity } from '@muster/contract'
import type { Db } from '@muster/storage'
import { amongDevices } from '../among.ts'
import { withInventory } from '../tables.ts'

export interface FindingRow {
  readonly finding_no: number
  readonly finding_id: string
  readonly device_no: number
  readonly surface: string
  readonly item_id: string
  readonly item_name: string
  readonly rule_id: string
  readonly title: string
  readonly rationale: string
  readonly severity: Severity
  readonly evidence: string
  readonly count: number
  readonly first_observed_ms: number
  readonly last_observed_ms: number
  readonly state: FindingState
  readonly resolution: Resolution | null
  readonly resolved_ms: number | null
  readonly resolved_by: string | null
  readonly reopen_count: number
  readonly transitions: number
}

export interface FindingQuery {
  readonly tenantId: string
  /** Undefined for the whole tenant. */
  readonly deviceNos: readonly number[] | undefined
  readonly state: FindingState | undefined
  readonly severity: Severity | undefined
  readonly ruleId: string | undefined
  readonly surface: string | undefined
  readonly after: readonly [lastObservedMs: number, findingNo: number] | undefined
  readonly limit: number
}

/** One row more than the limit when there is more. */
export const listFindingRows = (db: Db, query: FindingQuery): Promise<readonly FindingRow[]> => {
  const { tenantId, deviceNos, state, severity, ruleId, surface, after, limit } = query
  let rows = withInventory(db)
    .selectFrom('observe_finding')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('last_observed_ms', 'desc')
    .orderBy('finding_no', 'desc')
    .limit(limit + 1)
  if (deviceNos !== undefined) rows = rows.where(amongDevices(db, 'device_no', deviceNos))
  if (state !== undefined) rows = rows.where('state', '=', state)
  if (severity !== undefined) rows = rows.where('severity', '=', severity)
  if (ruleId !== undefined) rows = rows.where('rule_id', '=', ruleId)
  if (surface !== undefined) rows = rows.where('surface', '=', surface)
  if (after !== undefined)
    rows = rows.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('last_observed_ms', 'finding_no'), '<', tuple(after[0], after[1])),
    )
  return rows.execute()
}

export const findFinding = (db: Db, tenantId: string, findingId: string): Promise<FindingRow | undefined> =>
  withInventory(db)
    .selectFrom('observe_finding')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('finding_id', '=', findingId)
    .executeTakeFirst()
