// Assets as the telemetry facade reads them: what the newest heartbeat of their agent said, and what happened to them.
// Which assets there are, and whose, is known by identity's agents; the routes are the server's.
import type { Asset } from '@muster/contract'
import { toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import type { Presence, Presences } from '../presence/presence.ts'
import { type Entry, presentTimeline, type SoFar } from './decide.ts'
import { loadTimeline } from './store.ts'

export type AssetFacts = NonNullable<Asset['latest']>

/** What is known of a machine from its heartbeats. */
export interface KnownAsset {
  readonly discoveredMs: number
  readonly lastSeenMs: number
  readonly latest: AssetFacts
}

export interface Assets {
  /** By the number of the device that reports; what names people or places is left out for who may not see it. */
  of(tenantId: string, deviceNos: readonly number[], seesHosts: boolean): Promise<ReadonlyMap<number, KnownAsset>>
  /** Newest first. */
  timeline(tenantId: string, assetId: string): Promise<readonly Entry[]>
}

const disksOf = ({ newest, description }: Presence): AssetFacts['disks'] =>
  description.disks?.map(({ mount, totalBytes }, index) => ({
    mount,
    total_bytes: totalBytes,
    used_bytes: newest.metrics.diskUsedBytes[index] ?? 0,
  })) ?? null

const factsOf = (presence: Presence, seesHosts: boolean): AssetFacts => {
  const { newest, description } = presence
  return {
    observed_at: toIso(newest.observedMs),
    received_at: toIso(newest.receivedMs),
    uptime_seconds: newest.metrics.uptimeSeconds,
    cpu_count: description.cpuCount,
    cpu_usage_percent: newest.metrics.cpuPercent,
    memory_total_bytes: description.memoryTotalBytes,
    memory_used_bytes: newest.metrics.memoryUsedBytes,
    disks: disksOf(presence),
    network_interfaces: seesHosts && description.networkInterfaces !== null ? [...description.networkInterfaces] : null,
    process_count: newest.metrics.processCount,
    collection_errors: [...description.collectionErrors],
    extras: seesHosts ? { ...description.extras } : null,
  }
}

export const createAssets = (needs: {
  readonly storage: Pick<Storage, 'db'>
  readonly presences: Presences
}): Assets => ({
  async of(tenantId, deviceNos, seesHosts) {
    const found = await needs.presences.of(tenantId, deviceNos)
    return new Map(
      [...found].map(([deviceNo, presence]) => [
        deviceNo,
        {
          discoveredMs: presence.firstMs,
          lastSeenMs: presence.lastSeenMs,
          latest: factsOf(presence, seesHosts),
        },
      ]),
    )
  },
  async timeline(tenantId, assetId) {
    const rows = await loadTimeline(needs.storage.db, tenantId, assetId)
    const deviceNos = [...new Set(rows.flatMap(({ deviceNo }) => deviceNo ?? []))]
    const found = await needs.presences.of(tenantId, deviceNos)
    const now = new Map<number, SoFar>(
      [...found].map(([deviceNo, { total, lastSeenMs }]) => [deviceNo, { total, lastMs: lastSeenMs }]),
    )
    return presentTimeline(rows, now)
  },
})
