// The tables of heartbeats: the log, the packs it ends in, what machines said of themselves, and what is kept for long.
// What their rows mean is in each feature's store.ts; enrolment has migrations of its own.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const heartbeatTables = (engine: Engine) => {
  const { int, text, bytes, key } = columnTypes(engine)
  return [
    sql`create table telemetry_heartbeat (
      heartbeat_no ${int} primary key,
      device_no ${int} not null,
      received_ms ${int} not null,
      sample ${bytes} not null,
      request_id ${text} not null
    )`,
    sql`create table telemetry_pack (
      pack_no ${key},
      tenant_id ${text} not null,
      device_no ${int} not null,
      from_ms ${int} not null,
      through_ms ${int} not null,
      observed_from_ms ${int} not null,
      observed_ms ${int} not null,
      through_no ${int} not null,
      total ${int} not null,
      samples ${bytes} not null
    )`,
    sql`create index telemetry_pack_by_device on telemetry_pack (device_no, through_ms)`,
    sql`create table telemetry_description (
      description_no ${int} primary key,
      tenant_id ${text} not null,
      device_no ${int} not null,
      described_ms ${int} not null,
      digest ${text} not null,
      face ${text} not null,
      description ${text} not null
    )`,
    sql`create index telemetry_description_by_device on telemetry_description (device_no, description_no)`,
    sql`create table telemetry_presence (
      device_no ${int} primary key,
      tenant_id ${text} not null,
      site_id ${text} not null,
      agent_id ${text} not null,
      collector_id ${text} not null,
      asset_id ${text} not null,
      first_ms ${int} not null,
      description_no ${int} not null
    )`,
    sql`create index telemetry_presence_by_asset on telemetry_presence (tenant_id, asset_id)`,
    sql`create table telemetry_mark (name ${text} primary key, value ${int} not null)`,
  ]
}

const keptTables = (engine: Engine) => {
  const { int, text, bytes, key } = columnTypes(engine)
  const rollUp = (table: string) => sql`create table ${sql.table(table)} (
      roll_up_no ${key},
      tenant_id ${text} not null,
      device_no ${int} not null,
      day_ms ${int} not null,
      points ${bytes} not null,
      unique (device_no, day_ms)
    )`
  return [
    rollUp('telemetry_hours'),
    rollUp('telemetry_day'),
    sql`create table telemetry_timeline (
      entry_no ${key},
      tenant_id ${text} not null,
      asset_id ${text} not null,
      agent_id ${text} not null,
      at_ms ${int} not null,
      kind ${text} not null,
      detail ${text} not null,
      device_no ${int},
      heartbeats_before ${int},
      last_before_ms ${int}
    )`,
    sql`create index telemetry_timeline_by_asset on telemetry_timeline (tenant_id, asset_id, entry_no)`,
  ]
}

export const heartbeatMigrations: readonly Migration[] = [
  {
    name: 'heartbeat_001_log',
    async up(db, engine) {
      for (const statement of [...heartbeatTables(engine), ...keptTables(engine)]) await statement.execute(db)
    },
  },
]
