// Locks out agents that were silent for too long, and keeps the times in which nobody could have been heard
// (telemetry 9, rules 1, 3 and 5). When a silence is too long is decide.ts.
import { ID_PREFIX } from '@muster/contract'
import { type Clock, newId } from '@muster/kernel'
import type { Settings } from '../settings/settings.ts'
import { bySystem } from '../speakers.ts'
import type { TakeTurn } from '../turns.ts'
import { isStale, type Outage, outageBetween, type Silence } from './decide.ts'
import type { KnownAgent, KnownAgents } from './known.ts'
import type { Sightings } from './sightings.ts'
import { type Db, insertOutage, loadAgents, loadAliveMs, loadOutages, writeAliveMs } from './store.ts'
import { moveAgent } from './turns.ts'

export interface StaleNeeds {
  readonly db: Db
  readonly known: KnownAgents
  readonly sightings: Pick<Sightings, 'flush'>
  readonly settings: Pick<Settings, 'agentsOf'>
  readonly takeTurn: TakeTurn
  readonly clock: Clock
}

export interface StaleWatch {
  /** Says that agents can be heard now; a long time without that was an outage. Once a minute, from every gateway. */
  markAlive(): Promise<void>
  /** One look over all agents. */
  look(): Promise<void>
}

const batchSize = 200
/** Beyond the longest silence a tenant can allow, outages matter to nobody. */
const longestMs = 2 * 366 * 86_400_000

export const createStaleWatch = (needs: StaleNeeds): StaleWatch => {
  const { db, known, sightings, settings, takeTurn, clock } = needs
  const isTooSilent = (
    agent: Silence & Pick<KnownAgent, 'tenantId'>,
    nowMs: number,
    outages: readonly Outage[],
  ): boolean => isStale(agent, settings.agentsOf(agent.tenantId).staleAfterDays, nowMs, outages)

  /** The rows are read again within the turn: a heartbeat that came meanwhile is in them, or in memory here. */
  const lockOut = (agentNos: readonly number[], outages: readonly Outage[]): Promise<void> =>
    takeTurn(async (turn) => {
      const by = bySystem(newId(ID_PREFIX.request))
      for (const row of await loadAgents(turn.tx, agentNos)) {
        const held = known.byId(row.agent_id)
        if (held === undefined) continue
        const { state, enrolled_ms: enrolledMs, tenant_id: tenantId } = row
        const lastSeenMs = Math.max(row.last_seen_ms ?? 0, held.lastSeenMs ?? 0)
        const now = { tenantId, state, enrolledMs, lastSeenMs: lastSeenMs === 0 ? null : lastSeenMs }
        if (isTooSilent(now, turn.nowMs, outages)) await moveAgent(turn, by, row, 'stale', 'silence')
      }
    })
  return {
    markAlive: () =>
      takeTurn(async ({ tx, nowMs }) => {
        const outage = outageBetween(await loadAliveMs(tx), nowMs)
        if (outage !== undefined) await insertOutage(tx, outage)
        await writeAliveMs(tx, nowMs)
      }),
    async look() {
      await sightings.flush()
      const nowMs = clock.nowMs()
      const outages = await loadOutages(db, nowMs - longestMs)
      const silent = known.all().filter((agent) => isTooSilent(agent, nowMs, outages))
      for (let at = 0; at < silent.length; at += batchSize)
        await lockOut(
          silent.slice(at, at + batchSize).map(({ agentNo }) => agentNo),
          outages,
        )
    },
  }
}
