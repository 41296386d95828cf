// The keys of the agent's file (ARCHITECTURE 3, sensor-agent 3.2 to 3.4), their types, bounds and defaults.
// It lists only what this agent does; a key for something it does not do is refused, never ignored.
import { DEFAULT_EXCLUDED_DIRECTORIES, DEFAULT_PROJECT_ROOTS } from '@muster/contract'
import { z } from 'zod'
import { packageSections } from './package-sections.ts'
import { directoryName, path } from './values.ts'

export const PLANES = ['observe'] as const

export const DEFAULT_SYNC = {
  maxBatchBytes: 524_288,
  maxBatchEvents: 500,
  checkInIntervalSeconds: 60,
  retryBaseSeconds: 15,
  retryMaxSeconds: 1_800,
  outboxMaxBytes: 262_144_000,
} as const

/** The bounds of sensor-protocol 14.2 but for the poll, which an owner may set as short as a second. */
const Watch = z.strictObject({
  pollIntervalSeconds: z.int().min(1).max(86_400).default(300),
  maxScanWallClockSeconds: z.int().min(5).max(600).default(30),
  maxFreshScanAgeSeconds: z.int().min(60).max(604_800).default(900),
  projectRoots: z
    .array(path)
    .max(64)
    .default([...DEFAULT_PROJECT_ROOTS]),
  maxDepth: z.int().min(0).max(16).default(5),
  excludeDirectories: z
    .array(directoryName)
    .max(256)
    .default([...DEFAULT_EXCLUDED_DIRECTORIES]),
})

const Sync = z.strictObject({
  maxBatchBytes: z.int().min(65_536).max(8_388_608).default(DEFAULT_SYNC.maxBatchBytes),
  maxBatchEvents: z.int().min(1).max(5_000).default(DEFAULT_SYNC.maxBatchEvents),
  checkInIntervalSeconds: z.int().min(1).max(3_600).default(DEFAULT_SYNC.checkInIntervalSeconds),
  retryBaseSeconds: z.int().min(1).max(3_600).default(DEFAULT_SYNC.retryBaseSeconds),
  retryMaxSeconds: z.int().min(1).max(86_400).default(DEFAULT_SYNC.retryMaxSeconds),
  outboxMaxBytes: z.int().min(1_048_576).default(DEFAULT_SYNC.outboxMaxBytes),
})

const Observe = z.strictObject({
  home: path.optional(),
  watch: Watch.prefault({}),
  ...packageSections,
  sync: Sync.prefault({}),
})

export const AgentFile = z.strictObject({
  server: z.url({ protocol: /^https$/, error: 'must be an address such as https://fleet.example.org:8443' }).optional(),
  serverCA: path.optional(),
  enrollmentToken: z.string().trim().min(1).max(512).optional(),
  enrollmentTokenFile: path.optional(),
  dataDir: path.optional(),
  planes: z
    .array(z.enum(PLANES, { error: `this version runs only ${PLANES.join(', ')}` }))
    .min(1)
    .default([...PLANES]),
  ceiling: z.strictObject({ scanRoots: z.array(path).max(64).optional() }).prefault({}),
  observe: Observe.prefault({}),
})
export type AgentFile = z.infer<typeof AgentFile>

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A key with nothing behind it is a key that is not there (sensor-agent 3.1). */
export const withoutNulls = (value: unknown): unknown =>
  isMapping(value)
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([, inner]) => inner !== null)
          .map(([key, inner]) => [key, withoutNulls(inner)]),
      )
    : value
