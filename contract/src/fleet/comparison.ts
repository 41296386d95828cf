// How what is on a device differs from another device, or from what a group has in common (fleet-product 7.7, 10.9).
// What is on one device is inventory.ts.
import { z } from 'zod'
import { declare } from '../route.ts'
import { fleetPrefix } from './shapes.ts'

const Difference = z.strictObject({
  /** A package is the same wherever it lies; anything else is told apart by its kind too. */
  surface: z.string(),
  kind: z.string(),
  name: z.string(),
  /** Its versions on the device; for what has none, how it is configured. */
  values: z.array(z.string()),
  /** The same on the devices it is compared with, the most common first. */
  referenceValues: z.array(z.string()),
  /** How many of those have it. */
  referenceDevices: z.int(),
})
export type Difference = z.infer<typeof Difference>

/** The first of them, in order of surface and name. */
const Differences = z.strictObject({ total: z.int(), items: z.array(Difference) })

export const Comparison = z.strictObject({
  deviceId: z.string(),
  hostname: z.string(),
  /** How many devices it was compared with; more than a thousand of a group are not read. */
  referenceDevices: z.int(),
  referenceCut: z.boolean(),
  /** On the device, and not on as many of the others as were asked for. */
  added: Differences,
  /** The other way round. */
  missing: Differences,
  /** On both, in other versions or configured otherwise. */
  different: Differences,
})
export type Comparison = z.infer<typeof Comparison>

export const compareInventory = declare({
  method: 'POST',
  path: `${fleetPrefix}/inventory:compare`,
  summary: 'What is on a device and not on another, or not on most of a group, and the other way round.',
  speaker: 'operator',
  may: 'inventory:search',
  reads: true,
  body: z.strictObject({
    deviceId: z.string().max(128),
    reference: z.union([
      z.strictObject({ deviceId: z.string().max(128) }),
      /** What at least this share of the group has counts as what it has; 0.8 unless told. */
      z.strictObject({ group: z.string().max(128), quorum: z.number().min(0.01).max(1).optional() }),
    ]),
    surfaces: z.array(z.string().max(128)).min(1).max(32).optional(),
    /** `names` leaves versions out. */
    compare: z.enum(['names', 'versions']).optional(),
  }),
  reply: Comparison,
  refusals: ['not_found'],
})
