// Rows of identity_tenant_setting: what tenants set, and which version of it is in force.
// A tenant without a row has the defaults; that is settings.ts.
import type { LivenessThresholds, TenantSettings } from '@muster/contract'
import type { Kysely, Selectable } from 'kysely'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
type Row = Selectable<IdentityTables['identity_tenant_setting']>

const toSettings = (row: Row): TenantSettings => ({
  liveness: { onlineSeconds: row.online_s, idleSeconds: row.idle_s, offlineSeconds: row.offline_s },
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
  liveness: LivenessThresholds,
  version: number,
): Promise<void> => {
  const columns = {
    online_s: liveness.onlineSeconds,
    idle_s: liveness.idleSeconds,
    offline_s: liveness.offlineSeconds,
    version,
  }
  await tx
    .insertInto('identity_tenant_setting')
    .values({ tenant_id: tenantId, ...columns })
    .onConflict((conflict) => conflict.column('tenant_id').doUpdateSet(columns))
    .execute()
}
