// The door of the observe plane: what is on machines, what changed, and what was found.
// Who a device is belongs to identity; who an operator is, too.
export { loadScannedAfter } from './coverage/store.ts'
export { createObserve, type Observe, type ObserveNeeds, type Purge } from './create-observe.ts'
export { noteLives } from './life/lives.ts'
export { isGroupAssigned } from './policy/assignment-store.ts'
export type { ServedBundle } from './policy/directory.ts'
export type { PlannedFleet } from './policy/plan/plan.ts'
export { createPolicies, type Policies } from './policy/policy.ts'
export type { AdoptingDevice } from './policy/read.ts'
export {
  type ObserveCutoffs,
  type ObservePurge,
  type OnGone,
  type PurgeOrder,
  type PurgePlan,
  purgeObserved,
} from './retention/retention.ts'
export { observeMigrations } from './room-migrations.ts'
export { createSync, type SyncAnswer, type SyncCall } from './sync/sync.ts'
export { createObserveUnits } from './units.ts'
