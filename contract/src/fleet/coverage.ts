// How much of the fleet has been looked at, surface by surface, for a look at it as a whole (fleet-product 5.4).
// The coverage of one device is with the device.
import { z } from 'zod'
import { declare } from '../route.ts'
import { COVERAGES } from './devices.ts'
import { fleetPrefix, Time } from './shapes.ts'

export const SurfaceCoverage = z.strictObject({
  surface: z.string(),
  /** Devices that are neither retired nor merged, by how much of the surface is known of them. */
  devices: z.record(z.enum(COVERAGES), z.int().nonnegative()),
})
export type SurfaceCoverage = z.infer<typeof SurfaceCoverage>

export const readCoverage = declare({
  method: 'GET',
  path: `${fleetPrefix}/coverage`,
  summary: 'Devices by coverage of each surface that any of them told of; at most half a minute old.',
  speaker: 'operator',
  may: 'fleet:read',
  reply: z.strictObject({
    /** By the name of the surface. */
    items: z.array(SurfaceCoverage),
    countedAt: Time,
  }),
  refusals: [],
})
