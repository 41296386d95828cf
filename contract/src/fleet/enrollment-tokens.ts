// Enrolment tokens: how a machine is let in (fleet-product 4, ARCHITECTURE 2 and 4).
// The raw value appears in one reply only; spending a token happens on the sensor's enroll route.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Label, listOf, Paging, Tags, Time, TimeOrNull } from './shapes.ts'

export const PLANES = ['observe', 'telemetry'] as const
export type Plane = (typeof PLANES)[number]

export const TOKEN_STATUSES = ['active', 'revoked', 'expired', 'exhausted'] as const
export type TokenStatus = (typeof TOKEN_STATUSES)[number]

const minSeconds = 5 * 60
const maxSeconds = 90 * 24 * 3600

export const EnrollmentToken = z.strictObject({
  id: z.string(),
  label: z.string(),
  status: z.enum(TOKEN_STATUSES),
  maxUses: z.int(),
  useCount: z.int(),
  expiresAt: Time,
  planes: z.array(z.enum(PLANES)),
  groups: z.array(z.string()),
  tags: z.array(z.string()),
  allowReenroll: z.boolean(),
  createdBy: z.string(),
  createdAt: Time,
  revokedBy: z.string().nullable(),
  revokedAt: TimeOrNull,
  lastUsedAt: TimeOrNull,
  failures: z.strictObject({ count: z.int(), lastReason: z.string().nullable() }),
})
export type EnrollmentToken = z.infer<typeof EnrollmentToken>

export const createEnrollmentToken = declare({
  method: 'POST',
  path: `${fleetPrefix}/enrollment-tokens`,
  summary: 'Make an enrolment token; its raw value is in this reply and nowhere else.',
  speaker: 'operator',
  may: 'enrollment-tokens:write',
  body: z.strictObject({
    label: Label,
    maxUses: z.int().min(1).max(10_000).optional(),
    expiresInSeconds: z.int().min(minSeconds).max(maxSeconds).optional(),
    planes: z.array(z.enum(PLANES)).min(1).optional(),
    /** Names of groups that every device enrolled with it joins; made by a token for some groups, all of those. */
    groups: z.array(Label).max(64).optional(),
    tags: Tags.optional(),
    allowReenroll: z.boolean().optional(),
  }),
  reply: z.strictObject({
    ...EnrollmentToken.shape,
    token: z.string(),
    /** A ready agent file fragment, and advice worth reading before the first launch. */
    agentFile: z.string(),
    warnings: z.array(z.string()),
  }),
  status: 201,
  refusals: ['not_found'],
})

export const listEnrollmentTokens = declare({
  method: 'GET',
  path: `${fleetPrefix}/enrollment-tokens`,
  summary: 'Enrolment tokens, newest first.',
  speaker: 'operator',
  may: 'enrollment-tokens:read',
  query: z.strictObject({ ...Paging, status: z.enum(TOKEN_STATUSES).optional() }),
  reply: listOf(EnrollmentToken),
  refusals: [],
})

export const readEnrollmentToken = declare({
  method: 'GET',
  path: `${fleetPrefix}/enrollment-tokens/{id}`,
  summary: 'One enrolment token, without its raw value.',
  speaker: 'operator',
  may: 'enrollment-tokens:read',
  params: ById,
  reply: EnrollmentToken,
  refusals: ['not_found'],
})

export const revokeEnrollmentToken = declare({
  method: 'POST',
  path: `${fleetPrefix}/enrollment-tokens/{id}:revoke`,
  summary: 'Stop enrolments with this token at once; devices it let in stay, and are listed.',
  speaker: 'operator',
  may: 'enrollment-tokens:write',
  params: ById,
  reply: z.strictObject({ ...EnrollmentToken.shape, enrolledDeviceIds: z.array(z.string()) }),
  refusals: ['not_found'],
})
