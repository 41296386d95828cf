// The orders of lists of devices beyond the host name: by system and by enrolment; and the views operators saved.
// The order of contacts has its index since 0004.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { type RawBuilder, sql } from 'kysely'

/** What an order by system looks at: the start of it, whatever its case, in the order of its bytes on both engines. */
export const sortSystem = <T>(engine: Engine, column: RawBuilder<unknown>): RawBuilder<T> =>
  engine === 'sqlite' ? sql<T>`lower(substr(${column}, 1, 64))` : sql<T>`lower(substr(${column}, 1, 64) collate "C")`

const statements = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  const name = engine === 'sqlite' ? sql`text` : sql`text collate "C"`
  const system = sortSystem(engine, sql`os_version`)
  return [
    sql`create index identity_device_by_system on identity_device (tenant_id, (${system}), device_no, status)`,
    sql`create index identity_device_by_enrolment on identity_device (tenant_id, enrolled_ms, device_no, status)`,
    sql`create table identity_saved_view (
      view_no ${key},
      view_id ${text} not null unique,
      tenant_id ${text} not null,
      operator_id ${text} not null,
      page ${name} not null,
      name ${name} not null,
      query ${text} not null,
      saved_ms ${int} not null,
      unique (tenant_id, operator_id, page, name)
    )`,
  ]
}

export const orders: Migration = {
  name: '0009-orders',
  async up(db, engine) {
    for (const statement of statements(engine)) await statement.execute(db)
  },
}
