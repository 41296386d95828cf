// What is told to whoever listens: the envelope, and the payload of every telemetry event (telemetry 13).
// When one is told is identity's and the telemetry plane's; carrying it away is the outbox's.
import { z } from 'zod'
import { AGENT_STATES, REVOCATION_REASONS } from './agents.ts'
import { Instant, TelemetryId } from './shapes.ts'

export const EVENT_SOURCES = ['agent.enrollment', 'telemetry.heartbeat'] as const

const token = { enrollment_token_id: TelemetryId, site_id: TelemetryId }
const identity = { agent_id: TelemetryId, site_id: TelemetryId, collector_id: TelemetryId, asset_id: TelemetryId }

/** The payload of each event type, and when it is told; none of them holds a secret, a fingerprint or a body. */
export const TELEMETRY_EVENTS = {
  'agent.enrollment_token.issued': z
    .strictObject({ ...token, max_uses: z.int(), expires_at: Instant })
    .describe('A token to enrol agents with was made.'),
  'agent.enrollment_token.revoked': z.strictObject(token).describe('A token to enrol agents with was revoked.'),
  'agent.enrollment.failed': z
    .strictObject({
      reason: z.string(),
      enrollment_token_id: TelemetryId.nullable(),
      override_attempted: z.boolean(),
    })
    .describe('An exchange was refused; the reason is the true one, which the caller was not told.'),
  'agent.enrolled': z
    .strictObject({
      ...identity,
      device_id: z.string(),
      agent_class: z.string(),
      agent_version: z.string(),
      enrollment_token_id: TelemetryId,
      re_enrolled: z.boolean(),
    })
    .describe('An agent got an identity, or the one it had before.'),
  'collector.enrolled': z
    .strictObject(identity)
    .describe('The source of telemetry that belongs to an agent came with it.'),
  'agent.certificate.rotated': z
    .strictObject({
      agent_id: TelemetryId,
      certificate_serial_number: z.string(),
      certificate_fingerprint_sha256: z.string(),
      certificate_expires_at: Instant,
    })
    .describe('An agent got its next certificate.'),
  'agent.revoked': z
    .strictObject({
      agent_id: TelemetryId,
      asset_id: TelemetryId,
      reason: z.enum(REVOCATION_REASONS).or(z.literal('denied')),
    })
    .describe('No credential of an agent counts any more.'),
  'agent.state_changed': z
    .strictObject({
      agent_id: TelemetryId,
      asset_id: TelemetryId,
      from: z.enum(AGENT_STATES).nullable(),
      to: z.enum(AGENT_STATES),
    })
    .describe('An agent went from one state into another.'),
  'agent.identity.conflict': z
    .strictObject({
      agent_id: TelemetryId,
      asset_id: TelemetryId,
      other_agent_ids: z.array(TelemetryId),
      resolution: z.enum(['flagged', 'superseded']),
    })
    .describe('Two agents seem to be one machine.'),
  'asset.discovered': z.strictObject(identity).describe('A machine was heard for the first time.'),
  'asset.telemetry.received': z
    .strictObject({
      ...identity,
      heartbeat_id: z.string().nullable(),
      observed_at: Instant.nullable(),
    })
    .describe('A heartbeat was taken.'),
  'asset.updated': z
    .strictObject({ ...identity, changed: z.array(z.string()) })
    .describe('A machine says something else of itself than before.'),
} as const
export type TelemetryEventType = keyof typeof TELEMETRY_EVENTS
export const TELEMETRY_EVENT_TYPES = Object.keys(TELEMETRY_EVENTS) as readonly TelemetryEventType[]
export type TelemetryEventPayload<Type extends TelemetryEventType> = z.infer<(typeof TELEMETRY_EVENTS)[Type]>

export const telemetrySchemaVersion = '1.0'

/** All nine keys are always there; an id repeats only when the very same event is told again (telemetry 13.1). */
export const telemetryEnvelope = <Type extends TelemetryEventType>(type: Type) =>
  z.strictObject({
    event_id: z.uuid(),
    event_type: z.literal(type),
    schema_version: z.literal(telemetrySchemaVersion),
    tenant_id: z.string(),
    source: z.enum(EVENT_SOURCES),
    timestamp: Instant,
    correlation_id: z.string(),
    causation_id: z.uuid().nullable(),
    payload: TELEMETRY_EVENTS[type],
  })

export interface TelemetryEvent<Type extends TelemetryEventType = TelemetryEventType> {
  readonly event_id: string
  readonly event_type: Type
  readonly schema_version: typeof telemetrySchemaVersion
  readonly tenant_id: string
  readonly source: (typeof EVENT_SOURCES)[number]
  readonly timestamp: string
  readonly correlation_id: string
  readonly causation_id: string | null
  readonly payload: TelemetryEventPayload<Type>
}
