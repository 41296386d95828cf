// What owners set for their tenants: held in memory, because every list and every count of devices asks for it.
// Which values make sense together is decide.ts.
import {
  type AgentSettings,
  type BodyOf,
  type changeSettings,
  DEFAULT_AGENT_SETTINGS,
  DEFAULT_LIVENESS,
  type LivenessThresholds,
  type TenantSettings,
} from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Changes } from '../changes.ts'
import type { By } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { TakeTurn } from '../turns.ts'
import { decideThresholds } from './decide.ts'
import { loadAllSettings, loadSettings, storeSettings } from './store.ts'

export interface Settings {
  read(tenantId: string): TenantSettings
  livenessOf(tenantId: string): LivenessThresholds
  agentsOf(tenantId: string): AgentSettings
  change(
    by: By,
    tenantId: string,
    version: number,
    body: BodyOf<typeof changeSettings>,
  ): Promise<Result<TenantSettings, 'version_stale' | 'request_malformed'>>
}

export interface SettingsNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
  readonly changes: Changes
}

const unset: TenantSettings = { liveness: DEFAULT_LIVENESS, agents: DEFAULT_AGENT_SETTINGS, version: 0 }

/** Word of a change carries a number; tenants have none, so all of them are read again. */
const anyTenant = 0

/** Loads what was set. */
export const createSettings = async ({ db, takeTurn, changes }: SettingsNeeds): Promise<Settings> => {
  let held: ReadonlyMap<string, TenantSettings> = new Map()
  const load = async (): Promise<void> => {
    held = await loadAllSettings(db)
  }
  changes.listen('setting', load)
  await load()
  const read = (tenantId: string): TenantSettings => held.get(tenantId) ?? unset
  return {
    read,
    livenessOf: (tenantId) => read(tenantId).liveness,
    agentsOf: (tenantId) => read(tenantId).agents,
    change: (by, tenantId, version, { liveness, agents: said }) =>
      takeTurn(async (turn) => {
        const decided = decideThresholds(liveness)
        if (!decided.ok) return decided
        const before = (await loadSettings(turn.tx, tenantId)) ?? unset
        if (before.version !== version) return refuse('version_stale', `They are at version ${before.version}.`)
        const agents = said ?? before.agents
        const after = { liveness, agents, version: version + 1 }
        await storeSettings(turn.tx, tenantId, after)
        const target = { type: 'tenant', id: tenantId }
        turn.record({
          by,
          tenantId,
          action: 'settings.changed',
          target,
          details: {
            liveness,
            from: before.liveness,
            ...(said === undefined ? {} : { agents, agentsFrom: before.agents }),
          },
        })
        turn.changed('setting', anyTenant)
        return ok(after)
      }),
  }
}
