// Every agent in memory, asked on every heartbeat, fresh within a second; and when each was last heard.
// What a state means for a request is decided where the request is; rows are store.ts.
import type { AgentState } from '@muster/contract'
import type { Changes } from '../changes.ts'
import type { Directory } from '../directory/directory.ts'
import { standingOf } from './decide.ts'
import { type AgentRow, type Db, loadAgents, loadAllAgents } from './store.ts'

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

/** Loads every agent. */
export const createKnownAgents = async (needs: KnownNeeds): Promise<KnownAgents> => {
  const { db, directory, changes, sightingOf } = needs
  const rows = new Map<number, AgentRow>()
  const noOfId = new Map<string, number>()
  const noOfDevice = new Map<number, number>()

  const take = (taken: readonly AgentRow[]): void => {
    for (const row of taken) {
      rows.set(row.agent_no, row)
      noOfId.set(row.agent_id, row.agent_no)
      if (row.device_no !== null) noOfDevice.set(row.device_no, row.agent_no)
    }
  }
  const present = (row: AgentRow): KnownAgent => {
    const device = row.device_no === null ? undefined : directory.byNo(row.device_no)
    const sighting = sightingOf(row.agent_no)
    return {
      agentNo: row.agent_no,
      agentId: row.agent_id,
      tenantId: row.tenant_id,
      siteId: row.site_id,
      collectorId: row.collector_id,
      assetId: row.asset_id,
      deviceNo: row.device_no,
      deviceId: device?.deviceId ?? null,
      state: standingOf(row.state, device?.status),
      stateReason: row.state_reason,
      agentClass: row.agent_class,
      hostname: row.hostname,
      osFamily: row.os_family,
      osVersion: row.os_version,
      architecture: row.architecture,
      agentVersion: row.agent_version,
      capabilities: JSON.parse(row.capabilities) as string[],
      tokenEpoch: row.token_epoch,
      tokenExpiresMs: row.token_expires_ms,
      enrolledMs: row.enrolled_ms,
      enrollmentTokenId: row.enrollment_token_id,
      fingerprintConfidence: row.fingerprint_confidence,
      possibleClone: row.possible_clone === 1,
      lastSeenMs: latest(row.last_seen_ms, sighting?.lastSeenMs),
      clockSkewSeconds: sighting === undefined ? row.clock_skew_s : sighting.clockSkewSeconds,
    }
  }
  const byNo = (agentNo: number | undefined): KnownAgent | undefined => {
    const row = agentNo === undefined ? undefined : rows.get(agentNo)
    return row && present(row)
  }
  changes.listen('agent', async (agentNos) => {
    if (agentNos === 'all') for await (const page of loadAllAgents(db)) take(page)
    else take(await loadAgents(db, agentNos))
  })
  for await (const page of loadAllAgents(db)) take(page)
  const all = (): readonly KnownAgent[] => [...rows.values()].map(present)
  return {
    byId: (agentId) => byNo(noOfId.get(agentId)),
    byDevice: (deviceNo) => byNo(noOfDevice.get(deviceNo)),
    ofTenant: (tenantId) =>
      [...rows.values()]
        .filter((row) => row.tenant_id === tenantId)
        .toSorted((left, right) => right.agent_no - left.agent_no)
        .map(present),
    all,
    size: () => rows.size,
  }
}
