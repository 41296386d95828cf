// What the outbox tells of, as data: each topic with whom it is about and what it says.
// It is written in the transaction of what it tells of; who reads it, and when, is others' business.
import { z } from 'zod'
import { DEVICE_STATUSES } from './fleet/devices.ts'
import { Time, TimeOrNull } from './fleet/shapes.ts'
import { TELEMETRY_EVENTS, type TelemetryEventType, telemetryEnvelope } from './telemetry/events.ts'

const about = <Body extends z.ZodRawShape>(summary: string, body: Body) => ({ summary, body: z.strictObject(body) })

const deviceNo = z.int().positive()
const reason = z.string().optional()
const from = z.enum(DEVICE_STATUSES)

/** By topic, `noun.verb` in the past. The key is the id of a device, but for what is told of many at once. */
export const ANNOUNCEMENTS = {
  'device.enrolled': about('A machine joined the fleet.', { hostname: z.string() }),
  'device.reenrolled': about('A machine that had been revoked or retired joined again by itself.', {
    hostname: z.string(),
  }),
  'device.reactivated': about('An operator let a device speak again.', { deviceNo, from, reason }),
  'device.revoked': about('An operator shut a device out.', { deviceNo, from, reason }),
  'device.retired': about('An operator took a device out of service.', { deviceNo, from, reason }),
  'device.merged': about('An operator found two records to be one machine; this one is read under the other.', {
    deviceNo,
    intoId: z.string(),
    from,
    reason,
  }),
  'device.data_deletion_requested': about('An owner asked for all that a device reported to be deleted.', {
    deviceNo,
    reason,
    formerIds: z.array(z.string()).optional(),
  }),
  'device.data_deleted': about('All that a device reported is gone; the counts say how many rows of what.', {
    deviceNo,
    counts: z.record(z.string(), z.int().nonnegative()),
  }),
  'device.gone_dark': about('A device that used to be heard fell silent.', { deviceNo, lastContactAt: TimeOrNull }),
  'device.heard_again': about('A device that had fallen silent spoke.', { deviceNo }),
  'device.key_shared': about('The key of a device is enrolled in another tenant, too.', { keyFingerprint: z.string() }),
  'observe.batch_stored': about('Events of a device were stored, and its inventory follows them.', {
    deviceNo,
    epoch: z.int().positive(),
    stored: z.int().positive(),
  }),
  'telemetry.heartbeats_stored': about(
    'Heartbeats of a tenant were stored: the rows of the log from one number through another, others between them.',
    { fromNo: z.int().positive(), throughNo: z.int().positive() },
  ),
} as const

export type Topic = keyof typeof ANNOUNCEMENTS

/** One thing told, with its body as its topic has it. */
export type Told = {
  [T in Topic]: {
    readonly tenantId: string
    readonly topic: T
    readonly key: string
    readonly body: z.input<(typeof ANNOUNCEMENTS)[T]['body']>
  }
}[Topic]

const entryOf = (topic: string, body: z.ZodType) =>
  z.strictObject({ tenantId: z.string(), topic: z.literal(topic), key: z.string(), createdAt: Time, body })

/** An entry of the outbox as a reader gets it, and when it is told. */
export interface Entry {
  readonly summary: string
  readonly schema: z.ZodType
}

/** Everything the outbox ever tells, by topic; those of telemetry bring the envelope that agents' events have. */
export const OUTBOX_ENTRIES: Readonly<Record<Topic | TelemetryEventType, Entry>> = Object.fromEntries([
  ...Object.entries(ANNOUNCEMENTS).map(([topic, { summary, body }]) => [
    topic,
    { summary, schema: entryOf(topic, body) },
  ]),
  ...Object.entries(TELEMETRY_EVENTS).map(([type, { description: summary = '' }]) => [
    type,
    { summary, schema: entryOf(type, telemetryEnvelope(type as TelemetryEventType)) },
  ]),
])
