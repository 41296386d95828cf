// Rows of identity_session: which browsers signed in, with which credential, and when they were heard last.
// Which of them still open doors is decide.ts.
import { bulkUpdate } from '@muster/storage'
import type { Insertable, Kysely, Selectable } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
type Table = IdentityTables['identity_session']
export type SessionRow = Selectable<Table>

export const insertSession = (tx: Db, row: Insertable<Table>): Promise<SessionRow> =>
  tx.insertInto('identity_session').values(row).returningAll().executeTakeFirstOrThrow()

export const loadSession = (db: Db, digest: string): Promise<SessionRow | undefined> =>
  db.selectFrom('identity_session').selectAll().where('digest', '=', digest).executeTakeFirst()

export const updateSessionUse = bulkUpdate({
  table: 'identity_session',
  set: { last_used_ms: 'int' },
  where: { session_no: 'int' },
})

export const deleteSession = async (tx: Db, sessionNo: number): Promise<boolean> => {
  const gone = await tx
    .deleteFrom('identity_session')
    .where('session_no', '=', sessionNo)
    .returning('session_no')
    .execute()
  return gone.length > 0
}

export const deleteEndedSessions = async (tx: Db, nowMs: number): Promise<void> => {
  await tx.deleteFrom('identity_session').where('expires_ms', '<=', nowMs).execute()
}
