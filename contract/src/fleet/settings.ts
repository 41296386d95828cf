// What an owner sets for a whole tenant: for now, after which silence a device counts as how lively (fleet-product 5.1).
// Settings of the installation are the server's own, in its flags and its file.
import { z } from 'zod'
import { declare } from '../route.ts'
import { fleetPrefix } from './shapes.ts'

const daySeconds = 24 * 3600

/** A device is that lively while it has been silent for less; beyond the last it is dormant. */
export const LivenessThresholds = z.strictObject({
  onlineSeconds: z.int().min(30).max(daySeconds),
  idleSeconds: z
    .int()
    .min(60)
    .max(7 * daySeconds),
  offlineSeconds: z
    .int()
    .min(300)
    .max(365 * daySeconds),
})
export type LivenessThresholds = z.infer<typeof LivenessThresholds>

export const DEFAULT_LIVENESS: LivenessThresholds = {
  onlineSeconds: 3 * 60,
  idleSeconds: 15 * 60,
  offlineSeconds: 7 * daySeconds,
}

/** Version 0 says that nobody changed anything yet. */
export const TenantSettings = z.strictObject({ liveness: LivenessThresholds, version: z.int().nonnegative() })
export type TenantSettings = z.infer<typeof TenantSettings>

export const readSettings = declare({
  method: 'GET',
  path: `${fleetPrefix}/settings`,
  summary: 'The settings of the tenant.',
  speaker: 'operator',
  may: 'settings:read',
  reply: TenantSettings,
  refusals: [],
})

export const changeSettings = declare({
  method: 'PUT',
  path: `${fleetPrefix}/settings`,
  summary: 'Replace the settings of the tenant; thresholds must grow from online to offline.',
  speaker: 'operator',
  may: 'settings:write',
  body: z.strictObject({ liveness: LivenessThresholds }),
  reply: TenantSettings,
  precondition: 'if-match',
  refusals: ['version_missing', 'version_stale'],
})
