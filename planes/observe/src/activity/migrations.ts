// Events by the hour in which they were received, kept beside the tallies; what those counted before is counted here too.
// What the rows mean is store.ts.
import { columnTypes, type Migration } from '@muster/storage'
import { sql } from 'kysely'

export const activityMigrations: readonly Migration[] = [
  {
    name: 'activity_001_hours',
    async up(db, engine) {
      const { int, text } = columnTypes(engine)
      await sql`create table observe_activity (
        tenant_id ${text} not null,
        hour_ms ${int} not null,
        events ${int} not null,
        primary key (tenant_id, hour_ms)
      )`.execute(db)
      await sql`insert into observe_activity (tenant_id, hour_ms, events)
        select tenant_id, received_ms - received_ms % 3600000, count(*) from observe_event
        where event_no <= (select through_no from observe_tally_mark where kind = 'event')
        group by tenant_id, received_ms - received_ms % 3600000`.execute(db)
      await sql`create index observe_finding_first on observe_finding
        (tenant_id, first_observed_ms, severity, device_no)`.execute(db)
    },
  },
]
