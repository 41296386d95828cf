// The SQL of generations: the bytes that were published, and which of them are in force; always within a tenant.
// Which bytes get a generation of their own is decided in decide.ts.
import { type Kysely, sql, type Transaction } from 'kysely'
import type { DroppedRule } from './bundle/compile.ts'
import type { GenerationInForce } from './decide.ts'
import type { PolicyTables } from './tables.ts'

type PolicyDb = Kysely<PolicyTables>
type PolicyTx = Transaction<PolicyTables>

export interface GenerationRow {
  readonly number: number
  readonly generation: string
  readonly policy_no: number
  readonly policy_id: string
  readonly revision_no: number
  readonly revision_id: string
  readonly published_at_change: number
  readonly capability_set: string
  readonly sha256: string
  readonly byte_count: number
  readonly dropped_rules: string
  readonly published_by: string
  readonly published_ms: number
}

const selectGenerations = (db: PolicyDb, tenantId: string) =>
  db
    .selectFrom('observe_generation as generation')
    .innerJoin('observe_policy as policy', 'policy.policy_no', 'generation.policy_no')
    .innerJoin('observe_revision as revision', 'revision.revision_no', 'generation.revision_no')
    .where('generation.tenant_id', '=', tenantId)
    .select([
      'generation.number',
      'generation.generation',
      'generation.policy_no',
      'policy.policy_id',
      'generation.revision_no',
      'revision.revision_id',
      'generation.published_at_change',
      'generation.capability_set',
      'generation.sha256',
      sql<number>`length(generation.bundle)`.as('byte_count'),
      'generation.dropped_rules',
      'generation.published_by',
      'generation.published_ms',
    ])

/** Newest first, of one policy or of all; one more than the limit. */
export const loadGenerations = (
  db: PolicyDb,
  tenantId: string,
  policyId: string | undefined,
  limit: number,
  before: number | null,
): Promise<readonly GenerationRow[]> => {
  let query = selectGenerations(db, tenantId)
    .orderBy('generation.number', 'desc')
    .limit(limit + 1)
  if (policyId !== undefined) query = query.where('policy.policy_id', '=', policyId)
  if (before !== null) query = query.where('generation.number', '<', before)
  return query.execute()
}

/** The number in a label such as `g12-0123456789ab`; 0, which no generation has, for any other text. */
export const numberOf = (generation: string): number => Number(/^g([1-9]\d{0,14})-/.exec(generation)?.[1] ?? 0)

export const loadGeneration = (db: PolicyDb, tenantId: string, number: number, generation: string) =>
  selectGenerations(db, tenantId)
    .where('generation.number', '=', number)
    .where('generation.generation', '=', generation)
    .select('generation.bundle')
    .executeTakeFirst()

/** What was in force for each capability set of a policy right after a change of the tenant. */
export const loadBundlesAt = async (db: PolicyDb, tenantId: string, policyNo: number, change: number) => {
  const newest = db
    .selectFrom('observe_generation')
    .where('policy_no', '=', policyNo)
    .where('published_at_change', '<=', change)
    .groupBy('capability_set')
    .select((select) => select.fn.max('number').as('number'))
  return selectGenerations(db, tenantId)
    .where('generation.number', 'in', newest)
    .select('generation.bundle')
    .orderBy('generation.number')
    .execute()
}

const selectInForce = (db: PolicyDb) =>
  db
    .selectFrom('observe_bundle as bundle')
    .innerJoin('observe_generation as generation', (join) =>
      join.onRef('generation.tenant_id', '=', 'bundle.tenant_id').onRef('generation.number', '=', 'bundle.number'),
    )
    .select(['bundle.capability_set', 'generation.number', 'generation.generation', 'generation.sha256'])

/** By capability set. */
export const loadInForce = async (
  db: PolicyDb,
  policyNo: number,
): Promise<ReadonlyMap<string, GenerationInForce & { readonly bundle: Uint8Array }>> => {
  const rows = await selectInForce(db).where('bundle.policy_no', '=', policyNo).select('generation.bundle').execute()
  return new Map(rows.map(({ capability_set, ...inForce }) => [capability_set, inForce]))
}

/** Numbers of the policies of a tenant that anything was published of. */
export const loadPublishedNos = async (db: PolicyDb, tenantId: string): Promise<ReadonlySet<number>> => {
  const rows = await db
    .selectFrom('observe_bundle')
    .where('tenant_id', '=', tenantId)
    .select('policy_no')
    .distinct()
    .execute()
  return new Set(rows.map((row) => row.policy_no))
}

export interface InForceRow {
  readonly policy_no: number
  readonly policy_id: string
  readonly capability_set: string
  readonly generation: string
  readonly bundle: Uint8Array
}

/** Of every policy of a tenant that is assigned to anybody. */
export const loadAllInForce = (db: PolicyDb, tenantId: string): Promise<readonly InForceRow[]> =>
  selectInForce(db)
    .innerJoin('observe_policy as policy', 'policy.policy_no', 'bundle.policy_no')
    .where('bundle.tenant_id', '=', tenantId)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('observe_assignment as assignment')
          .whereRef('assignment.tenant_id', '=', 'bundle.tenant_id')
          .whereRef('assignment.policy_no', '=', 'bundle.policy_no')
          .select('assignment.policy_no'),
      ),
    )
    .select(['policy.policy_no', 'policy.policy_id', 'generation.bundle'])
    .execute()

/** A bundle on its way into force. */
export interface PublishedBundle {
  readonly capabilitySet: string
  readonly sha256: string
  readonly bytes: Uint8Array
  readonly droppedRules: readonly DroppedRule[]
}

export interface NewGeneration {
  readonly tenantId: string
  readonly policyNo: number
  readonly revisionNo: number
  readonly change: number
  readonly number: number
  readonly generation: string
  readonly bundle: PublishedBundle
  readonly publishedBy: string
  readonly publishedMs: number
}

/** Keeps the bytes, and puts them in force for their policy and capability set. */
export const insertGeneration = async (tx: PolicyTx, row: NewGeneration): Promise<void> => {
  const { tenantId, policyNo, number, bundle } = row
  await tx
    .insertInto('observe_generation')
    .values({
      tenant_id: tenantId,
      number,
      generation: row.generation,
      policy_no: policyNo,
      revision_no: row.revisionNo,
      published_at_change: row.change,
      capability_set: bundle.capabilitySet,
      sha256: bundle.sha256,
      bundle: bundle.bytes,
      dropped_rules: JSON.stringify(bundle.droppedRules),
      published_by: row.publishedBy,
      published_ms: row.publishedMs,
    })
    .execute()
  await tx
    .insertInto('observe_bundle')
    .values({ policy_no: policyNo, capability_set: bundle.capabilitySet, tenant_id: tenantId, number })
    .onConflict((conflict) => conflict.columns(['policy_no', 'capability_set']).doUpdateSet({ number }))
    .execute()
  await tx
    .updateTable('observe_policy_tenant')
    .set({ last_number: number })
    .where('tenant_id', '=', tenantId)
    .where('last_number', '<', number)
    .execute()
}
