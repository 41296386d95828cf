// The tables of tallies. What was stored before they came is counted by and by, from the first row on.
// What their rows mean is store.ts.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const tallyMigrations: readonly Migration[] = [
  {
    name: 'tally_001_counts',
    async up(db, engine) {
      const { int, text } = columnTypes(engine)
      await sql`create table observe_tally (
        kind ${text} not null,
        tenant_id ${text} not null,
        row_count ${int} not null,
        primary key (kind, tenant_id)
      )`.execute(db)
      await sql`create table observe_tally_mark (
        kind ${text} primary key,
        through_no ${int} not null,
        deletions ${int} not null
      )`.execute(db)
      await sql`insert into observe_tally_mark (kind, through_no, deletions)
        values ('event', 0, 0), ('deadLetter', 0, 0)`.execute(db)
    },
  },
]
