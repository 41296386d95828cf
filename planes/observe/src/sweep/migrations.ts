// Names that may have lost their last user, and which sweep is looking for them.
// The names themselves are in migrations.ts beside the features.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const sweepMigrations: readonly Migration[] = [
  {
    name: 'sweep_001_leaving_names',
    async up(db, engine) {
      const { int, text } = columnTypes(engine)
      await sql`create table observe_leaving_name (kind ${text} not null, name_no ${int} not null,
        noted_sweep_no ${int} not null, primary key (kind, name_no))`.execute(db)
      await sql`create table observe_sweep (sweep_no ${int} not null, under_way ${int} not null)`.execute(db)
      await sql`insert into observe_sweep (sweep_no, under_way) values (0, 0)`.execute(db)
    },
  },
]
