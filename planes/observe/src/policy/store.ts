// The SQL of policies and their revisions, and the turn-taking of a tenant's changes; always within a tenant.
// Generations and assignments have files of their own.
import { serialize, type Tx } from '@muster/storage'
import { type Kysely, sql, type Transaction } from 'kysely'
import { BASE_CAPABILITY } from './bundle/capability.ts'
import type { PolicyTables, RevisionStatus } from './tables.ts'

export type PolicyDb = Kysely<PolicyTables>
export type PolicyTx = Transaction<PolicyTables>

export interface PolicyRow {
  readonly policy_no: number
  readonly policy_id: string
  readonly name: string
  readonly description: string
  readonly created_ms: number
  readonly latest_revision_id: string
  readonly published_revision_id: string | null
  readonly generation: string | null
  readonly version: number
}

const selectPolicies = (db: PolicyDb, tenantId: string) =>
  db
    .selectFrom('observe_policy as policy')
    .innerJoin('observe_revision as latest', (join) =>
      join.onRef('latest.policy_no', '=', 'policy.policy_no').onRef('latest.number', '=', 'policy.revision_count'),
    )
    .leftJoin('observe_revision as published', 'published.revision_no', 'policy.published_revision_no')
    .leftJoin('observe_bundle as bundle', (join) =>
      join.onRef('bundle.policy_no', '=', 'policy.policy_no').on('bundle.capability_set', '=', BASE_CAPABILITY.name),
    )
    .leftJoin('observe_generation as generation', (join) =>
      join.onRef('generation.tenant_id', '=', 'bundle.tenant_id').onRef('generation.number', '=', 'bundle.number'),
    )
    .where('policy.tenant_id', '=', tenantId)
    .select([
      'policy.policy_no',
      'policy.policy_id',
      'policy.name',
      'policy.description',
      'policy.created_ms',
      'policy.version',
      'latest.revision_id as latest_revision_id',
      'published.revision_id as published_revision_id',
      'generation.generation',
    ])

export const loadPolicy = (db: PolicyDb, tenantId: string, policyId: string): Promise<PolicyRow | undefined> =>
  selectPolicies(db, tenantId).where('policy.policy_id', '=', policyId).executeTakeFirst()

export const loadPolicyByName = (db: PolicyDb, tenantId: string, name: string): Promise<PolicyRow | undefined> =>
  selectPolicies(db, tenantId).where('policy.name', '=', name).executeTakeFirst()

/** By name; one more than the limit, so that the caller sees whether there are others. */
export const loadPolicies = (db: PolicyDb, tenantId: string, limit: number, after: string | null) => {
  const query = selectPolicies(db, tenantId)
    .orderBy('policy.name')
    .limit(limit + 1)
  return (after === null ? query : query.where('policy.name', '>', after)).execute()
}

export interface RevisionRow {
  readonly revision_no: number
  readonly revision_id: string
  readonly policy_no: number
  readonly policy_id: string
  readonly number: number
  readonly status: RevisionStatus
  readonly yaml: string
  readonly source_repository: string | null
  readonly source_commit: string | null
  readonly created_by: string
  readonly created_ms: number
}

const selectRevisions = (db: PolicyDb, tenantId: string) =>
  db
    .selectFrom('observe_revision as revision')
    .innerJoin('observe_policy as policy', 'policy.policy_no', 'revision.policy_no')
    .where('revision.tenant_id', '=', tenantId)
    .selectAll('revision')
    .select('policy.policy_id')

export const loadRevision = (db: PolicyDb, tenantId: string, revisionId: string): Promise<RevisionRow | undefined> =>
  selectRevisions(db, tenantId).where('revision.revision_id', '=', revisionId).executeTakeFirst()

/** Newest first; one more than the limit. */
export const loadRevisions = (
  db: PolicyDb,
  tenantId: string,
  policyNo: number,
  limit: number,
  before: number | null,
): Promise<readonly RevisionRow[]> => {
  const query = selectRevisions(db, tenantId)
    .where('revision.policy_no', '=', policyNo)
    .orderBy('revision.number', 'desc')
    .limit(limit + 1)
  return (before === null ? query : query.where('revision.number', '<', before)).execute()
}

/** The numbers of those policies that exist in the tenant. */
export const loadPolicyNos = async (
  db: PolicyDb,
  tenantId: string,
  policyIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (policyIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('observe_policy')
    .where('tenant_id', '=', tenantId)
    .where('policy_id', 'in', [...new Set(policyIds)])
    .select(['policy_id', 'policy_no'])
    .execute()
  return new Map(rows.map((row) => [row.policy_id, row.policy_no]))
}

/** How often each tenant's policies changed. */
export const loadChanges = (
  db: PolicyDb,
): Promise<readonly { readonly tenant_id: string; readonly changes: number }[]> =>
  db.selectFrom('observe_policy_tenant').select(['tenant_id', 'changes']).execute()

export interface TenantState {
  readonly lastNumber: number
  /** The number of the change that this transaction is making. */
  readonly change: number
}

/** Makes the changes of one tenant take turns, and numbers them; readers in memory look for a new number. */
export const beginChange = async (tx: Tx, tenantId: string): Promise<TenantState> => {
  const db: PolicyTx = tx
  await serialize(tx, `observe_policy ${tenantId}`)
  const row = await db
    .insertInto('observe_policy_tenant')
    .values({ tenant_id: tenantId, last_number: 0, changes: 1 })
    .onConflict((conflict) =>
      conflict.column('tenant_id').doUpdateSet({ changes: sql`observe_policy_tenant.changes + 1` }),
    )
    .returning(['last_number', 'changes'])
    .executeTakeFirstOrThrow()
  return { lastNumber: row.last_number, change: row.changes }
}

export interface NewRevision {
  readonly tenantId: string
  readonly revisionId: string
  readonly yaml: string
  readonly source: { readonly repository: string | null; readonly commit: string | null }
  readonly createdBy: string
  readonly createdMs: number
}

/** A new policy without revisions. */
export const insertPolicy = async (
  tx: PolicyTx,
  row: { readonly tenantId: string; readonly policyId: string; readonly name: string; readonly createdMs: number },
): Promise<number> => {
  const inserted = await tx
    .insertInto('observe_policy')
    .values({
      policy_id: row.policyId,
      tenant_id: row.tenantId,
      name: row.name,
      description: '',
      created_ms: row.createdMs,
      revision_count: 0,
      published_revision_no: null,
    })
    .returning('policy_no')
    .executeTakeFirstOrThrow()
  return inserted.policy_no
}

export const insertRevision = async (
  tx: PolicyTx,
  policyNo: number,
  description: string,
  revision: NewRevision,
): Promise<void> => {
  const { revision_count: number } = await tx
    .updateTable('observe_policy')
    .set({ description, revision_count: sql`revision_count + 1` })
    .where('policy_no', '=', policyNo)
    .returning('revision_count')
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('observe_revision')
    .values({
      revision_id: revision.revisionId,
      tenant_id: revision.tenantId,
      policy_no: policyNo,
      number,
      status: 'draft',
      yaml: revision.yaml,
      source_repository: revision.source.repository,
      source_commit: revision.source.commit,
      created_by: revision.createdBy,
      created_ms: revision.createdMs,
    })
    .execute()
}

export const loadVersion = async (tx: PolicyTx, policyNo: number): Promise<number> => {
  const row = await tx
    .selectFrom('observe_policy')
    .where('policy_no', '=', policyNo)
    .select('version')
    .executeTakeFirstOrThrow()
  return row.version
}

/** The revision becomes the published one of its policy, which has another version now; the one before it is archived. */
export const markPublished = async (tx: PolicyTx, policyNo: number, revisionNo: number): Promise<void> => {
  await tx
    .updateTable('observe_revision')
    .set({ status: 'archived' })
    .where('policy_no', '=', policyNo)
    .where('status', '=', 'published')
    .execute()
  await tx.updateTable('observe_revision').set({ status: 'published' }).where('revision_no', '=', revisionNo).execute()
  await tx
    .updateTable('observe_policy')
    .set({ published_revision_no: revisionNo, version: sql`version + 1` })
    .where('policy_no', '=', policyNo)
    .execute()
}
