// Rows of identity_tenant_setting: what tenants set, and which version of it is in force.
// A tenant without a row has the defaults; that is settings.ts.
import type { TenantSettings } from '@muster/contract'
import type { Kysely, Selectable } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
type Row = Selectable<IdentityTables['identity_tenant_setting']>

const toSettings = (row: Row): TenantSettings => ({
  liveness: { onlineSeconds: row.online_s, idleSeconds: row.idle_s, offlineSeconds: row.offline_s },
  agents: {
    approvalRequired: row.approval_required === 1,
    staleAfterDays: row.stale_after_days,
    authMode: row.agent_auth_mode,
    heartbeatStrictness: row.heartbeat_strictness,
  },
  version: row.version,
})

/** By tenant; of every tenant that set something. */
export const loadAllSettings = async (db: Db): Promise<ReadonlyMap<string, TenantSettings>> => {
  const rows = await db.selectFrom('identity_tenant_setting').selectAll().execute()
  return new Map(rows.map((row) => [row.tenant_id, toSettings(row)]))
}

export const loadSettings = async (db: Db, tenantId: string): Promise<TenantSettings | undefined> => {
  const row = await db
    .selectFrom('identity_tenant_setting')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .executeTakeFirst()
  return row && toSettings(row)
}

export const storeSettings = async (
  tx: Db,
  tenantId: string,
  { liveness, agents, version }: TenantSettings,
): Promise<void> => {
  const columns = {
    online_s: liveness.onlineSeconds,
    idle_s: liveness.idleSeconds,
    offline_s: liveness.offlineSeconds,
    approval_required: Number(agents.approvalRequired),
    stale_after_days: agents.staleAfterDays,
    agent_auth_mode: agents.authMode,
    heartbeat_strictness: agents.heartbeatStrictness,
    version,
  }
  await tx
    .insertInto('identity_tenant_setting')
    .values({ tenant_id: tenantId, ...columns })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(columns))
    .execute()
}
