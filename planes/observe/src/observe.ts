// The door of the observe plane: what is on machines, what changed, and what was found.
// Who a device is belongs to identity; who an operator is, too.

export { inventoryMigrations } from './migrations.ts'
export { createSync, type SyncAnswer, type SyncCall, type SyncOutcome, type SyncSpeaker } from './sync/sync.ts'
