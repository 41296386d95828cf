// Telemetry events in their envelope, held against their schema before anybody can read them (telemetry 13.1).
// When there is one is said by heartbeats and by the turns of agents; the outbox carries them.
import {
  type TelemetryEvent,
  type TelemetryEventPayload,
  type TelemetryEventType,
  telemetryEnvelope,
  telemetrySchemaVersion,
} from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { Announcement } from '@muster/storage'
import { uuidOf } from './uuid.ts'

export interface EventFacts<Type extends TelemetryEventType> {
  readonly type: Type
  readonly tenantId: string
  readonly agentId: string
  /** What it was known by, or anything else that comes out the same each time. */
  readonly heartbeatKey: string
  readonly atMs: number
  readonly requestId: string
  /** The event that brought this one about. */
  readonly causationId: string | null
  readonly payload: TelemetryEventPayload<Type>
}

export const eventIdOf = (
  facts: Pick<EventFacts<TelemetryEventType>, 'tenantId' | 'agentId' | 'heartbeatKey' | 'type'>,
) => uuidOf(`${facts.tenantId}\n${facts.agentId}\n${facts.heartbeatKey}\n${facts.type}`)

/** Throws when it is not what its schema says: that is a defect, and nothing of it may be told. */
export const createEvent = <Type extends TelemetryEventType>(facts: EventFacts<Type>): TelemetryEvent<Type> => {
  const event = {
    event_id: eventIdOf(facts),
    event_type: facts.type,
    schema_version: telemetrySchemaVersion,
    tenant_id: facts.tenantId,
    source: facts.type.startsWith('asset.') ? 'telemetry.heartbeat' : 'agent.enrollment',
    timestamp: toIso(facts.atMs),
    correlation_id: facts.requestId,
    causation_id: facts.causationId,
    payload: facts.payload,
  } as const
  const checked = telemetryEnvelope(facts.type).safeParse(event)
  if (!checked.success) throw new Error(`event ${facts.type} breaks its schema`, { cause: checked.error })
  return event
}

/** As an entry of the outbox: the type is its topic. */
export const announcementOf = (event: TelemetryEvent, assetId: string, atMs: number): Announcement => ({
  tenantId: event.tenant_id,
  topic: event.event_type,
  key: assetId,
  body: event,
  createdMs: atMs,
})
