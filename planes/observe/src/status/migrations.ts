// What a look at the whole fleet counts: open findings by severity, and sensors that refuse their policy, without their rows.
// What is counted is store.ts.
import type { Migration } from '@muster/storage'
import { sql } from 'kysely'

export const statusMigrations: readonly Migration[] = [
  {
    name: 'status_001_counted',
    async up(db) {
      await sql`create index observe_finding_open on observe_finding (tenant_id, severity) where state = 'open'`.execute(
        db,
      )
      await sql`create index observe_sensor_refusing on observe_sensor (tenant_id, device_no)
        where refused_generation is not null`.execute(db)
    },
  },
]
