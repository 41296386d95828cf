// What an owner sets for a whole tenant: after which silence a device counts as how lively (fleet-product 5.1), and what
// agents of the telemetry wire have to put up with.
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

export const AGENT_AUTH_MODES = ['bearer', 'both_when_present', 'mtls'] as const
export type AgentAuthMode = (typeof AGENT_AUTH_MODES)[number]
export const HEARTBEAT_STRICTNESSES = ['strict', 'lenient'] as const

/** What agents of the telemetry wire have to put up with (telemetry 2.4, 4.3, 5.2 and 9). */
export const AgentSettings = z.strictObject({
  /** Nobody new comes in before an operator said yes. */
  approvalRequired: z.boolean(),
  /** After so long a silence an agent is locked out; 0 for never. */
  staleAfterDays: z.int().min(0).max(365),
  authMode: z.enum(AGENT_AUTH_MODES),
  /** Lenient takes heartbeats that lack facts, with a warning. */
  heartbeatStrictness: z.enum(HEARTBEAT_STRICTNESSES),
})
export type AgentSettings = z.infer<typeof AgentSettings>

export const DEFAULT_AGENT_SETTINGS: AgentSettings = {
  approvalRequired: false,
  staleAfterDays: 30,
  authMode: 'bearer',
  heartbeatStrictness: 'strict',
}

/** Version 0 says that nobody changed anything yet. */
export const TenantSettings = z.strictObject({
  liveness: LivenessThresholds,
  agents: AgentSettings,
  version: z.int().nonnegative(),
})
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
  summary:
    'Replace the settings of the tenant; thresholds must grow from online to offline, and agents stay as they are unless named.',
  speaker: 'operator',
  may: 'settings:write',
  body: z.strictObject({ liveness: LivenessThresholds, agents: AgentSettings.optional() }),
  reply: TenantSettings,
  precondition: 'if-match',
  refusals: ['version_missing', 'version_stale'],
})
