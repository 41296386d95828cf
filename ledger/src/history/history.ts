// The audit history of every tenant: what was done, by whom, in an order nobody can rewrite unseen (fleet-product 11).
// What is worth recording is said by the rooms that do it; they hand in statements and never see a table.
import type { AuditEntry, AuditStatement, listAudit, ReplyOf } from '@muster/contract'
import { type Clock, type Result, systemClock } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import { type Purge, purgeHistory } from '../retention/retention.ts'
import { appendStatements } from './append.ts'
import type { HistoryQuery } from './decide.ts'
import { type AuditVerdict, exportHistory, listHistory, verifyHistory } from './read.ts'
import { createHistoryStore } from './store.ts'

export interface Ledger {
  /** In the caller's transaction, as its last step: from here on it holds the tenant's chain. */
  append(tx: Tx, statement: AuditStatement): Promise<AuditEntry>
  /** Entries in the order of the statements; one round of three statements per tenant, however many there are. */
  appendMany(tx: Tx, statements: readonly AuditStatement[]): Promise<readonly AuditEntry[]>
  /** Newest first. */
  list(tenantId: string, query: HistoryQuery): Promise<Result<ReplyOf<typeof listAudit>, 'request_malformed'>>
  verify(tenantId: string, fromSeq?: number, throughSeq?: number): Promise<AuditVerdict>
  /** Every entry in order; `verifyChain` accepts what comes out. */
  export(tenantId: string, fromSeq?: number, throughSeq?: number): AsyncIterable<AuditEntry>
  /** Tenants that have a history. */
  tenantIds(): Promise<readonly string[]>
  /** Lets go of what is older, and keeps a checkpoint from which the rest can be verified. */
  purge(tenantId: string, beforeMs: number, signal?: AbortSignal): Promise<Purge>
}

export interface LedgerNeeds {
  /** A storage, or inside a unit its host. */
  readonly storage: Pick<Storage, 'db' | 'write'>
  readonly clock?: Clock
}

export const createLedger = ({ storage, clock = systemClock }: LedgerNeeds): Ledger => {
  const store = createHistoryStore(storage.db)
  return {
    async append(tx, statement) {
      const [entry] = await appendStatements(tx, [statement])
      return entry as AuditEntry
    },
    appendMany: appendStatements,
    list: (tenantId, query) => listHistory(store, tenantId, query),
    verify: (tenantId, fromSeq, throughSeq) => verifyHistory(store, tenantId, fromSeq, throughSeq),
    export: (tenantId, fromSeq, throughSeq) => exportHistory(store, tenantId, fromSeq, throughSeq),
    tenantIds: () => store.loadTenantIds(),
    purge: (tenantId, beforeMs, signal) => purgeHistory({ storage, clock }, tenantId, beforeMs, signal),
  }
}
