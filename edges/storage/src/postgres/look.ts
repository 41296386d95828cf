// A look into a PostgreSQL database from outside, for who wants to know whether a server could work there.
// What keeps tenants apart in it is wall.ts.
import { createKysely } from '../dialect.ts'
import { createPool } from './pool.ts'
import { createPoolSessions } from './sessions.ts'
import { readWall, type WallStanding } from './wall.ts'

const statementMs = 5000

/** Changes nothing. Throws when nobody can be signed in there. */
export const lookAtWall = async (url: string): Promise<WallStanding> => {
  const pool = createPool(1, { url, readOnly: true, statementMs }, statementMs)
  const reads = { begin: 'begin read only', limitMs: statementMs, wall: () => undefined }
  try {
    return await createKysely('postgres', createPoolSessions(pool, reads)).transaction().execute(readWall)
  } finally {
    await pool.close()
  }
}
