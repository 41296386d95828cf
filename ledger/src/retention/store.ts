// The SQL of a purge: which entry is the last to go, and the checkpoint that allows it.
// Deleting is the storage room's batch job; the triggers refuse it without a checkpoint.
import type { Transaction } from 'kysely'
import type { ChainPoint } from '../chain/link.ts'
import type { LedgerTables } from '../tables.ts'

export interface Checkpoint extends ChainPoint {
  /** When the entry happened that the checkpoint names. */
  readonly occurredMs: number
}

export const loadNewestCheckpoint = async (
  tx: Transaction<LedgerTables>,
  tenantId: string,
): Promise<Checkpoint | null> => {
  const row = await tx
    .selectFrom('ledger_checkpoint')
    .select(['seq', 'hash', 'occurred_ms'])
    .where('tenant_id', '=', tenantId)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row === undefined ? null : { seq: row.seq, hash: row.hash, occurredMs: row.occurred_ms }
}

/** The last entry before the first that must stay; null when there is none after `afterSeq`. */
export const findPurgePoint = async (
  tx: Transaction<LedgerTables>,
  tenantId: string,
  afterSeq: number,
  beforeMs: number,
): Promise<Checkpoint | null> => {
  const entries = tx.selectFrom('ledger_entry').where('tenant_id', '=', tenantId).where('seq', '>', afterSeq)
  const kept = await entries
    .select('seq')
    .where('occurred_ms', '>=', beforeMs)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  const last = await (kept === undefined ? entries : entries.where('seq', '<', kept.seq))
    .select(['seq', 'hash', 'occurred_ms'])
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last === undefined ? null : { seq: last.seq, hash: last.hash, occurredMs: last.occurred_ms }
}

export const insertCheckpoint = async (
  tx: Transaction<LedgerTables>,
  tenantId: string,
  { seq, hash, occurredMs }: Checkpoint,
  madeMs: number,
): Promise<void> => {
  await tx
    .insertInto('ledger_checkpoint')
    .values({ tenant_id: tenantId, seq, hash, occurred_ms: occurredMs, made_ms: madeMs })
    .execute()
}
