// What owners set for their tenants; a tenant without a row has the defaults.
// What the settings mean is settings/.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const tenantSettings: Migration = {
  name: '0005-tenant-settings',
  async up(db, engine) {
    const { int, text } = columnTypes(engine)
    await sql`create table identity_tenant_setting (
      tenant_id ${text} primary key,
      online_s ${int} not null,
      idle_s ${int} not null,
      offline_s ${int} not null,
      version ${int} not null
    )`.execute(db)
  },
}
