// Agents as operators and the telemetry plane handle them: found, listed, turned, heard, and kept supplied with tokens.
// How one comes in is exchange/; the rules are decide.ts, the rows store.ts.
import type { Agent, AgentLiveness, AgentState, RevocationReason, Role } from '@muster/contract'
import { type Clock, cutPage, type Log, ok, type Result, readPage, refuse } from '@muster/kernel'
import { type Bounds, liesWithinBounds } from '../bounds.ts'
import type { Directory } from '../directory/directory.ts'
import { isRenewalDue, isTokenEnding, renewalPauseMs } from '../service-token/decide.ts'
import type { IssuedToken, ServiceTokens } from '../service-token/service-token.ts'
import { type By, bySystem } from '../speakers.ts'
import { cleanText } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import { type AgentStep, agentLiveness, decideAgentStep, standingOf } from './decide.ts'
import type { KnownAgent, KnownAgents } from './known.ts'
import type { SaidOfAgent, Sightings } from './sightings.ts'
import { type AgentRow, type Db, loadAgent, loadCertificates, updateAgent } from './store.ts'
import { type EndReason, endAgentAndDevice, moveAgent } from './turns.ts'
import { agentView } from './view.ts'

export interface AgentQuery {
  readonly limit?: string | undefined
  readonly cursor?: string | undefined
  readonly status?: AgentState | undefined
  readonly liveness?: AgentLiveness | undefined
  readonly site_id?: string | undefined
  readonly enrollment_token_id?: string | undefined
  readonly q?: string | undefined
}

export interface AgentPage {
  readonly items: Agent[]
  readonly next_cursor: string | null
}

/** Who looks: what an auditor sees is less (telemetry 19). */
export interface Viewer extends Bounds {
  readonly role: Role
}

type Turned = Promise<Result<Agent, 'not_found' | 'state_conflict'>>

export interface Agents extends Pick<KnownAgents, 'byId' | 'byDevice' | 'ofTenant' | 'size'> {
  list(viewer: Viewer, query: AgentQuery): Promise<Result<AgentPage, 'request_malformed'>>
  read(viewer: Viewer, agentId: string): Promise<Result<Agent, 'not_found'>>
  approve(by: By, viewer: Viewer, agentId: string, comment?: string): Turned
  deny(by: By, viewer: Viewer, agentId: string, comment?: string): Turned
  revoke(by: By, viewer: Viewer, agentId: string, reason: RevocationReason, comment?: string): Turned
  reactivate(by: By, viewer: Viewer, agentId: string, comment?: string): Turned
  /** The first accepted heartbeat of an enrolled agent; a repeat changes nothing. */
  activate(agent: KnownAgent, requestId: string): Promise<void>
  /** See `Sightings.note`; the device of the agent is not touched by this. */
  heard(agent: KnownAgent, atMs: number, said?: SaidOfAgent): void | Promise<void>
  /** Of all tenants. */
  countsByState(): Readonly<Record<AgentState, number>>
  /** Of those the viewer sees, how many may soon fall silent because their token ends. */
  tokensEnding(viewer: Bounds | 'everybody'): number
  /** The next token, when it is due and the agent can take it; null otherwise, and when none can be made now. */
  renewedToken(agent: KnownAgent, presentedExpiresMs: number): Promise<IssuedToken | null> | null
}

export interface AgentsNeeds {
  readonly db: Db
  readonly directory: Pick<Directory, 'byNo'>
  readonly known: KnownAgents
  readonly sightings: Sightings
  readonly serviceTokens: ServiceTokens
  readonly takeTurn: TakeTurn
  readonly clock: Clock
  readonly log: Log
}

const matches = (query: AgentQuery, nowMs: number) => {
  const part = query.q?.toLowerCase()
  return (agent: KnownAgent): boolean =>
    (query.status === undefined || agent.state === query.status) &&
    (query.liveness === undefined || agentLiveness(agent.lastSeenMs, nowMs) === query.liveness) &&
    (query.site_id === undefined || agent.siteId === query.site_id) &&
    (query.enrollment_token_id === undefined || agent.enrollmentTokenId === query.enrollment_token_id) &&
    (part === undefined || agent.hostname.toLowerCase().includes(part))
}

type Change = (turn: Turn, row: AgentRow) => Promise<unknown>

export const createAgents = (needs: AgentsNeeds): Agents => {
  const { db, directory, known, sightings, serviceTokens, takeTurn, clock, log } = needs
  const renewedMs = new Map<number, number>()

  const present = async (agents: readonly KnownAgent[], role: Role): Promise<Agent[]> => {
    const deviceNos = agents.flatMap(({ deviceNo }) => deviceNo ?? [])
    const rows = deviceNos.length === 0 ? [] : await loadCertificates(db, deviceNos)
    const newest = Map.groupBy(rows, (row) => row.device_no)
    return agents.map((agent) => agentView(agent, newest.get(agent.deviceNo ?? 0)?.[0], role, clock.nowMs()))
  }
  /** Who waits is in no group yet, so only those who see everybody see them. */
  const sees = (viewer: Bounds, agent: KnownAgent): boolean => {
    if (viewer.groupNos === null) return agent.tenantId === viewer.tenantId
    const device = agent.deviceNo === null ? undefined : directory.byNo(agent.deviceNo)
    return device !== undefined && liesWithinBounds(viewer, device)
  }
  const find = (viewer: Viewer, agentId: string): KnownAgent | undefined => {
    const agent = known.byId(agentId)
    return agent !== undefined && sees(viewer, agent) ? agent : undefined
  }
  const read = async (viewer: Viewer, agentId: string): Promise<Result<Agent, 'not_found'>> => {
    const agent = find(viewer, agentId)
    const [view] = agent === undefined ? [] : await present([agent], viewer.role)
    return view === undefined ? refuse('not_found') : ok(view)
  }
  const deviceOf = ({ device_no }: AgentRow) => {
    const device = device_no === null ? undefined : directory.byNo(device_no)
    return device && { deviceId: device.deviceId, isActive: device.status === 'active', status: device.status }
  }
  /** The rule sees the row as it is within the turn. */
  const step = async (viewer: Viewer, agentId: string, name: AgentStep, change: Change): Turned => {
    if (find(viewer, agentId) === undefined) return refuse('not_found')
    const turned = await takeTurn(async (turn) => {
      const row = await loadAgent(turn.tx, viewer.tenantId, agentId)
      if (row === undefined) return refuse('not_found')
      const decided = decideAgentStep(standingOf(row.state, deviceOf(row)?.status), name)
      if (decided.ok) await change(turn, row)
      return decided
    })
    return turned.ok ? read(viewer, agentId) : turned
  }
  const end =
    (by: By, reason: EndReason, comment?: string): Change =>
    (turn, row) =>
      endAgentAndDevice(turn, by, row, deviceOf(row), reason, comment === undefined ? undefined : cleanText(comment))
  const move =
    (by: By, state: AgentState, comment?: string): Change =>
    (turn, row) =>
      moveAgent(turn, by, row, state, comment === undefined ? null : cleanText(comment))

  const issueRenewed = async (agent: KnownAgent): Promise<IssuedToken | null> => {
    renewedMs.set(agent.agentNo, clock.nowMs())
    try {
      const issued = await serviceTokens.issue(agent)
      await takeTurn(async (turn) => {
        await updateAgent(turn.tx, agent.agentNo, { token_expires_ms: issued.expiresMs })
        turn.changed('agent', agent.agentNo)
      })
      return issued
    } catch (error) {
      // A heartbeat is not lost over this: the present token lives on, and the next heartbeat asks again.
      log.warn('service-account token not renewed', { err: error, 'device.id': agent.deviceId ?? '' })
      return null
    }
  }
  return {
    ...known,
    async list(viewer, query) {
      const page = readPage(query, ['number'])
      if (!page.ok) return page
      const { limit, after } = page.value
      const found = known
        .ofTenant(viewer.tenantId)
        .filter((agent) => (after === undefined || agent.agentNo < after[0]) && sees(viewer, agent))
        .filter(matches(query, clock.nowMs()))
      const { rows, nextCursor } = cutPage(found.slice(0, limit + 1), limit, ({ agentNo }) => [agentNo])
      return ok({ items: await present(rows, viewer.role), next_cursor: nextCursor })
    },
    read,
    approve: (by, viewer, agentId, comment) => step(viewer, agentId, 'approve', move(by, 'enrolled', comment)),
    deny: (by, viewer, agentId, comment) => step(viewer, agentId, 'deny', end(by, 'denied', comment)),
    revoke: (by, viewer, agentId, reason, comment) => step(viewer, agentId, 'revoke', end(by, reason, comment)),
    reactivate: (by, viewer, agentId, comment) =>
      step(viewer, agentId, 'reactivate', async (turn, row) => {
        // The silence that counts begins again.
        const fresh = await updateAgent(turn.tx, row.agent_no, { enrolled_ms: turn.nowMs })
        await move(by, 'enrolled', comment)(turn, fresh)
      }),
    async activate(agent, requestId) {
      if (agent.state !== 'enrolled') return
      await takeTurn(async (turn) => {
        const row = await loadAgent(turn.tx, agent.tenantId, agent.agentId)
        if (row?.state === 'enrolled') await moveAgent(turn, bySystem(requestId), row, 'active', null)
      })
    },
    heard: sightings.note,
    countsByState() {
      const counts: Record<AgentState, number> = { pending: 0, enrolled: 0, active: 0, stale: 0, revoked: 0 }
      for (const { state } of known.all()) counts[state] += 1
      return counts
    },
    tokensEnding(viewer) {
      const nowMs = clock.nowMs()
      const isSeen = (agent: KnownAgent): boolean => viewer === 'everybody' || sees(viewer, agent)
      return known.all().filter((agent) => isTokenEnding(agent, nowMs) && isSeen(agent)).length
    },
    renewedToken(agent, presentedExpiresMs) {
      const nowMs = clock.nowMs()
      if (!isRenewalDue(agent, presentedExpiresMs, nowMs)) return null
      const isPaused = nowMs - (renewedMs.get(agent.agentNo) ?? Number.NEGATIVE_INFINITY) < renewalPauseMs
      return isPaused ? null : issueRenewed(agent)
    },
  }
}
