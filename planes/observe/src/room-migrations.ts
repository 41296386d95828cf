// All tables of the plane, feature by feature, as the storage applies them.
// What they look like is in each feature's own migrations.
import type { RoomMigrations } from '@muster/storage'
import { activityMigrations } from './activity/migrations.ts'
import { eventMigrations } from './events/migrations.ts'
import { lifeMigrations } from './life/migrations.ts'
import { inventoryMigrations } from './migrations.ts'
import { policyMigrations } from './policy/migrations.ts'
import { statusMigrations } from './status/migrations.ts'
import { sweepMigrations } from './sweep/migrations.ts'
import { tallyMigrations } from './tally/migrations.ts'

export const observeMigrations: RoomMigrations = {
  room: 'observe',
  shared: {
    observe_holding: 'four numbers a row, which stand for something in the tables of their tenant only',
    observe_tally_mark: 'how far the rows of all tenants are counted',
  },
  migrations: [
    ...inventoryMigrations,
    ...policyMigrations,
    ...lifeMigrations,
    ...tallyMigrations,
    ...sweepMigrations,
    ...activityMigrations,
    ...eventMigrations,
    ...statusMigrations,
  ],
}
