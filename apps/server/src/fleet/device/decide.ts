// How one device is put together from what identity and the planes know, and who may change what of it. Pure.
// The facts are theirs; loading them is device.ts.
import {
  type AuditEntry,
  type BodyOf,
  CEILING_EXTRA,
  type changeDevice,
  credentialMay,
  type Device,
  type DeviceCeiling,
  type DeviceHeartbeat,
  type DevicesMeant,
  HeartbeatCeiling,
  type HeartbeatPoint,
  PLANES,
  type TimelineEntry,
} from '@muster/contract'
import type { DeviceRecord, HostText, KnownOperator } from '@muster/identity'
import { ok, type Result, refuse, toIso } from '@muster/kernel'
import type { Point, Presence } from '@muster/telemetry'
import type { z } from 'zod'

/** What the observe plane knows of a device. */
export type ObservedDevice = Pick<
  Device,
  'lastCheckInAt' | 'policy' | 'backlog' | 'coverage' | 'openFindings' | 'clockSkewSeconds' | 'resnapshotRequested'
>

export const composeDevice = (
  record: DeviceRecord,
  observed: ObservedDevice,
  presence: Presence | undefined,
): Device => {
  const { deviceNo: _no, historyNos: _nos, ...known } = record
  const told = presence === undefined ? { heartbeat: null, ceiling: null } : toTold(presence)
  return { ...known, ...observed, ...told }
}

/** What stands there is whatever a machine sent; what is not a ceiling within its bounds is none. */
const toCeiling = ({ description }: Presence): DeviceCeiling | null => {
  const read = HeartbeatCeiling.safeParse(description.extras[CEILING_EXTRA])
  if (!read.success) return null
  const { scan_roots: scanRoots, scan_roots_left_off: scanRootsLeftOff, jobs } = read.data
  const planes = PLANES.filter((plane) => read.data.planes.includes(plane))
  return { planes, scanRoots, scanRootsLeftOff, jobs }
}

const toTold = (presence: Presence) => ({ heartbeat: toHeartbeat(presence), ceiling: toCeiling(presence) })

const toHeartbeat = ({ newest, description }: Presence): DeviceHeartbeat => {
  const { uptimeSeconds, cpuPercent, memoryUsedBytes, processCount, diskUsedBytes } = newest.metrics
  const { cpuCount, memoryTotalBytes, disks } = description
  return {
    receivedAt: toIso(newest.receivedMs),
    observedAt: toIso(newest.observedMs),
    uptimeSeconds,
    cpuCount,
    cpuPercent,
    memoryTotalBytes,
    memoryUsedBytes,
    processCount,
    disks: (disks ?? []).map((disk, index) => ({ ...disk, usedBytes: diskUsedBytes[index] ?? 0 })),
  }
}

export const toHeartbeatPoint = ({ fromMs, ...point }: Point): HeartbeatPoint => ({ from: toIso(fromMs), ...point })

/** Analysts may tag and nothing else (fleet-product 3.1). */
export const decideChange = (
  operator: Pick<KnownOperator, 'role' | 'scopes' | 'groupNos'>,
  body: BodyOf<typeof changeDevice>,
): Result<undefined, 'role_insufficient'> => {
  const { tags: _, ...others } = body
  if (Object.keys(others).length === 0 || credentialMay(operator, 'devices:write')) return ok(undefined)
  return refuse('role_insufficient', 'This credential may change tags only.')
}

/** A filter that leaves nothing out is no way to name what is revoked. */
export const decideMeant = (meant: DevicesMeant): Result<DevicesMeant, 'request_malformed'> =>
  'ids' in meant || Object.keys(meant.filter).length > 0
    ? ok(meant)
    : refuse('request_malformed', 'body.devices.filter: Say what the devices to revoke have in common.')

type Line = z.infer<typeof TimelineEntry>

const hostLine = (text: HostText): Line => ({
  at: toIso(text.seenMs),
  what: 'device.described',
  by: null,
  detail: {
    hostname: text.hostname,
    osVersion: text.osVersion,
    hardwareModel: text.hardwareModel,
    sensorVersion: text.sensorVersion,
  },
})

const auditLine = ({ occurredAt, action, actor, outcome, details }: AuditEntry): Line => ({
  at: occurredAt,
  what: action,
  by: actor.displayName ?? actor.id,
  detail: outcome === 'success' ? details : { ...details, outcome },
})

export interface TimelinePart {
  /** One page of the device's audit entries, newest first. */
  readonly entries: readonly AuditEntry[]
  readonly isLast: boolean
  /** What the host said of itself over time. */
  readonly texts: readonly HostText[]
  /** Where the page before this one ended; null on the first page. */
  readonly beforeMs: number | null
}

/** A page of both, newest first: the host's words fall to the page within whose entries they were said. */
export const mergeTimeline = ({ entries, isLast, texts, beforeMs }: TimelinePart): readonly Line[] => {
  const oldest = entries.at(-1)
  const fromMs = isLast || oldest === undefined ? Number.NEGATIVE_INFINITY : Date.parse(oldest.occurredAt)
  const said = texts.filter(({ seenMs }) => seenMs >= fromMs && (beforeMs === null || seenMs < beforeMs))
  return [...entries.map(auditLine), ...said.map(hostLine)].toSorted((left, right) => right.at.localeCompare(left.at))
}

export interface TimelineCursor {
  readonly audit: string
  readonly beforeMs: number
}

export const writeCursor = ({ audit, beforeMs }: TimelineCursor): string =>
  Buffer.from(`${beforeMs} ${audit}`).toString('base64url')

export const readCursor = (text: string): Result<TimelineCursor, 'request_malformed'> => {
  const found = /^(\d{1,15}) ([\w-]+)$/.exec(Buffer.from(text, 'base64url').toString('latin1'))
  return found === null
    ? refuse('request_malformed', 'The cursor is not one that this list gave out.')
    : ok({ beforeMs: Number(found[1]), audit: found[2] ?? '' })
}
