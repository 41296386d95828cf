// How many devices there are, and how alive they are, for status pages and metrics.
// Lists are list.ts.
import { LIVENESSES, type Liveness } from '@muster/contract'
import { type Kysely, sql } from 'kysely'
import type { IdentityTables } from '../tables.ts'
import { decideLiveness, livenessWindow } from './decide.ts'

type Db = Kysely<IdentityTables>

export interface DeviceCounts {
  /** Devices that are neither retired nor merged. */
  readonly total: number
  /** Active devices. */
  readonly byLiveness: Readonly<Record<Liveness, number>>
  readonly revoked: number
  /** Active devices whose newest certificate ends within 60 days. */
  readonly certificatesExpiringSoon: number
}

const soonMs = 60 * 86_400_000

/** Of all tenants when none is named. */
export const countLiveness = async (db: Db, nowMs: number, tenantId?: string): Promise<Record<Liveness, number>> => {
  const edgesMs = LIVENESSES.map((liveness) => livenessWindow(liveness, nowMs).afterMs).filter((edge) => edge !== null)
  // A contact's place among the edges is its liveness, so one pass counts them all.
  const place = sql<number>`${sql.join(
    edgesMs.map((edge) => sql`(case when coalesce(contact.last_contact_ms, 0) > ${edge} then 1 else 0 end)`),
    sql` + `,
  )}`
  const rows = await db
    .selectFrom('identity_device as device')
    .leftJoin('identity_contact as contact', 'contact.device_no', 'device.device_no')
    .select((eb) => [
      place.as('place'),
      eb.fn.countAll<number>().as('devices'),
      eb.fn.max('contact.last_contact_ms').as('newest_ms'),
    ])
    .where('device.status', '=', 'active')
    .$if(tenantId !== undefined, (query) => query.where('device.tenant_id', '=', tenantId as string))
    .groupBy('place')
    .execute()
  const counts: Record<Liveness, number> = { online: 0, idle: 0, offline: 0, dormant: 0 }
  for (const row of rows) counts[decideLiveness(row.newest_ms, nowMs)] += row.devices
  return counts
}

const countByStatus = async (db: Db, tenantId: string): Promise<ReadonlyMap<string, number>> => {
  const rows = await db
    .selectFrom('identity_device')
    .select((eb) => ['status', eb.fn.countAll<number>().as('devices')])
    .where('tenant_id', '=', tenantId)
    .groupBy('status')
    .execute()
  return new Map(rows.map((row) => [row.status, row.devices]))
}

const countExpiring = async (db: Db, tenantId: string, nowMs: number): Promise<number> => {
  const row = await db
    .selectFrom('identity_certificate as certificate')
    .innerJoin('identity_device as device', 'device.device_no', 'certificate.device_no')
    .select((eb) => eb.fn.countAll<number>().as('devices'))
    .where('certificate.tenant_id', '=', tenantId)
    .where('certificate.expires_ms', '<', nowMs + soonMs)
    .where('certificate.revoked_ms', 'is', null)
    .where('device.status', '=', 'active')
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('identity_certificate as newer')
            .select('newer.certificate_no')
            .whereRef('newer.device_no', '=', 'certificate.device_no')
            .whereRef('newer.certificate_no', '>', 'certificate.certificate_no'),
        ),
      ),
    )
    .executeTakeFirst()
  return row?.devices ?? 0
}

export const countDevices = async (db: Db, tenantId: string, nowMs: number): Promise<DeviceCounts> => {
  const [byStatus, byLiveness, certificatesExpiringSoon] = await Promise.all([
    countByStatus(db, tenantId),
    countLiveness(db, nowMs, tenantId),
    countExpiring(db, tenantId, nowMs),
  ])
  const revoked = byStatus.get('revoked') ?? 0
  return { total: (byStatus.get('active') ?? 0) + revoked, byLiveness, revoked, certificatesExpiringSoon }
}
