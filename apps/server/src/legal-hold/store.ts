// The rows of legal holds. They are never deleted: who kept what for how long stays on record.
// What a hold keeps is retention's to respect.
import type { listLegalHolds, QueryOf } from '@muster/contract'
import type { Storage } from '@muster/storage'
import type { Generated, Kysely, Selectable, Transaction } from 'kysely'

export interface LegalHoldTables {
  server_legal_hold: {
    hold_no: Generated<number>
    hold_id: string
    tenant_id: string
    /** Null for the whole tenant. */
    device_no: number | null
    device_id: string | null
    reason: string
    placed_by: string
    placed_ms: number
    released_by: string | null
    released_ms: number | null
  }
}

export type LegalHoldRow = Selectable<LegalHoldTables['server_legal_hold']>
export type NewLegalHold = Omit<LegalHoldRow, 'hold_no' | 'released_by' | 'released_ms'>

export const insertHold = (tx: Transaction<LegalHoldTables>, row: NewLegalHold): Promise<LegalHoldRow> =>
  tx.insertInto('server_legal_hold').values(row).returningAll().executeTakeFirstOrThrow()

export const loadHold = (
  db: Kysely<LegalHoldTables>,
  tenantId: string,
  holdId: string,
): Promise<LegalHoldRow | undefined> =>
  db
    .selectFrom('server_legal_hold')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('hold_id', '=', holdId)
    .executeTakeFirst()

/** Undefined when it was released already: the row itself settles a race. */
export const markReleased = (
  tx: Transaction<LegalHoldTables>,
  holdNo: number,
  by: { readonly released_by: string; readonly released_ms: number },
): Promise<LegalHoldRow | undefined> =>
  tx
    .updateTable('server_legal_hold')
    .set(by)
    .where('hold_no', '=', holdNo)
    .where('released_ms', 'is', null)
    .returningAll()
    .executeTakeFirst()

/** One more than `limit`, newest first. */
export const listHolds = (
  db: Kysely<LegalHoldTables>,
  tenantId: string,
  state: Required<QueryOf<typeof listLegalHolds>>['state'],
  { limit, after }: { readonly limit: number; readonly after: readonly [number] | undefined },
): Promise<readonly LegalHoldRow[]> => {
  let query = db.selectFrom('server_legal_hold').selectAll().where('tenant_id', '=', tenantId)
  if (state === 'active') query = query.where('released_ms', 'is', null)
  if (state === 'released') query = query.where('released_ms', 'is not', null)
  if (after !== undefined) query = query.where('hold_no', '<', after[0])
  return query
    .orderBy('hold_no', 'desc')
    .limit(limit + 1)
    .execute()
}

export interface ActiveHold {
  readonly tenantId: string
  readonly deviceNo: number | null
}

/** Of all tenants. */
export const loadActiveHolds = async (db: Storage<LegalHoldTables>['db']): Promise<readonly ActiveHold[]> => {
  const rows = await db
    .selectFrom('server_legal_hold')
    .select(['tenant_id', 'device_no'])
    .where('released_ms', 'is', null)
    .execute()
  return rows.map((row) => ({ tenantId: row.tenant_id, deviceNo: row.device_no }))
}
