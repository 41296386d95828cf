// Browsers that signed in with an operator token, by the digest of what their cookie holds.
// Which of them still open doors is sessions/.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const sessions: Migration = {
  name: '0007-sessions',
  async up(db, engine) {
    const { int, text, key } = columnTypes(engine)
    await sql`create table identity_session (
      session_no ${key},
      session_id ${text} not null unique,
      tenant_id ${text} not null,
      digest ${text} not null unique,
      token_no ${int},
      operator ${text},
      believed_by ${text},
      created_ms ${int} not null,
      last_used_ms ${int} not null,
      expires_ms ${int} not null
    )`.execute(db)
    await sql`create index identity_session_by_end on identity_session (expires_ms)`.execute(db)
  },
}
