// One heartbeat: what a machine says of itself every minute, other spellings of it, and what it hears (telemetry 10).
// Reading aliases and judging facts are the telemetry plane's, from these tables.
import * as z from 'zod'
import { declare } from '../route.ts'
import {
  AgentVersion,
  ByAgent,
  Capabilities,
  Hostname,
  Instant,
  NoQuery,
  OsFamily,
  OsVersion,
  TelemetryId,
  telemetryPrefix,
} from './shapes.ts'

export const heartbeatBodyBytes = 256 * 1024
export const HEARTBEAT_INTERVAL = { defaultSeconds: 60, minSeconds: 15, maxSeconds: 3600 } as const

export const COLLECTION_ERROR_CODES = ['permission_denied', 'timeout', 'unsupported', 'failed'] as const

export const CollectionError = z.looseObject({
  fact: z.string().min(1).max(64),
  code: z.enum(COLLECTION_ERROR_CODES),
})

const bytes = z.int().nonnegative()

export const Disk = z.looseObject({ mount: z.string().min(1).max(1024), total_bytes: bytes, used_bytes: bytes })
export type Disk = z.infer<typeof Disk>

export const NetworkInterface = z.looseObject({
  name: z.string().min(1).max(256),
  /** `aa:bb:cc:dd:ee:ff`. */
  mac_address: z
    .string()
    .regex(/^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    .nullable(),
  ip_addresses: z.array(z.union([z.ipv4(), z.ipv6()])).max(32),
})
export type NetworkInterface = z.infer<typeof NetworkInterface>

/** The facts of telemetry 10.2. Each key must be there; null says that collecting it failed. */
export const FACTS = {
  hostname: Hostname.nullable(),
  os_family: OsFamily.nullable(),
  os_version: OsVersion.nullable(),
  uptime_seconds: z.int().nonnegative().nullable(),
  cpu_count: z.int().positive().nullable(),
  cpu_usage_percent: z.number().min(0).max(100).nullable(),
  memory_total_bytes: bytes.nullable(),
  memory_used_bytes: bytes.nullable(),
  disks: z.array(Disk).max(64).nullable(),
  network_interfaces: z.array(NetworkInterface).max(64).nullable(),
  process_count: z.int().nonnegative().nullable(),
} as const
export type FactName = keyof typeof FACTS
export const FACT_NAMES = Object.keys(FACTS) as readonly FactName[]

/** What surrounds the facts (telemetry 10.1). */
export const HEARTBEAT_ENVELOPE = {
  heartbeat_id: z.uuid().optional(),
  observed_at: Instant.optional(),
  agent_version: AgentVersion,
  boot_id: z.string().min(1).max(64).optional(),
  sequence: z.int().positive().optional(),
  collection_errors: z.array(CollectionError).max(16).optional(),
  capabilities: Capabilities.optional(),
} as const

/** In the canonical spelling; other keys are extras (telemetry 10.4). */
export const AgentHeartbeatTelemetryRequest = z.looseObject({ ...HEARTBEAT_ENVELOPE, ...FACTS })
export type AgentHeartbeatTelemetryRequest = z.infer<typeof AgentHeartbeatTelemetryRequest>

/** Other spellings of a key, the first present wins, read only where the canonical key is absent (telemetry 10.3). */
export const HEARTBEAT_ALIASES: Readonly<Record<string, readonly string[]>> = {
  os_family: ['os', 'platform'],
  os_version: ['platform_version', 'os_release'],
  uptime_seconds: ['uptime', 'uptime_sec'],
  cpu_count: ['cpu_cores', 'num_cpu'],
  cpu_usage_percent: ['cpu_percent', 'cpu_usage'],
  memory_total_bytes: ['memory_total', 'mem_total'],
  memory_used_bytes: ['memory_used', 'mem_used'],
  disks: ['disk', 'mounts'],
  network_interfaces: ['interfaces', 'nics'],
  process_count: ['processes', 'running_processes'],
  observed_at: ['timestamp', 'collected_at'],
}
export const DISK_ALIASES: Readonly<Record<string, readonly string[]>> = {
  mount: ['mountpoint', 'path'],
  total_bytes: ['total'],
  used_bytes: ['used'],
}
export const INTERFACE_ALIASES: Readonly<Record<string, readonly string[]>> = {
  mac_address: ['mac'],
  ip_addresses: ['ips', 'addresses'],
}
/** Other spellings of an operating system's name. */
export const OS_FAMILY_ALIASES: Readonly<Record<string, string>> = { darwin: 'macos', win32: 'windows' }

/** Top-level keys that name an identity: equal to the resolved one they are dropped, else the heartbeat is refused. */
export const IDENTITY_KEYS = {
  tenant_id: 'tenantId',
  tenant: 'tenantId',
  site_id: 'siteId',
  site: 'siteId',
  agent_id: 'agentId',
  collector_id: 'collectorId',
  asset_id: 'assetId',
} as const

/** What may be kept beside the facts (telemetry 10.4). */
export const EXTRAS = {
  maxKeys: 64,
  keyForm: /^[a-z][a-z0-9_]{0,63}$/,
  maxDepth: 4,
  maxTextBytes: 4096,
  secretWords: ['token', 'secret', 'password', 'private_key', 'authorization', 'cookie'],
} as const

export const heartbeatWarningsMax = 16

export const HeartbeatReply = z.strictObject({
  status: z.literal('accepted'),
  agent_id: TelemetryId,
  asset_id: TelemetryId,
  duplicate: z.boolean(),
  received_at: Instant,
  next_heartbeat_seconds: z.int().min(HEARTBEAT_INTERVAL.minSeconds).max(HEARTBEAT_INTERVAL.maxSeconds),
  warnings: z.array(z.string()).max(heartbeatWarningsMax),
  /** Both only when the token is renewed (telemetry 8.2). */
  service_account_token: z.string().optional(),
  service_account_token_expires_at: Instant.optional(),
})
export type HeartbeatReply = z.infer<typeof HeartbeatReply>

export const heartbeat = declare({
  method: 'POST',
  path: `${telemetryPrefix}/agents/{agent_id}/telemetry/heartbeat`,
  summary: 'Say that the machine lives and how it does.',
  dialect: 'telemetry',
  speaker: 'agent',
  params: ByAgent,
  query: NoQuery,
  body: AgentHeartbeatTelemetryRequest,
  bodyForm: 'view',
  reply: HeartbeatReply,
  status: 202,
  refusals: ['identity_override_rejected', 'heartbeat_conflict', 'heartbeat_invalid'],
  limits: { bodyBytes: heartbeatBodyBytes },
})
