// Letting go of old entries: a checkpoint and a record of the purge first, then the deletion, little by little.
// How long entries are kept is the operator's setting (fleet-product 13).
import type { AuditEntry, AuditStatement } from '@muster/contract'
import { type Clock, toIso } from '@muster/kernel'
import { deleteInBatches, type Storage } from '@muster/storage'
import { sql } from 'kysely'
import { PURGE_ACTION } from '../chain/verify.ts'
import { appendStatements } from '../history/append.ts'
import { type Checkpoint, findPurgePoint, insertCheckpoint, loadNewestCheckpoint } from './store.ts'

export interface PurgeNeeds {
  readonly storage: Pick<Storage, 'db' | 'write'>
  readonly clock: Clock
}

export interface Purge {
  /** Where the kept chain begins; null when nothing was ever purged. Keep it: it vouches for what remains. */
  readonly checkpoint: Checkpoint | null
  /** Rows deleted in this run, leftovers of an interrupted one included. */
  readonly deleted: number
  /** The entry that records this purge; null when there was nothing old enough. */
  readonly recorded: AuditEntry | null
}

const purgeStatement = (tenantId: string, point: Checkpoint, afterSeq: number, nowMs: number): AuditStatement => ({
  tenantId,
  occurredAt: toIso(nowMs),
  actor: { type: 'system', id: 'retention' },
  action: PURGE_ACTION,
  target: { type: 'audit', id: tenantId },
  outcome: 'success',
  requestId: '',
  details: {
    throughSeq: point.seq,
    throughHash: point.hash,
    throughOccurredAt: toIso(point.occurredMs),
    entryCount: point.seq - afterSeq,
  },
})

/**
 * Deletes a tenant's entries that come before the first one not older than `beforeMs`. The chain stays verifiable from
 * the checkpoint, which the purge's own entry repeats. An interrupted purge is finished by the next one.
 */
export const purgeHistory = async (
  { storage, clock }: PurgeNeeds,
  tenantId: string,
  beforeMs: number,
  signal?: AbortSignal,
): Promise<Purge> => {
  const { checkpoint, recorded } = await storage.write(async (tx) => {
    const previous = await loadNewestCheckpoint(tx, tenantId)
    const point = await findPurgePoint(tx, tenantId, previous?.seq ?? 0, beforeMs)
    if (point === null) return { checkpoint: previous, recorded: null }
    const nowMs = clock.nowMs()
    await insertCheckpoint(tx, tenantId, point, nowMs)
    const [entry] = await appendStatements(tx, [purgeStatement(tenantId, point, previous?.seq ?? 0, nowMs)])
    return { checkpoint: point, recorded: entry ?? null }
  })
  if (checkpoint === null) return { checkpoint, deleted: 0, recorded }
  const where = sql`tenant_id = ${tenantId} and seq <= ${checkpoint.seq}`
  const deleted = await deleteInBatches(storage, {
    table: 'ledger_entry',
    key: 'seq',
    where,
    ...(signal === undefined ? {} : { signal }),
  })
  return { checkpoint, deleted, recorded }
}
