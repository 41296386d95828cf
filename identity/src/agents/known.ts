// Every agent in memory, asked on every heartbeat, fresh within a second; and when each was last heard.
// What a state means for a request is decided where the request is; rows are store.ts.
import type { AgentState } from '@muster/contract'
import type { Changes } from '../changes.ts'
import type { Directory } from '../directory/directory.ts'
import { standingOf } from './decide.ts'
import { type AgentRow, type Db, loadAgents, loadAllAgents } from './store.ts'

/** What is known of an agent, read at the moment somebody looks at each part of it. */
export interface KnownAgent {
  readonly agentNo: number
  readonly agentId: string
  readonly tenantId: string
  readonly siteId: string
  readonly collectorId: string
  readonly assetId: string
  /** Null while nobody let it in. */
  readonly deviceNo: number | null
  readonly deviceId: string | null
  /** As far as its device lets it: an agent of a device that does not count is revoked. */
  readonly state: AgentState
  readonly stateReason: string | null
  readonly agentClass: string
  readonly hostname: string
  readonly osFamily: string
  readonly osVersion: string
  readonly architecture: string | null
  readonly agentVersion: string
  readonly capabilities: readonly string[]
  readonly tokenEpoch: number
  readonly tokenExpiresMs: number | null
  readonly enrolledMs: number
  readonly enrollmentTokenId: string
  readonly fingerprintConfidence: AgentRow['fingerprint_confidence']
  readonly possibleClone: boolean
  readonly lastSeenMs: number | null
  readonly clockSkewSeconds: number | null
}

export interface KnownAgents {
  byId(agentId: string): KnownAgent | undefined
  byDevice(deviceNo: number): KnownAgent | undefined
  /** Newest first. */
  ofTenant(tenantId: string): readonly KnownAgent[]
  all(): readonly KnownAgent[]
  size(): number
}

/** What was heard lately and is in no row yet. */
export interface Sighting {
  readonly lastSeenMs: number
  readonly clockSkewSeconds: number | null
}

export interface KnownNeeds {
  readonly db: Db
  readonly directory: Pick<Directory, 'byNo'>
  readonly changes: Changes
  readonly sightingOf: (agentNo: number) => Sighting | undefined
}

const latest = (left: number | null, right: number | undefined): number | null =>
  right === undefined ? left : Math.max(left ?? 0, right)

type Around = Pick<KnownNeeds, 'directory' | 'sightingOf'>

/** One row, and what is known beside it, which is asked when somebody looks. */
class Known implements KnownAgent {
  readonly #around: Around
  readonly #state: AgentRow['state']
  readonly #lastSeenMs: number | null
  readonly #clockSkewSeconds: number | null
  readonly agentNo: number
  readonly agentId: string
  readonly tenantId: string
  readonly siteId: string
  readonly collectorId: string
  readonly assetId: string
  readonly deviceNo: number | null
  readonly stateReason: string | null
  readonly agentClass: KnownAgent['agentClass']
  readonly hostname: string
  readonly osFamily: string
  readonly osVersion: string
  readonly architecture: string | null
  readonly agentVersion: string
  readonly capabilities: readonly string[]
  readonly tokenEpoch: number
  readonly tokenExpiresMs: number | null
  readonly enrolledMs: number
  readonly enrollmentTokenId: string
  readonly fingerprintConfidence: KnownAgent['fingerprintConfidence']
  readonly possibleClone: boolean

  constructor(row: AgentRow, around: Around) {
    this.#around = around
    this.#state = row.state
    this.#lastSeenMs = row.last_seen_ms
    this.#clockSkewSeconds = row.clock_skew_s
    this.agentNo = row.agent_no
    this.agentId = row.agent_id
    this.tenantId = row.tenant_id
    this.siteId = row.site_id
    this.collectorId = row.collector_id
    this.assetId = row.asset_id
    this.deviceNo = row.device_no
    this.stateReason = row.state_reason
    this.agentClass = row.agent_class
    this.hostname = row.hostname
    this.osFamily = row.os_family
    this.osVersion = row.os_version
    this.architecture = row.architecture
    this.agentVersion = row.agent_version
    this.capabilities = JSON.parse(row.capabilities) as string[]
    this.tokenEpoch = row.token_epoch
    this.tokenExpiresMs = row.token_expires_ms
    this.enrolledMs = row.enrolled_ms
    this.enrollmentTokenId = row.enrollment_token_id
    this.fingerprintConfidence = row.fingerprint_confidence
    this.possibleClone = row.possible_clone === 1
  }

  get #device() {
    return this.deviceNo === null ? undefined : this.#around.directory.byNo(this.deviceNo)
  }
  get deviceId() {
    return this.#device?.deviceId ?? null
  }
  get state() {
    return standingOf(this.#state, this.#device?.status)
  }
  get lastSeenMs() {
    return latest(this.#lastSeenMs, this.#around.sightingOf(this.agentNo)?.lastSeenMs)
  }
  get clockSkewSeconds() {
    const sighting = this.#around.sightingOf(this.agentNo)
    return sighting === undefined ? this.#clockSkewSeconds : sighting.clockSkewSeconds
  }
}

/** Loads every agent. */
export const createKnownAgents = async (needs: KnownNeeds): Promise<KnownAgents> => {
  const { db, changes } = needs
  const agents = new Map<number, KnownAgent>()
  const agentOfId = new Map<string, KnownAgent>()
  const agentOfDevice = new Map<number, KnownAgent>()

  const take = (taken: readonly AgentRow[]): void => {
    for (const row of taken) {
      const agent = new Known(row, needs)
      agents.set(row.agent_no, agent)
      agentOfId.set(row.agent_id, agent)
      if (row.device_no !== null) agentOfDevice.set(row.device_no, agent)
    }
  }
  const drop = (agentNo: number): void => {
    const agent = agents.get(agentNo)
    if (agent === undefined) return
    agents.delete(agentNo)
    agentOfId.delete(agent.agentId)
    if (agent.deviceNo !== null) agentOfDevice.delete(agent.deviceNo)
  }
  changes.listen('agent', async (agentNos) => {
    const gone = new Set(agentNos === 'all' ? agents.keys() : agentNos)
    const meet = (found: readonly AgentRow[]): void => {
      take(found)
      for (const { agent_no } of found) gone.delete(agent_no)
    }
    if (agentNos === 'all') for await (const page of loadAllAgents(db)) meet(page)
    else meet(await loadAgents(db, agentNos))
    for (const agentNo of gone) drop(agentNo)
  })
  for await (const page of loadAllAgents(db)) take(page)
  return {
    byId: (agentId) => agentOfId.get(agentId),
    byDevice: (deviceNo) => agentOfDevice.get(deviceNo),
    ofTenant: (tenantId) =>
      [...agents.values()]
        .filter((agent) => agent.tenantId === tenantId)
        .toSorted((left, right) => right.agentNo - left.agentNo),
    all: () => [...agents.values()],
    size: () => agents.size,
  }
}
