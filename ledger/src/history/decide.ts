// What may enter the history and in which shape, and what a list asks for.
// The hashes are the chain's; the rows are the store's.
import { type AuditEntry, type AuditStatement, canonicalJson, type listAudit, type QueryOf } from '@muster/contract'
import { ok, type Result, refuse, sha256Hex } from '@muster/kernel'
import type { Link } from '../chain/link.ts'
import type { EntryRow } from '../tables.ts'

export const maxDetailBytes = 8 * 1024
const maxTextLength = 512

const repaired = (value: unknown): unknown => {
  if (typeof value === 'string') return value.toWellFormed()
  if (Array.isArray(value)) return value.map(repaired)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key.toWellFormed(), repaired(held)]))
}

// JSON.stringify writes half of a surrogate pair as an escape and a whole one as itself.
const mayHoldHalfPair = (json: string): boolean => /\\ud[89a-f]/i.test(json)

const boundDetails = (details: AuditStatement['details']): AuditStatement['details'] => {
  const json = JSON.stringify(details)
  const byteCount = Buffer.byteLength(json)
  if (byteCount > maxDetailBytes) return { detailsLeftOut: { byteCount, sha256: sha256Hex(json) } }
  return mayHoldHalfPair(json) ? (repaired(details) as AuditStatement['details']) : details
}

// PostgreSQL keeps no NUL in a text column, and the filters' columns hold these texts bare.
const boundText = (text: string): string => text.slice(0, maxTextLength).toWellFormed().replaceAll('\0', '\ufffd')

/**
 * The statement with every text bounded and well formed. Details above 8 KiB are left out, and their size and digest
 * stand for them: what happened is recorded even when its description is too long.
 */
export const settleStatement = (statement: AuditStatement): AuditStatement => {
  const { actor, target } = statement
  return {
    ...statement,
    actor: {
      type: actor.type,
      id: boundText(actor.id),
      ...(actor.displayName === undefined ? {} : { displayName: boundText(actor.displayName) }),
      ...(actor.ip === undefined ? {} : { ip: boundText(actor.ip) }),
    },
    action: boundText(statement.action),
    target: { type: boundText(target.type), id: boundText(target.id) },
    requestId: boundText(statement.requestId),
    details: boundDetails(statement.details),
  }
}

const columnsOf = (statement: AuditStatement) => ({
  tenant_id: statement.tenantId,
  occurred_ms: Date.parse(statement.occurredAt),
  actor_type: statement.actor.type,
  actor_id: statement.actor.id,
  action: statement.action,
  target_type: statement.target.type,
  target_id: statement.target.id,
  outcome: statement.outcome,
})

export const rowOf = ({ seq, statement, body, prevHash, hash }: Link): EntryRow => ({
  ...columnsOf(statement),
  seq,
  body,
  prev_hash: prevHash,
  hash,
})

const parsed = (body: string): Omit<AuditEntry, 'prevHash' | 'hash'> | null => {
  try {
    return JSON.parse(body)
  } catch {
    return null // whoever wrote this was not the ledger
  }
}

/** The entry a row holds; null when its text is not JSON any more. */
export const entryOfRow = (row: EntryRow): AuditEntry | null => {
  const said = parsed(row.body)
  return said === null ? null : { ...said, prevHash: row.prev_hash, hash: row.hash }
}

/** Whether the columns that serve the filters still say what the hashed text says. */
export const columnsAgree = (row: EntryRow, entry: AuditEntry): boolean => {
  const { body: _body, prev_hash: _prevHash, hash: _hash, ...columns } = row
  return canonicalJson(columns) === canonicalJson({ ...columnsOf(entry), seq: entry.seq })
}

export interface ListPlan {
  readonly limit: number
  readonly beforeSeq: number | null
  /** Entries about any of these, beside what the columns say. */
  readonly targetIds: readonly string[] | null
  readonly columns: Partial<Pick<EntryRow, 'action' | 'actor_id' | 'target_id' | 'outcome'>>
  readonly fromMs: number | null
  readonly toMs: number | null
}

const cursorOf = (seq: number): string => Buffer.from(`seq ${seq}`).toString('base64url')

const seqOf = (cursor: string): number | null => {
  const found = /^seq ([1-9]\d{0,14})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'))
  return found === null ? null : Number(found[1])
}

/** What operators may ask, and what other rooms may: entries about several things at once. */
export type HistoryQuery = QueryOf<typeof listAudit> & { readonly targetIds?: readonly string[] }

/** What the query asks for; a cursor that no list gave out is refused. */
export const planList = (query: HistoryQuery): Result<ListPlan, 'request_malformed'> => {
  const { limit, cursor, action, actorId, targetId, outcome, from, to } = query
  const beforeSeq = cursor === undefined ? null : seqOf(cursor)
  if (cursor !== undefined && beforeSeq === null)
    return refuse('request_malformed', 'The cursor is not one that this list gave out.')
  return ok({
    limit: limit === undefined ? 50 : Number(limit),
    beforeSeq,
    targetIds: query.targetIds ?? null,
    columns: {
      ...(action === undefined ? {} : { action }),
      ...(actorId === undefined ? {} : { actor_id: actorId }),
      ...(targetId === undefined ? {} : { target_id: targetId }),
      ...(outcome === undefined ? {} : { outcome }),
    },
    fromMs: from === undefined ? null : Date.parse(from),
    toMs: to === undefined ? null : Date.parse(to),
  })
}

/** A page out of rows that were read with one more than the limit, newest first. */
export const pageOf = (entries: readonly AuditEntry[], limit: number) => {
  const items = entries.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: entries.length > limit && last !== undefined ? cursorOf(last.seq) : null }
}
