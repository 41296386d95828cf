// How much of each device was scanned, for lists that are filtered and ordered by coverage; each kind lies in the order of names.
// The server fills it for devices that were there before, see its migrations.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const scanned: Migration = {
  name: '0012-scanned',
  async up(db, engine) {
    const { text } = columnTypes(engine)
    await sql`alter table identity_device add column scanned ${text} not null default 'not'`.execute(db)
    await sql`create index identity_device_by_scanned
      on identity_device (tenant_id, scanned, sort_name, device_no, status)`.execute(db)
  },
}
