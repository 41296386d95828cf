// Machines as the telemetry facade lists them: assets, the collectors that report on them, and what happened to each
// (telemetry 13.3). How a heartbeat becomes one is the telemetry plane's.
import { z } from 'zod'
import { declare } from '../route.ts'
import { AGENT_LIVENESSES } from './agents.ts'
import { Disk, NetworkInterface } from './heartbeat.ts'
import {
  ByAsset,
  Instant,
  InstantOrNull,
  TelemetryId,
  TelemetryPaging,
  telemetryListOf,
  telemetryPrefix,
} from './shapes.ts'

/** What the newest heartbeat said; null where collecting failed, or nothing was heard yet. */
export const AssetFacts = z.strictObject({
  observed_at: InstantOrNull,
  received_at: Instant,
  uptime_seconds: z.int().nullable(),
  cpu_count: z.int().nullable(),
  cpu_usage_percent: z.number().nullable(),
  memory_total_bytes: z.int().nullable(),
  memory_used_bytes: z.int().nullable(),
  disks: z.array(Disk).nullable(),
  /** Null for an auditor, too. */
  network_interfaces: z.array(NetworkInterface).nullable(),
  process_count: z.int().nullable(),
  collection_errors: z.array(z.strictObject({ fact: z.string(), code: z.string() })),
  /** Null for an auditor. */
  extras: z.record(z.string(), z.unknown()).nullable(),
})

export const Asset = z.strictObject({
  asset_id: TelemetryId,
  site_id: TelemetryId,
  /** The agent that reports now, and the collector it is known by. */
  agent_id: TelemetryId,
  collector_id: TelemetryId,
  /** A verified agent is bound to it. */
  managed: z.boolean(),
  liveness: z.enum(AGENT_LIVENESSES),
  /** Null for an auditor. */
  hostname: z.string().nullable(),
  os_family: z.string(),
  os_version: z.string(),
  possible_clone: z.boolean(),
  /** Null before the first heartbeat. */
  discovered_at: InstantOrNull,
  last_seen_at: InstantOrNull,
  latest: AssetFacts.nullable(),
})
export type Asset = z.infer<typeof Asset>

export const listAssets = declare({
  method: 'GET',
  path: `${telemetryPrefix}/assets`,
  summary: 'Assets, newest first.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject({
    ...TelemetryPaging,
    site_id: TelemetryId.optional(),
    liveness: z.enum(AGENT_LIVENESSES).optional(),
    /** Part of a host name, in any case. */
    q: z.string().max(128).optional(),
  }),
  reply: telemetryListOf(Asset),
  refusals: [],
})

export const readAsset = declare({
  method: 'GET',
  path: `${telemetryPrefix}/assets/{asset_id}`,
  summary: 'One asset.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  params: ByAsset,
  reply: Asset,
  refusals: ['not_found'],
})

/** Entries of one kind that follow each other are one, with a count (telemetry 13.3). */
export const AssetTimelineEntry = z.strictObject({
  /** Such as `heartbeat_accepted` or `agent_revoked`. */
  kind: z.string(),
  text: z.string(),
  agent_id: TelemetryId,
  first_at: Instant,
  last_at: Instant,
  count: z.int().positive(),
})

export const assetTimeline = declare({
  method: 'GET',
  path: `${telemetryPrefix}/assets/{asset_id}/timeline`,
  summary: 'What happened to an asset, newest first.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  params: ByAsset,
  query: z.strictObject(TelemetryPaging),
  reply: telemetryListOf(AssetTimelineEntry),
  refusals: ['not_found'],
})

export const Collector = z.strictObject({
  collector_id: TelemetryId,
  site_id: TelemetryId,
  agent_id: TelemetryId,
  asset_id: TelemetryId,
  enrolled_at: Instant,
  last_seen_at: InstantOrNull,
})
export type Collector = z.infer<typeof Collector>

export const listCollectors = declare({
  method: 'GET',
  path: `${telemetryPrefix}/collectors`,
  summary: 'The sources of telemetry, one for each agent, newest first.',
  dialect: 'telemetry',
  speaker: 'operator',
  may: 'fleet:read',
  query: z.strictObject(TelemetryPaging),
  reply: telemetryListOf(Collector),
  refusals: [],
})
