// Reading the history: pages for people, the whole chain for export, and whether the stored chain holds.
// A long read goes in short queries, so that it never keeps a reader for itself.
import type { AuditEntry, listAudit, ReplyOf, verifyAudit } from '@muster/contract'
import { ok, type Result } from '@muster/kernel'
import type { ChainPoint } from '../chain/link.ts'
import { beginCheck, type ChainCheck, checkEntry } from '../chain/verify.ts'
import type { EntryRow } from '../tables.ts'
import { columnsAgree, entryOfRow, type HistoryQuery, pageOf, planList } from './decide.ts'
import type { HistoryStore } from './store.ts'

// Small enough that hashing one run holds the event loop for some ten milliseconds only.
const runLength = 250

const readable = (row: EntryRow): AuditEntry => {
  const entry = entryOfRow(row)
  if (entry === null) throw new Error(`read audit entry ${row.seq} of ${row.tenant_id}: its text was damaged`)
  return entry
}

const faithful = (row: EntryRow): AuditEntry | null => {
  const entry = entryOfRow(row)
  return entry !== null && columnsAgree(row, entry) ? entry : null
}

const checkRow = (check: ChainCheck, row: EntryRow): ChainCheck => {
  const entry = faithful(row)
  return entry === null ? { ...check, bad: { seq: row.seq, fault: 'altered' } } : checkEntry(check, entry)
}

const rowsOf = async function* (store: HistoryStore, tenantId: string, afterSeq: number, throughSeq: number) {
  let after = afterSeq
  while (after < throughSeq) {
    const rows = await store.loadRun(tenantId, after, throughSeq, runLength)
    yield rows
    if (rows.length < runLength) return
    after = rows.at(-1)?.seq ?? throughSeq
  }
}

const checkRun = async (store: HistoryStore, tenantId: string, after: ChainPoint, throughSeq: number) => {
  let check = beginCheck(after)
  for await (const rows of rowsOf(store, tenantId, after.seq, throughSeq)) {
    for (const row of rows) check = checkRow(check, row)
    if (check.bad !== null) break
  }
  return check
}

/** The chain may break off early, or end in another entry than its head says; both are faults of what is stored. */
const againstHead = (check: ChainCheck, after: ChainPoint, throughSeq: number, head: ChainPoint): ChainCheck => {
  if (check.bad !== null) return check
  const last = check.head ?? after
  if (last.seq < throughSeq) return { ...check, bad: { seq: last.seq + 1, fault: 'missing' } }
  if (last.seq === head.seq && last.hash !== head.hash) return { ...check, bad: { seq: head.seq, fault: 'altered' } }
  return check
}

const startOf = async (store: HistoryStore, tenantId: string, fromSeq: number): Promise<ChainPoint> => {
  const origin = await store.loadOrigin(tenantId)
  if (fromSeq <= origin.seq + 1) return origin
  return (await store.loadPoint(tenantId, fromSeq - 1)) ?? origin
}

export type AuditVerdict = ReplyOf<typeof verifyAudit>

/**
 * Recomputes a tenant's chain from `fromSeq` (or from where it begins) to `throughSeq` (or to its end).
 * `firstBadSeq` is the first number whose entry is not what the chain needs there.
 */
export const verifyHistory = async (
  store: HistoryStore,
  tenantId: string,
  fromSeq = 1,
  throughSeq = Number.MAX_SAFE_INTEGER,
): Promise<AuditVerdict> => {
  const head = await store.loadHead(tenantId)
  const through = Math.min(throughSeq, head.seq)
  const after = await startOf(store, tenantId, fromSeq)
  const check = againstHead(await checkRun(store, tenantId, after, through), after, through, head)
  if (check.bad === null) return { ok: true, checked: check.checked }
  // A purge may have let go of entries while they were being read; then the chain begins elsewhere now.
  const origin = await store.loadOrigin(tenantId)
  if (origin.seq >= check.bad.seq && origin.seq > after.seq) return verifyHistory(store, tenantId, fromSeq, throughSeq)
  return { ok: false, checked: check.checked, firstBadSeq: check.bad.seq }
}

/** Every entry in order, up to the one that is last when the reading begins. */
export const exportHistory = async function* (
  store: HistoryStore,
  tenantId: string,
  fromSeq = 1,
  throughSeq = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<AuditEntry, void, undefined> {
  const head = await store.loadHead(tenantId)
  const origin = await store.loadOrigin(tenantId)
  const after = Math.max(origin.seq, fromSeq - 1)
  for await (const rows of rowsOf(store, tenantId, after, Math.min(throughSeq, head.seq))) yield* rows.map(readable)
}

export const listHistory = async (
  store: HistoryStore,
  tenantId: string,
  query: HistoryQuery,
): Promise<Result<ReplyOf<typeof listAudit>, 'request_malformed'>> => {
  const plan = planList(query)
  if (!plan.ok) return plan
  const rows = await store.loadPage(tenantId, plan.value)
  return ok(pageOf(rows.map(readable), plan.value.limit))
}
