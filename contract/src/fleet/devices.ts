// Devices as operators see them: identity, liveness, coverage, policy status, life cycle (fleet-product 5).
// What was found on a device is inventory.ts; what a sensor says is sensor.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { PLANES } from './enrollment-tokens.ts'
import { DeviceHeartbeat } from './heartbeats.ts'
import { ById, fleetPrefix, listOf, Paging, Tags, Time, TimeOrNull } from './shapes.ts'

export const DEVICE_STATUSES = ['active', 'revoked', 'retired', 'merged'] as const
export type DeviceStatus = (typeof DEVICE_STATUSES)[number]
export const LIVENESSES = ['online', 'idle', 'offline', 'dormant'] as const
export type Liveness = (typeof LIVENESSES)[number]
/** From the least that can be known of a surface to the most. */
export const COVERAGES = ['none', 'partial', 'stale', 'complete'] as const
export type Coverage = (typeof COVERAGES)[number]
/** A surface that was scanned is `stale` once its device was not heard for longer (fleet-product 5.4). */
export const STALE_AFTER_MS = 24 * 3600 * 1000
export const POLICY_STATUSES = ['current', 'pending', 'refused', 'unknown', 'local'] as const
export type PolicyStatus = (typeof POLICY_STATUSES)[number]

export const Certificate = z.strictObject({
  serial: z.string(),
  fingerprint: z.string(),
  issuedAt: Time,
  expiresAt: Time,
  revokedAt: TimeOrNull,
})

/** What the machine's owner decided in its own file, as its agent told it; no server can raise it (ARCHITECTURE 6). */
export const DeviceCeiling = z.strictObject({
  /** Those that may run on it. */
  planes: z.array(z.enum(PLANES)),
  /** Projects are looked for below these and nowhere else, whatever a policy says. */
  scanRoots: z.array(z.string()),
  /** How many more there are than are told. */
  scanRootsLeftOff: z.int().nonnegative(),
  /** Whether a server can have it run anything. */
  jobs: z.boolean(),
})
export type DeviceCeiling = z.infer<typeof DeviceCeiling>

export const Device = z.strictObject({
  id: z.string(),
  tenantId: z.string(),
  agentId: z.string().nullable(),
  pcId: z.string().nullable(),
  hostname: z.string(),
  displayName: z.string().nullable(),
  owner: z.string().nullable(),
  notes: z.string().nullable(),
  osVersion: z.string(),
  hardwareModel: z.string(),
  sensorVersion: z.string(),
  status: z.enum(DEVICE_STATUSES),
  statusReason: z.string().nullable(),
  mergedIntoId: z.string().nullable(),
  /** Devices that were merged into this one; what they reported is read here. */
  formerIds: z.array(z.string()),
  liveness: z.enum(LIVENESSES),
  /** When a device that used to be heard every working day was noticed to be silent; null once it is heard again. */
  goneDarkAt: TimeOrNull,
  planes: z.array(z.enum(PLANES)),
  tags: z.array(z.string()),
  groups: z.array(z.string()),
  keyFingerprint: z.string(),
  /** The same key is enrolled in another tenant, too: somebody copied it, or enrolled one machine twice. */
  keyInOtherTenant: z.boolean(),
  certificates: z.array(Certificate),
  enrolledAt: Time,
  enrollmentTokenId: z.string().nullable(),
  lastContactAt: TimeOrNull,
  lastCheckInAt: TimeOrNull,
  /** How the machine did when it last said so; null as long as it never did. */
  heartbeat: DeviceHeartbeat.nullable(),
  /** Null as long as its newest heartbeat told none: there is none yet, or it is not from our own agent. */
  ceiling: DeviceCeiling.nullable(),
  policy: z.strictObject({
    status: z.enum(POLICY_STATUSES),
    assignedGeneration: z.string().nullable(),
    reportedGeneration: z.string().nullable(),
    servedGeneration: z.string().nullable(),
  }),
  backlog: z.strictObject({ events: z.int(), bytes: z.int() }),
  coverage: z.array(
    z.strictObject({ surface: z.string(), state: z.enum(COVERAGES), baselineAt: TimeOrNull, lastEventAt: TimeOrNull }),
  ),
  openFindings: z.strictObject({ info: z.int(), notable: z.int(), suspicious: z.int(), critical: z.int() }),
  clockSkewSeconds: z.number().nullable(),
  resnapshotRequested: z.boolean(),
  /** Other devices that may be the same machine; never merged by themselves. */
  mergeCandidates: z.array(z.string()),
  /** Null unless somebody asked for the device's data to be deleted since it was last active. */
  dataDeletion: z.strictObject({ requestedAt: Time, finishedAt: TimeOrNull }).nullable(),
  version: z.int(),
})
export type Device = z.infer<typeof Device>

export const Reason = z.string().trim().max(512).optional()
const reason = z.strictObject({ reason: Reason })

/** Which devices are meant; what is left out does not matter, but for retired and merged ones, which are asked for. */
export const DeviceFilter = {
  status: z.enum(DEVICE_STATUSES).optional(),
  liveness: z.enum(LIVENESSES).optional(),
  policyStatus: z.enum(POLICY_STATUSES).optional(),
  /** As little as is known of the surface of a device that is known least; `none` when it told of none. */
  coverage: z.enum(COVERAGES).optional(),
  group: z.string().max(128).optional(),
  tag: z.string().max(128).optional(),
  /** Part of a host name or display name, in any case. */
  name: z.string().max(128).optional(),
  enrollmentTokenId: z.string().max(128).optional(),
  goneDark: z.enum(['true', 'false']).optional(),
}

/**
 * `liveness` begins with those heard last, which are the liveliest; `lastContact` with those heard longest ago;
 * `coverage` with those of which least is known, each kind by name.
 */
export const DEVICE_SORTS = ['name', 'liveness', 'lastContact', 'os', 'enrolled', 'coverage'] as const
export type DeviceSort = (typeof DEVICE_SORTS)[number]
export const SORT_ORDERS = ['asc', 'desc'] as const

export const listDevices = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices`,
  summary: 'Devices, by host name unless told otherwise; retired and merged ones only when asked for.',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    ...Paging,
    ...DeviceFilter,
    sort: z.enum(DEVICE_SORTS).optional(),
    order: z.enum(SORT_ORDERS).optional(),
  }),
  reply: listOf(Device),
  refusals: [],
})

export const readDevice = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices/{id}`,
  summary: 'One device.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  reply: Device,
  refusals: ['not_found'],
})

export const changeDevice = declare({
  method: 'PATCH',
  path: `${fleetPrefix}/devices/{id}`,
  summary: 'Name, owner, notes and tags; analysts may change tags only.',
  speaker: 'operator',
  may: 'devices:tag',
  params: ById,
  body: z.strictObject({
    displayName: z.string().trim().max(256).nullable().optional(),
    owner: z.string().trim().max(256).nullable().optional(),
    notes: z.string().max(4096).nullable().optional(),
    tags: Tags.optional(),
  }),
  reply: Device,
  precondition: 'if-match',
  refusals: ['not_found', 'version_missing', 'version_stale'],
})

const action = <Name extends string>(name: Name, summary: string) =>
  declare({
    method: 'POST',
    path: `${fleetPrefix}/devices/{id}:${name}`,
    summary,
    speaker: 'operator',
    may: 'devices:write',
    params: ById,
    body: reason,
    reply: Device,
    refusals: ['not_found', 'state_conflict'],
  })

export const revokeDevice = action('revoke', 'Deny every certificate of the device at once; its findings stay.')
export const retireDevice = action('retire', 'The machine left the fleet in good order; its history stays.')
export const reactivateDevice = action('reactivate', 'Let a revoked or retired device speak again.')
export const requestResnapshot = action('requestResnapshot', 'Hint the device, once, to scan everything again.')

export const mergeDevice = declare({
  method: 'POST',
  path: `${fleetPrefix}/devices/{id}:merge`,
  summary: 'Declare this device a former life of another; its history is read under that one.',
  speaker: 'operator',
  may: 'devices:write',
  params: ById,
  body: z.strictObject({ intoId: z.string().min(1).max(128), reason: z.string().trim().max(512).optional() }),
  reply: Device,
  refusals: ['not_found', 'state_conflict'],
})

export const deleteDeviceData = declare({
  method: 'POST',
  path: `${fleetPrefix}/devices/{id}:deleteData`,
  summary:
    'Delete inventory, findings and raw events of a revoked or retired device, for good; its audit entries stay.',
  speaker: 'operator',
  may: 'devices:delete-data',
  params: ById,
  body: z.strictObject({
    /** The id of the device once more, so that nothing is deleted by a slip. */
    confirm: z.string().max(128),
    reason: z.string().trim().max(512).optional(),
  }),
  reply: Device,
  refusals: ['not_found', 'state_conflict'],
})

export const TimelineEntry = z.strictObject({
  at: Time,
  what: z.string(),
  by: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

export const deviceTimeline = declare({
  method: 'GET',
  path: `${fleetPrefix}/devices/{id}/timeline`,
  summary: 'What happened to the device itself, newest first.',
  speaker: 'operator',
  may: 'fleet:read',
  params: ById,
  query: z.strictObject(Paging),
  reply: listOf(TimelineEntry),
  refusals: ['not_found'],
})
