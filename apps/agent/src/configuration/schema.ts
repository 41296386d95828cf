// The keys of the agent's file (ARCHITECTURE 3, sensor-agent 3.2 to 3.4), their types, bounds and defaults.
// It lists only what this agent does; a key for something it does not do is refused, never ignored.
import * as z from 'zod'
import { packageSections } from './package-sections.ts'
import { Rule } from './rule-section.ts'
import { Telemetry } from './telemetry-section.ts'
import { toolSections } from './tool-sections.ts'
import { path } from './values.ts'
import { Persistence, Watch } from './watch-section.ts'

export const PLANES = ['observe', 'telemetry'] as const
export type Plane = (typeof PLANES)[number]

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export const DEFAULT_SYNC = {
  maxBatchBytes: 524_288,
  maxBatchEvents: 500,
  checkInIntervalSeconds: 60,
  retryBaseSeconds: 15,
  retryMaxSeconds: 1_800,
  outboxMaxBytes: 262_144_000,
} as const

const Sync = z.strictObject({
  maxBatchBytes: z.int().min(65_536).max(8_388_608).default(DEFAULT_SYNC.maxBatchBytes),
  maxBatchEvents: z.int().min(1).max(5_000).default(DEFAULT_SYNC.maxBatchEvents),
  checkInIntervalSeconds: z.int().min(1).max(3_600).default(DEFAULT_SYNC.checkInIntervalSeconds),
  retryBaseSeconds: z.int().min(1).max(3_600).default(DEFAULT_SYNC.retryBaseSeconds),
  retryMaxSeconds: z.int().min(1).max(86_400).default(DEFAULT_SYNC.retryMaxSeconds),
  outboxMaxBytes: z.int().min(1_048_576).default(DEFAULT_SYNC.outboxMaxBytes),
  /** Shared by the devices of a server in its development mode, and told with every sentence but enrolment. */
  sensorToken: z.string().max(512).optional(),
  /** Who this device is there without having enrolled. */
  tenantID: z.string().trim().min(1).max(128).optional(),
  deviceID: z.string().trim().min(1).max(128).optional(),
})

export const Observe = z.strictObject({
  home: path.optional(),
  /** An existing koban.yaml, used as it is; what this file says itself wins, key by key. */
  import: path.optional(),
  watch: Watch.prefault({}),
  ...packageSections,
  ...toolSections,
  persistence: Persistence.prefault({}),
  sync: Sync.prefault({}),
  /** Replaces all built-in rules when it is there. */
  rules: z.array(Rule).max(500).optional(),
})

const planes = z.array(z.enum(PLANES, { error: `this version runs only ${PLANES.join(', ')}` })).min(1)

export const AgentFile = z.strictObject({
  server: z.url({ protocol: /^https$/, error: 'must be an address such as https://fleet.example.org:8443' }).optional(),
  serverCA: path.optional(),
  /** Only who is in that file may vouch for the server, and no authority of the system. */
  serverCAOnly: z.boolean().default(false),
  /** The way to the server; without it, what HTTPS_PROXY and NO_PROXY say. */
  proxyUrl: z
    .url({ protocol: /^https?$/, error: 'must be an address such as http://proxy.example.org:3128' })
    .max(1024)
    .optional(),
  enrollmentToken: z.string().trim().min(1).max(512).optional(),
  enrollmentTokenFile: path.optional(),
  dataDir: path.optional(),
  planes: planes.default([...PLANES]),
  logLevel: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  logFile: path.optional(),
  /** What neither a server nor the rest of this file can raise. */
  ceiling: z.strictObject({ planes: planes.optional(), scanRoots: z.array(path).max(64).optional() }).prefault({}),
  observe: Observe.prefault({}),
  telemetry: Telemetry.prefault({}),
})
export type AgentFile = z.infer<typeof AgentFile>

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A key with nothing behind it is a key that is not there (sensor-agent 3.1). */
export const withoutNulls = (value: unknown): unknown => {
  // A null among texts is a wrong type; within the mappings of a list it is again a key that is not there.
  if (Array.isArray(value)) return value.map((inner) => (isMapping(inner) ? withoutNulls(inner) : inner))
  return isMapping(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, inner]) => inner !== null)
          .map(([key, inner]) => [key, withoutNulls(inner)]),
      )
    : value
}
