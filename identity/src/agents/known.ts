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

/** One row and what is known beside it, asked when somebody looks: a copy of it for every heartbeat would cost more. */
class Known implements KnownAgent {
  readonly #row: AgentRow
  readonly #around: Around
  readonly capabilities: readonly string[]

  constructor(row: AgentRow, around: Around) {
    this.#row = row
    this.#around = around
    this.capabilities = JSON.parse(row.capabilities) as string[]
  }

  get #device() {
    return this.#row.device_no === null ? undefined : this.#around.directory.byNo(this.#row.device_no)
  }
  get agentNo() {
    return this.#row.agent_no
  }
  get agentId() {
    return this.#row.agent_id
  }
  get tenantId() {
    return this.#row.tenant_id
  }
  get siteId() {
    return this.#row.site_id
  }
  get collectorId() {
    return this.#row.collector_id
  }
  get assetId() {
    return this.#row.asset_id
  }
  get deviceNo() {
    return this.#row.device_no
  }
  get deviceId() {
    return this.#device?.deviceId ?? null
  }
  get state() {
    return standingOf(this.#row.state, this.#device?.status)
  }
  get stateReason() {
    return this.#row.state_reason
  }
  get agentClass() {
    return this.#row.agent_class
  }
  get hostname() {
    return this.#row.hostname
  }
  get osFamily() {
    return this.#row.os_family
  }
  get osVersion() {
    return this.#row.os_version
  }
  get architecture() {
    return this.#row.architecture
  }
  get agentVersion() {
    return this.#row.agent_version
  }
  get tokenEpoch() {
    return this.#row.token_epoch
  }
  get tokenExpiresMs() {
    return this.#row.token_expires_ms
  }
  get enrolledMs() {
    return this.#row.enrolled_ms
  }
  get enrollmentTokenId() {
    return this.#row.enrollment_token_id
  }
  get fingerprintConfidence() {
    return this.#row.fingerprint_confidence
  }
  get possibleClone() {
    return this.#row.possible_clone === 1
  }
  get lastSeenMs() {
    return latest(this.#row.last_seen_ms, this.#around.sightingOf(this.#row.agent_no)?.lastSeenMs)
  }
  get clockSkewSeconds() {
    const sighting = this.#around.sightingOf(this.#row.agent_no)
    return sighting === undefined ? this.#row.clock_skew_s : sighting.clockSkewSeconds
  }
}

/** Loads every agent. */
export const createKnownAgents = async (needs: KnownNeeds): Promise<KnownAgents> => {
  const { db, changes } = needs
  const agents = new Map<number, KnownAgent>()
  const agentOfId = new Map<string, KnownAgent>()
  const noOfDevice = new Map<number, number>()

  const take = (taken: readonly AgentRow[]): void => {
    for (const row of taken) {
      const agent = new Known(row, needs)
      agents.set(row.agent_no, agent)
      agentOfId.set(row.agent_id, agent)
      if (row.device_no !== null) noOfDevice.set(row.device_no, row.agent_no)
    }
  }
  const byNo = (agentNo: number | undefined): KnownAgent | undefined =>
    agentNo === undefined ? undefined : agents.get(agentNo)
  const drop = (agentNo: number): void => {
    const agent = agents.get(agentNo)
    if (agent === undefined) return
    agents.delete(agentNo)
    agentOfId.delete(agent.agentId)
    if (agent.deviceNo !== null) noOfDevice.delete(agent.deviceNo)
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
    byDevice: (deviceNo) => byNo(noOfDevice.get(deviceNo)),
    ofTenant: (tenantId) =>
      [...agents.values()]
        .filter((agent) => agent.tenantId === tenantId)
        .toSorted((left, right) => right.agentNo - left.agentNo),
    all: () => [...agents.values()],
    size: () => agents.size,
  }
}
