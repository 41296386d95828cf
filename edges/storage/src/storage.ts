// The door of the storage room: one schema on two engines, transactions, bulk statements, units, outbox.
// No table of another room is known here.
export {
  type BulkDelete,
  type BulkFind,
  type BulkInsert,
  type BulkUpdate,
  bulkDelete,
  bulkFind,
  bulkInsert,
  bulkUpdate,
  type RowOf,
} from './bulk.ts'
export type { Columns, ColumnType, OnConflict } from './bulk-plan.ts'
export { columnTypes, engineOf, serialize } from './dialect.ts'
export {
  ForeignDatabase,
  isDuplicate,
  isStoreBusy,
  NewerDatabase,
  NotTheOwner,
  StoreError,
  TransactionTooLong,
} from './faults.ts'
export { createGroup, type GroupSettings } from './group.ts'
export type { StorageMeasures } from './measures.ts'
export type { Migration, RoomMigrations } from './migrate.ts'
export { openStorage, type Storage, type StorageSettings } from './open.ts'
export { type Announcement, announce, createOutbox, type Outbox, type OutboxEntry } from './outbox.ts'
export { lookAtWall } from './postgres/look.ts'
export type { WallStanding } from './postgres/wall.ts'
export {
  type Batch,
  type DeleteInBatches,
  deleteInBatches,
  type InBatches,
  inBatches,
  type WalkInBatches,
  walkInBatches,
} from './retention.ts'
export type { Engine } from './session.ts'
export { createSharedRun } from './shared-run.ts'
export { copyDatabase } from './sqlite/engine.ts'
export { beyondTenants, withinTenant } from './tenant.ts'
export type { CreateUnits, Db, Tx, Unit, UnitHost } from './unit.ts'
