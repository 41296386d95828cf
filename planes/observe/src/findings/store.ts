// The rows of findings: grouped as they arrive, listed for operators.
// Grouping itself is decided in decide.ts.
import { ID_PREFIX, type ReportedFinding, type Severity } from '@muster/contract'
import { newId, sha256Bytes } from '@muster/kernel'
import { bulkFind, bulkInsert, type Tx } from '@muster/storage'
import { type Finding, groupHit, groupTextOf } from './decide.ts'

export interface Hit {
  readonly deviceNo: number
  readonly tenantId: string
  readonly observedMs: number
  readonly finding: ReportedFinding
}

const keyColumns = { device_no: 'int', group_key: 'bytes' } as const

const changing = {
  title: 'text',
  rationale: 'text',
  severity: 'text',
  item_name: 'text',
  evidence: 'text',
  count: 'int',
  first_observed_ms: 'int',
  last_observed_ms: 'int',
  state: 'text',
  resolution: 'text?',
  resolved_ms: 'int?',
  resolved_by: 'text?',
  reopen_count: 'int',
  transitions: 'int',
} as const

const findGroups = bulkFind({
  from: 'observe_finding',
  select: { finding_id: 'text', ...changing },
  where: keyColumns,
})

const upsertFindings = bulkInsert({
  into: 'observe_finding',
  columns: {
    finding_id: 'text',
    tenant_id: 'text',
    ...keyColumns,
    surface: 'text',
    item_id: 'text',
    rule_id: 'text',
    ...changing,
  },
  onConflict: {
    on: ['device_no', 'group_key'],
    update: Object.keys(changing) as (keyof typeof changing)[],
  },
})

interface Group {
  readonly findingId: string
  readonly groupKey: Uint8Array
  readonly first: Hit
  finding: Finding | undefined
}

/** Counts every hit into its finding; hits of one group may come together, in any order. */
export const storeHits = async (tx: Tx, hits: readonly Hit[]): Promise<void> => {
  if (hits.length === 0) return
  const groups = await loadGroups(tx, hits)
  for (const hit of hits) {
    const group = groups.get(groupNameOf(hit)) as Group
    group.finding = groupHit(group.finding, hit.finding, hit.observedMs)
  }
  await upsertFindings(tx, [...groups.values()].map(toRow))
}

const groupNameOf = (hit: Hit): string => `${hit.deviceNo}${groupTextOf(hit.finding, 'agent')}`

const loadGroups = async (tx: Tx, hits: readonly Hit[]): Promise<ReadonlyMap<string, Group>> => {
  const firsts = [...new Map(hits.map((hit) => [groupNameOf(hit), hit])).values()]
  const keys = firsts.map((hit) => ({
    device_no: hit.deviceNo,
    group_key: sha256Bytes(groupTextOf(hit.finding, 'agent')).subarray(0, 16),
  }))
  const rows = await findGroups(tx, keys)
  return new Map(
    firsts.map((first, index) => {
      const row = rows[index]
      const groupKey = keys[index]?.group_key as Uint8Array
      const group: Group = {
        findingId: row?.finding_id ?? newId(ID_PREFIX.finding),
        groupKey,
        first,
        finding: row === undefined ? undefined : toFinding(row),
      }
      return [groupNameOf(first), group]
    }),
  )
}

type FindingRow = NonNullable<Awaited<ReturnType<typeof findGroups>>[number]>

const toFinding = (row: FindingRow): Finding => ({
  title: row.title,
  rationale: row.rationale,
  severity: row.severity as Severity,
  itemName: row.item_name,
  evidence: JSON.parse(row.evidence) as Finding['evidence'],
  count: row.count,
  firstObservedMs: row.first_observed_ms,
  lastObservedMs: row.last_observed_ms,
  state: row.state as Finding['state'],
  resolution: row.resolution as Finding['resolution'],
  resolvedMs: row.resolved_ms,
  resolvedBy: row.resolved_by,
  reopenCount: row.reopen_count,
  transitions: row.transitions,
})

const toRow = ({ findingId, groupKey, first, finding }: Group) => {
  const held = finding as Finding
  return {
    finding_id: findingId,
    tenant_id: first.tenantId,
    device_no: first.deviceNo,
    group_key: groupKey,
    surface: first.finding.surface,
    item_id: first.finding.itemId,
    rule_id: first.finding.ruleId,
    title: held.title,
    rationale: held.rationale,
    severity: held.severity,
    item_name: held.itemName,
    evidence: JSON.stringify(held.evidence),
    count: held.count,
    first_observed_ms: held.firstObservedMs,
    last_observed_ms: held.lastObservedMs,
    state: held.state,
    resolution: held.resolution,
    resolved_ms: held.resolvedMs,
    resolved_by: held.resolvedBy,
    reopen_count: held.reopenCount,
    transitions: held.transitions,
  }
}
