// How machines do, as operators see it: the newest heartbeat of a device, and the history of its load.
// What an agent says of itself is in telemetry/; who the devices are is devices.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { ById, fleetPrefix, Time } from './shapes.ts'

export const HEARTBEAT_RESOLUTIONS = ['minute', 'hour', 'day'] as const
export type HeartbeatResolution = (typeof HEARTBEAT_RESOLUTIONS)[number]

/** The newest heartbeat; null where something could not be collected. */
export const DeviceHeartbeat = z.strictObject({
  /** When it came, by the server's clock. */
  receivedAt: Time,
  /** When it was made, by the machine's clock. */
  observedAt: Time,
  uptimeSeconds: z.int().nullable(),
  cpuCount: z.int().nullable(),
  cpuPercent: z.number().nullable(),
  memoryTotalBytes: z.int().nullable(),
  memoryUsedBytes: z.int().nullable(),
  processCount: z.int().nullable(),
  disks: z.array(z.strictObject({ mount: z.string(), totalBytes: z.int(), usedBytes: z.int() })),
})
export type DeviceHeartbeat = z.infer<typeof DeviceHeartbeat>

const Range = z.strictObject({ least: z.number(), mean: z.number(), most: z.number() })

/** What was heard in one span of time, in per cent; null where no heartbeat in it knew. The disk is the fullest one. */
export const HeartbeatPoint = z.strictObject({
  from: Time,
  heartbeats: z.int().positive(),
  cpuPercent: Range.nullable(),
  memoryPercent: Range.nullable(),
  diskPercent: Range.nullable(),
})
export type HeartbeatPoint = z.infer<typeof HeartbeatPoint>

const when = z.iso.datetime({ offset: true })

export const deviceHeartbeats = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices/{id}/heartbeats`,
  summary:
    'The load of a device over time, oldest first: by the minute for a day, by the hour for 30, by the day for 400.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  query: z.strictObject({
    /** A day before `to` unless said. */
    from: when.optional(),
    /** Now unless said. */
    to: when.optional(),
    /** As fine as is kept for that time unless said. */
    resolution: z.enum(HEARTBEAT_RESOLUTIONS).optional(),
  }),
  reply: z.strictObject({ resolution: z.enum(HEARTBEAT_RESOLUTIONS), items: z.array(HeartbeatPoint) }),
  refusals: ['not_found'],
})
