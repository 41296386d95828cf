// The door of the observe plane: what is on machines, what changed, and what was found.
// Who a device is belongs to identity; who an operator is, too.
export { createObserve, type Observe, type ObserveNeeds } from './create-observe.ts'
export { observeMigrations } from './room-migrations.ts'
export { createSync, type SyncAnswer, type SyncCall } from './sync/sync.ts'
