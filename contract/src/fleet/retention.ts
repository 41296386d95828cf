// How long a tenant's data is kept, and what is kept whatever its age (fleet-product 13).
// Deleting what is too old is the server's daily work; nobody asks for it.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, listOf, Paging, Time, TimeOrNull } from './shapes.ts'

/** Days, by kind of data. Audit entries may be kept for as good as ever. */
export const RETENTION_BOUNDS = {
  events: { defaultDays: 90, minDays: 7, maxDays: 400 },
  deadLetters: { defaultDays: 30, minDays: 7, maxDays: 90 },
  intervals: { defaultDays: 400, minDays: 90, maxDays: 1826 },
  findings: { defaultDays: 400, minDays: 90, maxDays: 1826 },
  audit: { defaultDays: 730, minDays: 400, maxDays: 36_500 },
} as const

export type RetainedKind = keyof typeof RETENTION_BOUNDS
export const RETAINED_KINDS = Object.keys(RETENTION_BOUNDS) as readonly RetainedKind[]

const daysOf = (kind: RetainedKind) => z.int().min(RETENTION_BOUNDS[kind].minDays).max(RETENTION_BOUNDS[kind].maxDays)

const RetentionTerm = z.strictObject({
  kind: z.enum(RETAINED_KINDS as [RetainedKind, ...RetainedKind[]]),
  days: z.int(),
  /** A shortening that has not taken effect, so that there is time to undo it. */
  pending: z.strictObject({ days: z.int(), effectiveAt: Time }).nullable(),
  /** Whether the tenant set this; otherwise it follows the installation. */
  isOwn: z.boolean(),
  minDays: z.int(),
  maxDays: z.int(),
})
export type RetentionTerm = z.infer<typeof RetentionTerm>

const Retention = z.strictObject({ items: z.array(RetentionTerm), version: z.int() })

export const readRetention = declare({
  method: 'GET',
  path: `${fleetPrefix}/retention`,
  summary: 'How long each kind of data is kept, and shortenings to come.',
  speaker: 'operator',
  may: 'settings:read',
  reply: Retention,
  refusals: [],
})

export const changeRetention = declare({
  method: 'PUT',
  path: `${fleetPrefix}/retention`,
  summary: 'Keep kinds of data longer at once, or shorter after 24 hours; saying the old number until then undoes it.',
  speaker: 'operator',
  may: 'settings:write',
  body: z.strictObject({
    days: z
      .strictObject({
        events: daysOf('events').optional(),
        deadLetters: daysOf('deadLetters').optional(),
        intervals: daysOf('intervals').optional(),
        findings: daysOf('findings').optional(),
        audit: daysOf('audit').optional(),
      })
      .refine((days) => Object.keys(days).length > 0, 'name at least one kind of data'),
  }),
  reply: Retention,
  precondition: 'if-match',
  refusals: ['version_missing', 'version_stale'],
})

export const LegalHold = z.strictObject({
  id: z.string(),
  scope: z.enum(['tenant', 'device']),
  /** Null for a hold on the whole tenant. */
  deviceId: z.string().nullable(),
  reason: z.string(),
  placedBy: z.string(),
  placedAt: Time,
  releasedBy: z.string().nullable(),
  releasedAt: TimeOrNull,
})
export type LegalHold = z.infer<typeof LegalHold>

export const listLegalHolds = declare({
  method: 'GET',
  path: `${fleetPrefix}/legal-holds`,
  summary: 'Legal holds, newest first; those in force unless told.',
  speaker: 'operator',
  may: 'settings:read',
  query: z.strictObject({ ...Paging, state: z.enum(['active', 'released', 'all']).optional() }),
  reply: listOf(LegalHold),
  refusals: [],
})

export const placeLegalHold = declare({
  method: 'POST',
  path: `${fleetPrefix}/legal-holds`,
  summary: 'Keep everything of a device, or of the whole tenant, whatever its age.',
  speaker: 'operator',
  may: 'settings:write',
  body: z.strictObject({
    /** Absent for the whole tenant. */
    deviceId: z.string().min(1).max(128).optional(),
    reason: z.string().trim().min(1).max(1024),
  }),
  reply: LegalHold,
  status: 201,
  refusals: ['not_found'],
})

export const readLegalHold = declare({
  method: 'GET',
  path: `${fleetPrefix}/legal-holds/{id}`,
  summary: 'One legal hold.',
  speaker: 'operator',
  may: 'settings:read',
  params: ById,
  reply: LegalHold,
  refusals: ['not_found'],
})

export const releaseLegalHold = declare({
  method: 'DELETE',
  path: `${fleetPrefix}/legal-holds/{id}`,
  summary: 'End a legal hold; it stays on record, and what it kept goes when its time has come.',
  speaker: 'operator',
  may: 'settings:write',
  params: ById,
  reply: LegalHold,
  refusals: ['not_found', 'state_conflict'],
})
