// What became of devices: when one was retired, when its data was to go and had gone, since when it is silent.
// The devices themselves are 0001.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const statements = (engine: Engine) => {
  const { int } = columnTypes(engine)
  return [
    sql`alter table identity_device add column retired_ms ${int}`,
    sql`alter table identity_device add column data_deletion_ms ${int}`,
    sql`alter table identity_device add column data_deleted_ms ${int}`,
    sql`alter table identity_device add column gone_dark_ms ${int}`,
    sql`create index identity_device_gone_dark on identity_device (tenant_id, sort_name, device_no)
      where gone_dark_ms is not null`,
    sql`create index identity_device_by_key on identity_device (key_fingerprint)`,
    sql`alter table identity_contact add column heard_days ${int} not null default 0`,
    // Answers which devices were heard between two moments, of one tenant too, without a look at the rows.
    sql`drop index identity_contact_by_time`,
    sql`create index identity_contact_heard on identity_contact (last_contact_ms, tenant_id, device_no)`,
  ]
}

export const lives: Migration = {
  name: '0004-lives',
  async up(db, engine) {
    for (const statement of statements(engine)) await statement.execute(db)
  },
}
