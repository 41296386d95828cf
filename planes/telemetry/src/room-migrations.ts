// All tables of the plane, feature by feature, as the storage applies them.
// What they look like is in each feature's own migrations.
import type { RoomMigrations } from '@muster/storage'
import { heartbeatMigrations } from './migrations.ts'

export const telemetryMigrations: RoomMigrations = { room: 'telemetry', migrations: [...heartbeatMigrations] }
