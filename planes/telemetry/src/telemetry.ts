// The door of the telemetry plane: is this machine alive, and how does it do?
// Who an agent is belongs to identity; who an operator is, too.
export { telemetryMigrations } from './room-migrations.ts'
