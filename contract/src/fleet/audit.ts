// The audit history: one hash-chained, gapless list of entries per tenant (fleet-product 11).
// The chain itself is the ledger's; `verifyChain` can be run offline over an export.
import { z } from 'zod'
import type { CsvTable } from '../csv.ts'
import { declare } from '../route.ts'
import { ExportFormatAsked, fleetPrefix, listOf, Paging, Time } from './shapes.ts'

export const ACTOR_TYPES = ['operator', 'token', 'device', 'system'] as const
export const AUDIT_OUTCOMES = ['success', 'refused', 'failed'] as const

/** What a room says happened; the ledger adds seq, prevHash and hash. */
export const AuditStatement = z.strictObject({
  tenantId: z.string(),
  occurredAt: Time,
  actor: z.strictObject({
    type: z.enum(ACTOR_TYPES),
    id: z.string(),
    displayName: z.string().optional(),
    ip: z.string().optional(),
  }),
  /** `noun.verb` in the past, such as `device.revoked`. */
  action: z.string(),
  target: z.strictObject({ type: z.string(), id: z.string() }),
  outcome: z.enum(AUDIT_OUTCOMES),
  requestId: z.string(),
  details: z.record(z.string(), z.unknown()),
})
export type AuditStatement = z.infer<typeof AuditStatement>

export const AuditEntry = z.strictObject({
  seq: z.int().positive(),
  ...AuditStatement.shape,
  prevHash: z.string(),
  hash: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

const when = z.iso.datetime({ offset: true })
const seq = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'a positive whole number')
  .optional()

export const listAudit = declare({
  method: 'GET',
  path: `${fleetPrefix}/audit`,
  summary: 'Audit entries, newest first.',
  speaker: 'operator',
  may: 'audit:read',
  query: z.strictObject({
    ...Paging,
    action: z.string().max(128).optional(),
    actorId: z.string().max(128).optional(),
    targetId: z.string().max(128).optional(),
    outcome: z.enum(AUDIT_OUTCOMES).optional(),
    from: when.optional(),
    to: when.optional(),
  }),
  reply: listOf(AuditEntry),
  refusals: [],
})

export const verifyAudit = declare({
  method: 'GET',
  path: `${fleetPrefix}/audit:verify`,
  summary: 'Recompute the chain and name the first entry that does not fit.',
  speaker: 'operator',
  may: 'audit:read',
  query: z.strictObject({ from: seq, to: seq }),
  reply: z.strictObject({ ok: z.boolean(), checked: z.int(), firstBadSeq: z.int().optional() }),
  refusals: [],
})

/** `details` as JSON. The hashes are there to be compared; only the lines of JSON can be verified. */
export const AUDIT_CSV: CsvTable<AuditEntry> = {
  columns: [
    'seq',
    'occurredAt',
    'actorType',
    'actorId',
    'actorDisplayName',
    'actorIp',
    'action',
    'targetType',
    'targetId',
    'outcome',
    'requestId',
    'tenantId',
    'details',
    'prevHash',
    'hash',
  ],
  rowsOf: (entry) => [
    [
      entry.seq,
      entry.occurredAt,
      entry.actor.type,
      entry.actor.id,
      entry.actor.displayName ?? null,
      entry.actor.ip ?? null,
      entry.action,
      entry.target.type,
      entry.target.id,
      entry.outcome,
      entry.requestId,
      entry.tenantId,
      JSON.stringify(entry.details),
      entry.prevHash,
      entry.hash,
    ],
  ],
}

export const exportAudit = declare({
  method: 'GET',
  path: `${fleetPrefix}/audit:export`,
  summary: 'Every entry in order, one JSON object or one row of a table a line; the export is itself recorded.',
  speaker: 'operator',
  may: 'audit:read',
  query: z.strictObject({ from: seq, to: seq, format: ExportFormatAsked }),
  reply: AuditEntry,
  replyForm: 'ndjson',
  csv: AUDIT_CSV,
  refusals: [],
})
