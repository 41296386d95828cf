// Which groups an operator token is limited to (fleet-product 3.2).
// Its other limits are 0003.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const tokenGroups: Migration = {
  name: '0006-token-groups',
  async up(db, engine) {
    await sql`alter table identity_operator_token add column group_nos ${columnTypes(engine).text}`.execute(db)
  },
}
