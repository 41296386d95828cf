// The SQL of assignments: which policy goes to which group of a tenant.
// Which assignments can stand together is decided in decide.ts; what a group is belongs to identity.
import type { Db } from '@muster/storage'
import { type Kysely, sql, type Transaction } from 'kysely'
import type { Assigned } from './decide.ts'
import type { PolicyTables } from './tables.ts'

type PolicyDb = Kysely<PolicyTables>
type PolicyTx = Transaction<PolicyTables>

/** Highest priority first. */
export const loadAssigned = async (db: PolicyDb, tenantId: string) => {
  const rows = await db
    .selectFrom('observe_assignment as assignment')
    .innerJoin('observe_policy as policy', 'policy.policy_no', 'assignment.policy_no')
    .where('assignment.tenant_id', '=', tenantId)
    .orderBy('assignment.priority', 'desc')
    .select(['assignment.group_no', 'assignment.policy_no', 'assignment.priority', 'policy.policy_id'])
    .execute()
  return rows.map((row) => ({
    groupNo: row.group_no,
    policyNo: row.policy_no,
    priority: row.priority,
    policyId: row.policy_id,
  }))
}

/** Whether a group still has a policy; asked inside the transaction that would remove the group. */
export const isGroupAssigned = async (tx: Db, groupNo: number): Promise<boolean> => {
  const db: PolicyDb = tx
  const row = await db
    .selectFrom('observe_assignment')
    .where('group_no', '=', groupNo)
    .select('group_no')
    .executeTakeFirst()
  return row !== undefined
}

export const loadAssignmentsVersion = async (db: PolicyDb, tenantId: string): Promise<number> => {
  const row = await db
    .selectFrom('observe_policy_tenant')
    .where('tenant_id', '=', tenantId)
    .select('assignments_version')
    .executeTakeFirst()
  return row?.assignments_version ?? 0
}

/** Replaces them all, which makes another version of them; called within a change of the tenant. */
export const storeAssigned = async (tx: PolicyTx, tenantId: string, assigned: readonly Assigned[]): Promise<void> => {
  await tx
    .updateTable('observe_policy_tenant')
    .set({ assignments_version: sql`assignments_version + 1` })
    .where('tenant_id', '=', tenantId)
    .execute()
  await tx.deleteFrom('observe_assignment').where('tenant_id', '=', tenantId).execute()
  if (assigned.length === 0) return
  await tx
    .insertInto('observe_assignment')
    .values(
      assigned.map(({ groupNo, policyNo, priority }) => ({
        tenant_id: tenantId,
        group_no: groupNo,
        policy_no: policyNo,
        priority,
      })),
    )
    .execute()
}
