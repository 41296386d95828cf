// The door of the ledger: the audit history in a database.
// Checking entries without a database has a door of its own, chain.ts.
export { type ChainPoint, GENESIS } from './chain/link.ts'
export { type ChainCheck, PURGE_ACTION, verifyChain } from './chain/verify.ts'
export { createLedger, type Ledger, type LedgerNeeds } from './history/history.ts'
export type { AuditVerdict } from './history/read.ts'
export { ledgerMigrations } from './migrations.ts'
export type { Purge } from './retention/retention.ts'
export type { Checkpoint } from './retention/store.ts'
