// Agents as operators see them, and the turns operators give their lives (telemetry 9).
// The states and what each means for a heartbeat are identity's.
import { z } from 'zod'
import { declare } from '../route.ts'
import { FINGERPRINT_CONFIDENCES } from './exchange.ts'
import {
  ByAgent,
  Instant,
  InstantOrNull,
  TelemetryId,
  TelemetryPaging,
  telemetryListOf,
  telemetryPrefix,
} from './shapes.ts'

export const AGENT_STATES = ['pending', 'enrolled', 'active', 'stale', 'revoked'] as const
export type AgentState = (typeof AGENT_STATES)[number]

/** How long an agent has been silent; it never decides whether a heartbeat is taken (telemetry 9, rule 2). */
export const AGENT_LIVENESSES = ['online', 'late', 'offline', 'never'] as const
export type AgentLiveness = (typeof AGENT_LIVENESSES)[number]
export const AGENT_LIVENESS_SECONDS = { online: 180, late: 900 } as const

export const AGENT_CERTIFICATE_STATUSES = ['active', 'superseded', 'expired', 'revoked'] as const

export const AgentCertificate = z.strictObject({
  serial_number: z.string(),
  fingerprint_sha256: z.string(),
  not_before: Instant,
  not_after: Instant,
  status: z.enum(AGENT_CERTIFICATE_STATUSES),
})

export const Agent = z.strictObject({
  agent_id: TelemetryId,
  /** The same machine in the fleet API; null while nobody approved it. */
  device_id: z.string().nullable(),
  site_id: TelemetryId,
  collector_id: TelemetryId,
  asset_id: TelemetryId,
  agent_class: z.string(),
  status: z.enum(AGENT_STATES),
  status_reason: z.string().nullable(),
  liveness: z.enum(AGENT_LIVENESSES),
  /** Null for an auditor. */
  hostname: z.string().nullable(),
  os_family: z.string(),
  os_version: z.string(),
  architecture: z.string().nullable(),
  agent_version: z.string(),
  capabilities: z.array(z.string()),
  enrolled_at: Instant,
  last_seen_at: InstantOrNull,
  enrollment_token_id: z.string().nullable(),
  fingerprint_confidence: z.enum(FINGERPRINT_CONFIDENCES).nullable(),
  possible_clone: z.boolean(),
  clock_skew_seconds: z.int().nullable(),
  certificate: AgentCertificate.nullable(),
  service_account_token_expires_at: InstantOrNull,
})
export type Agent = z.infer<typeof Agent>

export const listAgents = declare({
  method: 'GET',
  path: `${telemetryPrefix}/agents`,
  summary: 'Agents, newest first.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    ...TelemetryPaging,
    status: z.enum(AGENT_STATES).optional(),
    liveness: z.enum(AGENT_LIVENESSES).optional(),
    site_id: TelemetryId.optional(),
    enrollment_token_id: TelemetryId.optional(),
    /** Part of a host name, in any case. */
    q: z.string().max(128).optional(),
  }),
  reply: telemetryListOf(Agent),
  refusals: [],
})

export const readAgent = declare({
  method: 'GET',
  path: `${telemetryPrefix}/agents/{agent_id}`,
  summary: 'One agent.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  params: ByAgent,
  reply: Agent,
  refusals: ['not_found'],
})

export const REVOCATION_REASONS = ['lost_device', 'retired', 'compromised', 'superseded', 'other'] as const
export type RevocationReason = (typeof REVOCATION_REASONS)[number]

const comment = z.string().trim().max(512).optional()
const Comment = z.strictObject({ comment }).optional()

const turn = <Name extends string, Body extends z.ZodType>(name: Name, summary: string, body: Body) =>
  declare({
    method: 'POST',
    path: `${telemetryPrefix}/agents/{agent_id}/${name}`,
    summary,
    dialect: 'telemetry',
    speaker: 'operator',
    may: 'devices:write',
    params: ByAgent,
    body,
    reply: Agent,
    refusals: ['not_found', 'state_conflict'],
  })

export const approveAgent = turn('approve', 'Let a waiting agent in; its next exchange succeeds.', Comment)
export const denyAgent = turn('deny', 'Turn a waiting agent away for good.', Comment)
export const revokeAgent = turn(
  'revoke',
  'Refuse every credential of the agent from now on; it never comes back.',
  z.strictObject({ reason: z.enum(REVOCATION_REASONS), comment }),
)
export const reactivateAgent = turn('reactivate', 'Let an agent that was silent for too long speak again.', Comment)
