// What a legal hold keeps of this plane's rows, as a condition of every deletion by age (fleet-product 13).
// Who holds what is the server's to know.
import { type RawBuilder, sql } from 'kysely'

/** Of a device, or of a whole tenant. */
export interface Hold {
  readonly tenantId: string
  readonly deviceNo: number | null
}

/** For tables with the columns `tenant_id` and `device_no`. */
export const notHeld = (holds: readonly Hold[]): RawBuilder<boolean> => {
  const tenants = holds.filter(({ deviceNo }) => deviceNo === null).map(({ tenantId }) => tenantId)
  const devices = holds.flatMap(({ deviceNo }) => deviceNo ?? [])
  const ofTenants = tenants.length === 0 ? sql`1 = 1` : sql`tenant_id not in (${sql.join(tenants)})`
  const ofDevices = devices.length === 0 ? sql`1 = 1` : sql`device_no not in (${sql.join(devices)})`
  return sql<boolean>`(${ofTenants} and ${ofDevices})`
}
