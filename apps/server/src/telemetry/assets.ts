// The telemetry facade's routes about machines: assets, their timelines, and the collectors that report on them.
// Which agents there are is identity's; what their heartbeats said is the telemetry plane's.
import {
  type Asset,
  assetTimeline,
  type Collector,
  listAssets,
  listCollectors,
  type QueryOf,
  type Role,
  readAsset,
} from '@muster/contract'
import { type Served, serve } from '@muster/http'
import { type Identity, type KnownAgent, type KnownOperator, liesWithinBounds } from '@muster/identity'
import { type Clock, cutPage, ok, readPage, refuse, toIso } from '@muster/kernel'
import { type Assets, decideAgentLiveness, type KnownAsset } from '@muster/telemetry'

export interface AssetNeeds {
  readonly agents: Pick<Identity['agents'], 'ofTenant'>
  readonly directory: Pick<Identity['directory'], 'byNo'>
  readonly assets: Assets
  readonly clock: Clock
}

/** What could name a person or a place is not for auditors (telemetry 19). */
const seesHosts = (role: Role): boolean => role !== 'auditor'

/** One agent for each asset, the newest; revoked ones only where there is no other. */
const reporting = (agents: readonly KnownAgent[]): readonly KnownAgent[] => {
  const byAsset = new Map<string, KnownAgent>()
  for (const agent of agents) {
    const before = byAsset.get(agent.assetId)
    if (before === undefined || (before.state === 'revoked' && agent.state !== 'revoked'))
      byAsset.set(agent.assetId, agent)
  }
  return [...byAsset.values()].toSorted((left, right) => right.agentNo - left.agentNo)
}

/** The newest of both: what memory heard, and what was stored. */
const lastSeenOf = (agent: KnownAgent, known: KnownAsset | undefined): number | null =>
  Math.max(agent.lastSeenMs ?? 0, known?.lastSeenMs ?? 0) || null

const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : toIso(atMs))

const toAsset = (agent: KnownAgent, known: KnownAsset | undefined, role: Role, nowMs: number): Asset => {
  const lastSeenMs = lastSeenOf(agent, known)
  return {
    asset_id: agent.assetId,
    site_id: agent.siteId,
    agent_id: agent.agentId,
    collector_id: agent.collectorId,
    managed: agent.state !== 'pending' && agent.state !== 'revoked',
    liveness: decideAgentLiveness(lastSeenMs, nowMs),
    hostname: seesHosts(role) ? agent.hostname : null,
    os_family: agent.osFamily,
    os_version: agent.osVersion,
    possible_clone: agent.possibleClone,
    discovered_at: isoOrNull(known?.discoveredMs ?? null),
    last_seen_at: isoOrNull(lastSeenMs),
    latest: known?.latest ?? null,
  }
}

const toCollector = (agent: KnownAgent): Collector => ({
  collector_id: agent.collectorId,
  site_id: agent.siteId,
  agent_id: agent.agentId,
  asset_id: agent.assetId,
  enrolled_at: toIso(agent.enrolledMs),
  last_seen_at: isoOrNull(agent.lastSeenMs),
})

const matches = ({ site_id, liveness, q }: QueryOf<typeof listAssets>, nowMs: number) => {
  const part = q?.toLowerCase()
  return (agent: KnownAgent): boolean =>
    (site_id === undefined || agent.siteId === site_id) &&
    (liveness === undefined || decideAgentLiveness(agent.lastSeenMs, nowMs) === liveness) &&
    (part === undefined || agent.hostname.toLowerCase().includes(part))
}

export const serveAssets = ({ agents, directory, assets, clock }: AssetNeeds): readonly Served<KnownOperator>[] => {
  /** An agent nobody let in yet is of no group. */
  const seenBy = (operator: KnownOperator): readonly KnownAgent[] =>
    agents.ofTenant(operator.tenantId).filter(({ deviceNo }) => {
      const device = deviceNo === null ? undefined : directory.byNo(deviceNo)
      return device === undefined ? operator.groupNos === null : liesWithinBounds(operator, device)
    })

  const present = async ({ tenantId, role }: KnownOperator, shown: readonly KnownAgent[]): Promise<Asset[]> => {
    const deviceNos = shown.flatMap(({ deviceNo }) => deviceNo ?? [])
    const known = await assets.of(tenantId, deviceNos, seesHosts(role))
    return shown.map((agent) => toAsset(agent, known.get(agent.deviceNo ?? 0), role, clock.nowMs()))
  }
  const find = (operator: KnownOperator, assetId: string): KnownAgent | undefined =>
    reporting(seenBy(operator)).find((agent) => agent.assetId === assetId)
  return [
    serve<typeof listAssets, KnownOperator>(listAssets, async ({ speaker, query }) => {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const { limit, after } = page.value
      const found = reporting(seenBy(speaker))
        .filter(({ agentNo }) => after === undefined || agentNo < after[0])
        .filter(matches(query, clock.nowMs()))
      const { rows, nextCursor } = cutPage(found.slice(0, limit + 1), limit, ({ agentNo }) => [agentNo])
      return ok({ items: await present(speaker, rows), next_cursor: nextCursor })
    }),
    serve<typeof readAsset, KnownOperator>(readAsset, async ({ speaker, params }) => {
      const agent = find(speaker, params.asset_id)
      const [asset] = agent === undefined ? [] : await present(speaker, [agent])
      return asset === undefined ? refuse('not_found') : ok(asset)
    }),
    serve<typeof assetTimeline, KnownOperator>(assetTimeline, async ({ speaker, params, query }) => {
      if (find(speaker, params.asset_id) === undefined) return refuse('not_found')
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const { limit, after } = page.value
      const from = after?.[0] ?? 0
      const entries = await assets.timeline(speaker.tenantId, params.asset_id)
      const shown = entries.slice(from, from + limit + 1).map((entry, index) => ({ entry, end: from + index + 1 }))
      const { rows, nextCursor } = cutPage(shown, limit, ({ end }) => [end])
      return ok({ items: rows.map(({ entry }) => entry), next_cursor: nextCursor })
    }),
    serve<typeof listCollectors, KnownOperator>(listCollectors, ({ speaker, query }) => {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const { limit, after } = page.value
      const found = seenBy(speaker)
        .filter(({ agentNo }) => after === undefined || agentNo < after[0])
        .slice(0, limit + 1)
      const { rows, nextCursor } = cutPage(found, limit, ({ agentNo }) => [agentNo])
      return ok({ items: rows.map(toCollector), next_cursor: nextCursor })
    }),
  ]
}
