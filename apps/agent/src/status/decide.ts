// How this agent's state reads to a person: each surface, the conversation with the server, and all of it in one word.
// Pure. Reading the state is commands/status.ts (sensor-agent 11.8, 13).
import { SEVERITIES } from '@muster/contract/device'
import type { SurfaceHealth } from '../lanes/observe/scan/health.ts'
import type { TelemetryState } from '../lanes/telemetry/state.ts'

export type ShownState = SurfaceHealth['state'] | 'stale'

/** Healthy turns stale when the last success is too long ago; what is degraded is never hidden by that. */
export const shownState = (
  { state, succeededMs }: Pick<SurfaceHealth, 'state' | 'succeededMs'>,
  staleAfterSeconds: number,
  nowMs: number,
): ShownState => {
  const isStale = succeededMs === null || nowMs > succeededMs + staleAfterSeconds * 1000
  return state === 'healthy' && isStale ? 'stale' : state
}

export interface SyncFacts {
  readonly server: string | null
  readonly deviceId: string | null
  readonly outbox: {
    readonly waitingEvents: number
    readonly rejectedEvents: number
    readonly lastDeliveredAt: string | null
  } | null
}

/** The first that holds. */
export const syncState = ({ server, deviceId, outbox }: SyncFacts): string => {
  if (server === null) return 'off'
  if (deviceId === null) return 'not enrolled'
  if ((outbox?.rejectedEvents ?? 0) > 0) return 'failing'
  if ((outbox?.waitingEvents ?? 0) > 0) return 'syncing'
  return (outbox?.lastDeliveredAt ?? null) === null ? 'never synced' : 'up to date'
}

export interface VerdictFacts {
  readonly surfaces: readonly { readonly surface: string; readonly state: ShownState }[]
  /** How many findings there are of each severity. */
  readonly findings: Readonly<Record<string, number>>
}

/** Worst first, because that is what somebody has to look at. */
const findingsShown = (findings: Readonly<Record<string, number>>): string | null => {
  const said = SEVERITIES.toReversed().flatMap((severity) =>
    findings[severity] ? [`${findings[severity]} ${severity}`] : [],
  )
  return said.length === 0 ? null : said.join(', ')
}

/** The first that holds. */
export const verdictOf = ({ surfaces, findings }: VerdictFacts): string => {
  if (surfaces.length === 0 || surfaces.some(({ state }) => state === 'idle')) return 'starting'
  const degraded = surfaces.filter(({ state }) => state === 'degraded')
  if (degraded.length > 0) return `degraded: ${degraded.map(({ surface }) => surface).join(', ')}`
  const said = findingsShown(findings)
  return said === null ? 'all clear' : `findings: ${said}`
}

/** The lane that tells how this machine does, in one line; the first that holds. */
export const telemetryShown = ({ agentId, rejected, lastHeartbeatAt, lastFault }: TelemetryState): string => {
  if (rejected !== null) return `rejected by the server since ${rejected.at} (${rejected.code}); nothing is sent`
  if (agentId === null) return 'not enrolled'
  const heard = lastHeartbeatAt === null ? 'no heartbeat yet' : `last heartbeat ${lastHeartbeatAt}`
  return [agentId, heard, ...(lastFault === null ? [] : [lastFault])].join('; ')
}
