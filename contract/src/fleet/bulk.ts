// What is done to many devices with one request: tags given and taken, and revocation (fleet-product 5).
// Each device has its own verdict; what is done to one device is devices.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { DeviceFilter, Reason } from './devices.ts'
import { fleetPrefix, listOf, Tags } from './shapes.ts'

/** Devices that one request reaches at most; of those a filter finds, the reply says where to go on. */
export const MOST_DEVICES_AT_ONCE = 1000

/** By id, or all that a filter finds, in the order of the list; `cursor` is that of the reply before. */
export const DevicesMeant = z.union([
  z.strictObject({ ids: z.array(z.string().min(1).max(128)).min(1).max(MOST_DEVICES_AT_ONCE) }),
  z.strictObject({ filter: z.strictObject(DeviceFilter), cursor: z.string().max(512).optional() }),
])
export type DevicesMeant = z.infer<typeof DevicesMeant>

export const BULK_OUTCOMES = ['done', 'unchanged', 'refused'] as const

export const DeviceVerdict = z.strictObject({
  id: z.string(),
  /** `unchanged`: it was so before. */
  outcome: z.enum(BULK_OUTCOMES),
  /** What a request for this device alone would have been refused with; null unless refused. */
  refusal: z.strictObject({ code: z.enum(['not_found', 'state_conflict']), message: z.string() }).nullable(),
})
export type DeviceVerdict = z.infer<typeof DeviceVerdict>

const limits = { bodyBytes: 262_144 }

const tagging = {
  method: 'POST',
  speaker: 'operator',
  may: 'devices:tag',
  body: z.strictObject({ devices: DevicesMeant, tags: Tags.min(1) }),
  reply: listOf(DeviceVerdict),
  refusals: [],
  limits,
} as const

export const tagDevices = declare({
  ...tagging,
  path: `${fleetPrefix}/devices:tag`,
  summary: 'Give tags to many devices; each device has its own verdict.',
})

export const untagDevices = declare({
  ...tagging,
  path: `${fleetPrefix}/devices:untag`,
  summary: 'Take tags from many devices; each device has its own verdict.',
})

export const revokeDevices = declare({
  method: 'POST',
  path: `${fleetPrefix}/devices:revoke`,
  summary: 'Deny every certificate of many devices at once; each device has its own verdict.',
  speaker: 'operator',
  may: 'devices:write',
  body: z.strictObject({ devices: DevicesMeant, reason: Reason }),
  reply: listOf(DeviceVerdict),
  refusals: [],
  limits,
})
