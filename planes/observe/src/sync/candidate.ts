// One event of a batch after the checks that need no knowledge of the device (sensor-protocol 12, 18.2 step 4a).
// Whether it is new, a duplicate or a lie is the sync decision's business.
import { EVENT_KINDS, type EventKind, type RejectionCode } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import type { RecognisedItem } from '../inventory/names.ts'
import { eventKeyOf } from './event-key.ts'
import { createMomentReader } from './moment.ts'
import { maxSequence } from './order.ts'

export interface Candidate {
  readonly eventId: string
  readonly eventKey: Uint8Array
  readonly deviceId: string
  readonly sequence: number
  readonly surface: string
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
  /** Lower case, as the device claims it. */
  readonly payloadHash: string
  readonly payload: Buffer
  /** Whether the hash is that of the payload. */
  readonly isIntact: boolean
  /** What the payload is known for, which proves that it can be read. */
  readonly recognised: RecognisedItem | undefined
}

export interface Fault {
  readonly code: RejectionCode
  readonly message: string
}

/** What an event is before it is judged: readable, or at fault for good. */
export type ReadEvent =
  | { readonly readable: true; readonly event: Candidate }
  | { readonly readable: false; readonly eventId: string; readonly sequence: number; readonly fault: Fault }

const surfacePattern = /^[A-Za-z0-9._:-]{1,128}$/
const maxEventIdLength = 128
const kinds: ReadonlySet<unknown> = new Set(EVENT_KINDS)

/** What an item of this surface is known for, see `Names`. */
export type Recognise = (surface: string, payload: Uint8Array) => RecognisedItem | undefined

interface Means {
  readonly moments: (text: unknown) => number | undefined
  readonly recognise: Recognise
}

/**
 * Reads the events of one batch in order; unknown keys pass. All that takes a look into payloads is done here, one event
 * after the other: a group of them is larger than what a processor has at hand.
 */
export const readEvents = (events: readonly unknown[], recognise: Recognise): readonly ReadEvent[] => {
  const means: Means = { moments: createMomentReader(), recognise }
  return events.map((event) => readEvent(event, means))
}

/** The id as a reply repeats it: strict decoders refuse a whole reply for half a surrogate pair. */
const shownId = (eventId: string): string => eventId.slice(0, maxEventIdLength).toWellFormed()

const readEvent = (said: unknown, { moments, recognise }: Means): ReadEvent => {
  const event = (typeof said === 'object' && said !== null ? said : {}) as Record<string, unknown>
  const eventId = typeof event.eventId === 'string' ? event.eventId : ''
  const sequence = Number.isSafeInteger(event.localSequence) ? (event.localSequence as number) : 0
  const observedMs = moments(event.observedAt)
  const collectedMs = moments(event.collectedAt)
  const payload = typeof event.payload === 'string' ? Buffer.from(event.payload, 'base64') : undefined
  const fault =
    faultInNames(event, eventId, sequence) ??
    faultInMoments(observedMs, collectedMs) ??
    faultInPayload(event.payloadHash, payload)
  if (fault !== undefined || observedMs === undefined || collectedMs === undefined || payload === undefined)
    return { readable: false, eventId: shownId(eventId), sequence, fault: fault ?? noPayload }
  const surface = event.surface as string
  const payloadHash = (event.payloadHash as string).toLowerCase()
  return {
    readable: true,
    event: {
      eventId,
      eventKey: eventKeyOf(eventId),
      deviceId: event.deviceId as string,
      sequence,
      surface,
      kind: event.kind as EventKind,
      observedMs,
      collectedMs,
      payloadHash,
      payload,
      isIntact: sha256Hex(payload) === payloadHash,
      recognised: recognise(surface, payload),
    },
  }
}

const faultInNames = (event: Record<string, unknown>, eventId: string, sequence: number): Fault | undefined => {
  // Half a surrogate pair is no text: two such ids would share one key.
  if (eventId === '' || eventId.length > maxEventIdLength || !eventId.isWellFormed())
    return { code: 'invalid_event_id', message: `eventId must be 1 to ${maxEventIdLength} characters` }
  if (sequence <= 0 || sequence > maxSequence)
    return { code: 'invalid_sequence', message: 'localSequence must be a positive whole number' }
  if (typeof event.deviceId !== 'string' || event.deviceId === '')
    return { code: 'invalid_device', message: 'deviceId is missing' }
  if (typeof event.surface !== 'string' || !surfacePattern.test(event.surface))
    return { code: 'invalid_surface', message: 'surface must be 1 to 128 letters, digits or ._:-' }
  if (!kinds.has(event.kind)) return { code: 'invalid_kind', message: `kind must be one of ${EVENT_KINDS.join(', ')}` }
  return undefined
}

const faultInMoments = (observedMs: number | undefined, collectedMs: number | undefined): Fault | undefined => {
  if (observedMs === undefined) return { code: 'invalid_timestamp', message: 'observedAt is not an RFC 3339 timestamp' }
  if (collectedMs === undefined)
    return { code: 'invalid_timestamp', message: 'collectedAt is not an RFC 3339 timestamp' }
  return undefined
}

const noPayload: Fault = { code: 'invalid_payload', message: 'payload must be base64 text' }

const faultInPayload = (payloadHash: unknown, payload: Buffer | undefined): Fault | undefined => {
  if (payload === undefined) return noPayload
  if (payload.length === 0) return { code: 'empty_payload', message: 'payload has no bytes' }
  if (typeof payloadHash !== 'string')
    return { code: 'invalid_payload_hash', message: 'payloadHash must be the hex SHA-256 of the payload' }
  return undefined
}
