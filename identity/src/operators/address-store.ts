// Rows of identity_operator_address: from where each operator was heard, once for each place.
// What counts as one place is networks.ts.
import type { Insertable, Kysely } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

export const hasAddress = async (db: Db, tenantId: string, operatorId: string, address: string): Promise<boolean> => {
  const row = await db
    .selectFrom('identity_operator_address')
    .select('first_used_ms')
    .where('tenant_id', '=', tenantId)
    .where('operator_id', '=', operatorId)
    .where('address', '=', address)
    .executeTakeFirst()
  return row !== undefined
}

/** False when it was there; the primary key settles a race. */
export const insertAddress = async (
  tx: Db,
  row: Insertable<IdentityTables['identity_operator_address']>,
): Promise<boolean> => {
  const inserted = await tx
    .insertInto('identity_operator_address')
    .values(row)
    .onConflict((conflict) => conflict.columns(['tenant_id', 'operator_id', 'address']).doNothing())
    .returning('address')
    .execute()
  return inserted.length > 0
}

/** Those of tokens that were revoked or have ended. */
export const deleteEndedAddresses = async (tx: Db, nowMs: number): Promise<void> => {
  const ended = tx
    .selectFrom('identity_operator_token')
    .select('token_id')
    .where((eb) => eb.or([eb('revoked_ms', 'is not', null), eb('expires_ms', '<=', nowMs)]))
  await tx.deleteFrom('identity_operator_address').where('operator_id', 'in', ended).execute()
}
