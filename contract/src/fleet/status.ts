// How the product itself is doing, for this tenant (fleet-product 16).
// Numbers for machines are on /metrics.
import { z } from 'zod'
import { declare } from '../route.ts'
import { LIVENESSES } from './devices.ts'
import { fleetPrefix, Time, TimeOrNull } from './shapes.ts'

export const readStatus = declare({
  method: 'GET',
  path: `${fleetPrefix}/status`,
  summary: 'Devices by liveness, ingest, rejections, certificates and storage at a glance.',
  speaker: 'operator',
  may: 'fleet:read',
  reply: z.strictObject({
    version: z.string(),
    serverTime: Time,
    startedAt: Time,
    database: z.strictObject({ engine: z.enum(['sqlite', 'postgres']), bytes: z.int().nullable() }),
    devices: z.strictObject({
      total: z.int(),
      byLiveness: z.record(z.enum(LIVENESSES), z.int()),
      refusingPolicy: z.int(),
      revoked: z.int(),
      goneDark: z.int(),
    }),
    events: z.strictObject({
      stored: z.int(),
      deadLetters: z.int(),
      /** False while very many came lately, or the database is older than its tallies: then there are more of them. */
      isExact: z.boolean(),
      lastReceivedAt: TimeOrNull,
    }),
    openFindings: z.strictObject({ info: z.int(), notable: z.int(), suspicious: z.int(), critical: z.int() }),
    policies: z.strictObject({ defaultGeneration: z.string().nullable(), published: z.int() }),
    authority: z.strictObject({
      current: z.string(),
      expiresAt: Time,
      trusted: z.array(z.strictObject({ id: z.string(), expiresAt: Time })),
    }),
    certificatesExpiringSoon: z.int(),
    agentTokensEndingSoon: z.int(),
    diskFreeBytes: z.int().nullable(),
  }),
  refusals: [],
})
