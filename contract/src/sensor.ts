// Koban Sensor Protocol v1 as data: the four routes a sensor speaks (sensor-protocol 4 to 8), and one of ours.
// Unknown keys pass at every level, because other agents may send more; the payload bytes are payload.ts.
import * as z from 'zod'
import { declare } from './route.ts'

const prefix = '/api/sensor/v1'

/** Free text of a host: stored as it comes, cut at 512 characters by the receiver, never refused. */
const hostText = z.string()

export const EnrollRequest = z.looseObject({
  token: z.string(),
  publicKey: z.string(),
  hostname: hostText,
  osVersion: hostText,
  hardwareModel: hostText,
  sensorVersion: hostText,
})

export const EnrollReply = z.strictObject({
  tenantId: z.string(),
  deviceId: z.string(),
  clientCertificate: z.base64(),
  certificateExpiresAt: z.string(),
})

export const RenewRequest = z.looseObject({
  tenantId: z.string().optional(),
  deviceId: z.string(),
  /** In the form of an enrolment; the device's present key, or a new one. */
  publicKey: z.string(),
  /** For a new key: base64 of its ECDSA signature with SHA-256 over `renewalStatement`, in DER. */
  proof: z.string().max(256).optional(),
})

export const RenewReply = z.strictObject({
  clientCertificate: z.base64(),
  certificateExpiresAt: z.string(),
})

/** What a new key signs to prove that whoever asks holds it: this device, this key and nothing else. */
export const renewalStatement = (deviceId: string, publicKeySha256: string): string =>
  `muster certificate renewal\n${deviceId}\n${publicKeySha256}`

export const ConfigRequest = z.looseObject({
  tenantId: z.string().optional(),
  deviceId: z.string(),
  currentGeneration: z.string(),
})

export const ConfigReply = z.strictObject({
  generation: z.string(),
  configJson: z.base64(),
  signature: z.literal(''),
})

const SyncHealth = z.looseObject({
  syncBacklogEvents: z.int().nonnegative(),
  syncBacklogBytes: z.int().nonnegative(),
})

export const CheckInRequest = z.looseObject({
  tenantId: z.string().optional(),
  deviceId: z.string(),
  sensorVersion: z.string(),
  osVersion: z.string(),
  activeConfigGeneration: z.string(),
  health: SyncHealth,
})

export const CheckInReply = z.strictObject({
  serverTime: z.string(),
  configGeneration: z.string(),
  configUpdateAvailable: z.boolean(),
  certificateRenewalRequired: z.boolean(),
  fullResnapshotRequested: z.boolean(),
})

/**
 * The frame of a sync. Its events are judged one by one by the sync decision and never refuse the batch, so here they
 * may be anything (sensor-protocol 7.5, 12).
 */
export const SyncRequest = z.looseObject({
  tenantId: z.string().optional(),
  deviceId: z.string(),
  sensorVersion: z.string(),
  schemaVersion: z.int(),
  lastAckedLocalSequence: z.int().nonnegative(),
  events: z.array(z.unknown()),
  health: SyncHealth,
})

export const EVENT_KINDS = ['added', 'modified', 'removed'] as const
export type EventKind = (typeof EVENT_KINDS)[number]

/** One event as our own agents send it (sensor-protocol 8); the receiver is more patient, see the sync decision. */
export const EventEnvelope = z.looseObject({
  eventId: z.string().min(1).max(128),
  deviceId: z.string(),
  localSequence: z.int().positive(),
  surface: z.string().regex(/^[A-Za-z0-9._:-]{1,128}$/),
  kind: z.enum(EVENT_KINDS),
  observedAt: z.string(),
  collectedAt: z.string(),
  payloadHash: z.string(),
  payload: z.string(),
})
export type EventEnvelope = z.infer<typeof EventEnvelope>

/** Why an event can never become acceptable (sensor-protocol 12); anything that still could is left undecided. */
export const REJECTION_CODES = [
  'invalid_device',
  'invalid_event_id',
  'invalid_sequence',
  'invalid_surface',
  'invalid_kind',
  'invalid_timestamp',
  'invalid_payload_hash',
  'invalid_payload',
  'empty_payload',
  'duplicate_conflict',
] as const
export type RejectionCode = (typeof REJECTION_CODES)[number]

export const SyncReply = z.strictObject({
  acceptedThroughLocalSequence: z.int().nonnegative(),
  acceptedEvents: z.array(z.strictObject({ eventId: z.string(), localSequence: z.int(), duplicate: z.boolean() })),
  rejectedEvents: z.array(
    z.strictObject({
      eventId: z.string(),
      localSequence: z.int(),
      code: z.enum(REJECTION_CODES),
      message: z.string(),
    }),
  ),
  serverTime: z.string(),
  configGeneration: z.string(),
  configUpdateAvailable: z.boolean(),
  fullResnapshotRequested: z.boolean(),
  retryAfterSeconds: z.int().nonnegative(),
  maxBatchBytes: z.int().nonnegative(),
  maxBatchEvents: z.int().nonnegative(),
})

export const enroll = declare({
  method: 'POST',
  path: `${prefix}/enroll`,
  summary: 'Trade an enrolment token and a public key for a device id and a client certificate.',
  speaker: 'enrollee',
  body: EnrollRequest,
  reply: EnrollReply,
  refusals: ['enrollment_refused', 'public_key_unacceptable', 'rate_limited', 'authority_unavailable'],
})

/** Ours, beside the four of the protocol: sensors that know it say so by their version. */
export const renew = declare({
  method: 'POST',
  path: `${prefix}/renew`,
  summary: 'Trade a certificate that still counts for the next one, for the same key or a new one.',
  speaker: 'device',
  body: RenewRequest,
  reply: RenewReply,
  refusals: [
    'certificate_missing',
    'public_key_unacceptable',
    'key_proof_invalid',
    'key_taken',
    'rate_limited',
    'authority_unavailable',
  ],
})

export const config = declare({
  method: 'POST',
  path: `${prefix}/config`,
  summary: 'The complete configuration bundle in force for this device.',
  speaker: 'device',
  body: ConfigRequest,
  reply: ConfigReply,
  refusals: [],
})

export const checkIn = declare({
  method: 'POST',
  path: `${prefix}/check-in`,
  summary: 'Say that the sensor lives, and hear what it should do next.',
  speaker: 'device',
  body: CheckInRequest,
  reply: CheckInReply,
  refusals: [],
})

/** 16 MiB, so that one huge event can never wedge a queue (sensor-protocol 7.3). */
export const syncBodyBytes = 16 * 1024 * 1024

export const sync = declare({
  method: 'POST',
  path: `${prefix}/sync`,
  summary: 'Deliver a batch of events and learn the fate of each.',
  speaker: 'device',
  body: SyncRequest,
  bodyForm: 'bytes',
  reply: SyncReply,
  refusals: ['schema_version_unsupported'],
  limits: { bodyBytes: syncBodyBytes },
})

export const sensorRoutes = { enroll, renew, config, checkIn, sync } as const

const HeardConfigReply = z.object({
  generation: z.string(),
  /** Absent, null and empty all mean that there is nothing new. */
  configJson: z.base64().nullish(),
  signature: z.base64().nullish(),
})

const HeardRejection = z.object({
  eventId: z.string(),
  localSequence: z.int(),
  /** Any word: a code nobody knows is a rejection all the same. */
  code: z.string(),
  message: z.string(),
})

const HeardSyncReply = z.object({
  ...SyncReply.shape,
  acceptedThroughLocalSequence: z.int(),
  rejectedEvents: z.array(HeardRejection),
})

/**
 * The same sentences as our agent says them to any server of the protocol: another one may leave out or word what ours
 * never would, and must still be understood (sensor-protocol 2, 5.2, 7.2).
 */
export const spokenSensorRoutes = {
  enroll,
  renew,
  config: declare({ ...config, reply: HeardConfigReply }),
  checkIn,
  sync: declare({ ...sync, reply: HeardSyncReply }),
} as const
