// Enrolment tokens as operators of the telemetry facade see them (telemetry 3); the tokens are those of the fleet API.
// What may be done with one is identity's to say.
import { z } from 'zod'
import { PLANES, TOKEN_STATUSES } from '../fleet/enrollment-tokens.ts'
import { declare } from '../route.ts'
import {
  AGENT_CLASSES,
  Instant,
  InstantOrNull,
  TelemetryId,
  TelemetryPaging,
  telemetryListOf,
  telemetryPrefix,
} from './shapes.ts'

const path = `${telemetryPrefix}/agent-enrollment/tokens`

export const AgentEnrollmentToken = z.strictObject({
  enrollment_token_id: TelemetryId,
  site_id: TelemetryId,
  allowed_agent_classes: z.array(z.enum(AGENT_CLASSES)),
  planes: z.array(z.enum(PLANES)),
  status: z.enum(TOKEN_STATUSES),
  use_count: z.int(),
  max_uses: z.int(),
  expires_at: Instant,
  label: z.string(),
  created_at: Instant,
  created_by: z.string(),
  revoked_at: InstantOrNull,
  revoked_by: z.string().nullable(),
  last_used_at: InstantOrNull,
})
export type AgentEnrollmentToken = z.infer<typeof AgentEnrollmentToken>

const lifeSeconds = z
  .int()
  .min(5 * 60)
  .max(90 * 24 * 3600)

export const createAgentEnrollmentToken = declare({
  method: 'POST',
  path,
  summary: 'Make an enrolment token for agents; its raw value is in this reply and nowhere else.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'enrollment-tokens:write',
  body: z
    .strictObject({
      site_id: TelemetryId.optional(),
      allowed_agent_classes: z.array(z.enum(AGENT_CLASSES)).min(1).max(AGENT_CLASSES.length).optional(),
      planes: z.array(z.enum(PLANES)).min(1).max(PLANES.length).optional(),
      max_uses: z.int().min(1).max(10_000).optional(),
      expires_in_seconds: lifeSeconds.optional(),
      expires_at: z.iso.datetime({ offset: true }).optional(),
      label: z.string().trim().max(80).optional(),
    })
    .refine((body) => body.expires_at === undefined || body.expires_in_seconds === undefined, {
      message: 'either expires_at or expires_in_seconds',
      path: ['expires_at'],
    }),
  reply: z.strictObject({ ...AgentEnrollmentToken.shape, enrollment_token: z.string() }),
  status: 201,
  refusals: ['request_invalid'],
})

export const listAgentEnrollmentTokens = declare({
  method: 'GET',
  path,
  summary: 'Enrolment tokens, newest first.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'enrollment-tokens:read',
  query: z.strictObject({ ...TelemetryPaging, status: z.enum(TOKEN_STATUSES).optional() }),
  reply: telemetryListOf(AgentEnrollmentToken),
  refusals: [],
})

export const revokeAgentEnrollmentToken = declare({
  method: 'POST',
  path: `${path}/{enrollment_token_id}/revoke`,
  summary: 'Stop enrolments with this token at once; agents it let in stay.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'enrollment-tokens:write',
  params: z.strictObject({ enrollment_token_id: TelemetryId }),
  body: z.strictObject({ reason: z.string().trim().max(512).optional() }).optional(),
  reply: AgentEnrollmentToken,
  refusals: ['not_found'],
})
