// Where findings stand, and what is left to do for devices whose life ended or whose data is to go.
// The rest of the plane's tables is in migrations.ts beside the features.
import { columnTypes, type Engine, type Migration } from '@muster/storage'
import { sql } from 'kysely'

const standings = (engine: Engine) => {
  const { int, text } = columnTypes(engine)
  return [
    sql`alter table observe_finding add column state ${text} not null default 'open'`,
    sql`alter table observe_finding add column resolution ${text}`,
    sql`alter table observe_finding add column resolved_ms ${int}`,
    sql`alter table observe_finding add column resolved_by ${text}`,
    sql`alter table observe_finding add column reopen_count ${int} not null default 0`,
    sql`alter table observe_finding add column transitions ${int} not null default 0`,
  ]
}

const endings = (engine: Engine) => {
  const { int, text, key } = columnTypes(engine)
  return [
    sql`create table observe_ending (
      ending_no ${key},
      tenant_id ${text} not null,
      device_no ${int} not null,
      device_id ${text} not null,
      purpose ${text} not null,
      ended_ms ${int} not null,
      asked_ms ${int} not null,
      counts ${text} not null
    )`,
    sql`create index observe_dead_letter_device on observe_dead_letter (device_no)`,
  ]
}

export const lifeMigrations: readonly Migration[] = [
  {
    name: 'life_001_standings',
    async up(db, engine) {
      for (const statement of standings(engine)) await statement.execute(db)
    },
  },
  {
    name: 'life_002_endings',
    async up(db, engine) {
      for (const statement of endings(engine)) await statement.execute(db)
    },
  },
]
