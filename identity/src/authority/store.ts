// Rows of identity_authority: the public half of every authority and its state.
// Private halves are key-file.ts.
import type { Kysely } from 'kysely'
import type { AuthorityState, IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

export interface AuthorityRow {
  readonly authority_no: number
  readonly authority_id: string
  readonly state: AuthorityState
  readonly certificate_pem: string
  readonly expires_ms: number
}

/** In the order they were made. */
export const loadAuthorities = (db: Db): Promise<readonly AuthorityRow[]> =>
  db
    .selectFrom('identity_authority')
    .select(['authority_no', 'authority_id', 'state', 'certificate_pem', 'expires_ms'])
    .orderBy('authority_no')
    .execute()

export const insertAuthority = async (
  tx: Db,
  row: { authority_id: string; certificate_pem: string; expires_ms: number },
): Promise<number> => {
  const inserted = await tx
    .insertInto('identity_authority')
    .values({ ...row, state: 'current' })
    .returning('authority_no')
    .executeTakeFirstOrThrow()
  return inserted.authority_no
}

/** What was current is trusted from now on. */
export const demoteCurrent = async (tx: Db): Promise<void> => {
  await tx.updateTable('identity_authority').set({ state: 'trusted' }).where('state', '=', 'current').execute()
}

export const promoteAuthority = async (tx: Db, authorityNo: number): Promise<number> => {
  await tx.updateTable('identity_authority').set({ state: 'current' }).where('authority_no', '=', authorityNo).execute()
  return authorityNo
}

export const retireAuthority = async (tx: Db, authorityNo: number, nowMs: number): Promise<void> => {
  await tx
    .updateTable('identity_authority')
    .set({ state: 'retired', retired_ms: nowMs })
    .where('authority_no', '=', authorityNo)
    .execute()
}
