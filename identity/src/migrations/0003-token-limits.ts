// What an operator token is limited to beyond its role: scopes, and networks it may be used from (fleet-product 3.2).
// The tokens themselves are 0002.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const tokenLimits: Migration = {
  name: '0003-token-limits',
  async up(db, engine) {
    const { text } = columnTypes(engine)
    await sql`alter table identity_operator_token add column scopes ${text}`.execute(db)
    await sql`alter table identity_operator_token add column networks ${text}`.execute(db)
  },
}
