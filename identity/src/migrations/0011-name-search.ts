// The names that a filter looks into, without the rows they belong to: all of a tenant's are read for a part of one.
// PostgreSQL reads its rows as fast, and its indexes take no text as long as a name may be.
import type { Migration } from '@muster/storage'
import { sql } from 'kysely'

export const nameSearch: Migration = {
  name: '0011-name-search',
  async up(db, engine) {
    if (engine === 'sqlite')
      await sql`create index identity_device_by_search on identity_device (tenant_id, search_name)`.execute(db)
  },
}
