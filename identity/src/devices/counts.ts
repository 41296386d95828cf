// How many devices there are, and how alive they are, for status pages and metrics; counted in memory.
// Lists are list.ts.
import type { Liveness, LivenessThresholds } from '@muster/contract'
import type { Kysely } from 'kysely'
import { type Bounds, selectInGroups } from '../bounds.ts'
import type { KnownDevice } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { Contacts } from './contacts.ts'
import { decideLiveness } from './decide.ts'

export interface DeviceCounts {
  /** Devices that are neither retired nor merged. */
  readonly total: number
  /** Active devices. */
  readonly byLiveness: Readonly<Record<Liveness, number>>
  readonly revoked: number
  /** Active devices whose silence is news. */
  readonly goneDark: number
  /** Active devices whose newest certificate ends within 60 days. */
  readonly certificatesExpiringSoon: number
}

const soonMs = 60 * 86_400_000

/** The thresholds of a tenant. */
export type LivenessOf = (tenantId: string) => LivenessThresholds

export const countLiveness = (
  devices: readonly KnownDevice[],
  contacts: Contacts,
  livenessOf: LivenessOf,
  nowMs: number,
): Record<Liveness, number> => {
  const counts: Record<Liveness, number> = { online: 0, idle: 0, offline: 0, dormant: 0 }
  for (const device of devices)
    if (device.status === 'active')
      counts[decideLiveness(contacts.lastMs(device), nowMs, livenessOf(device.tenantId))]++
  return counts
}

const countExpiring = async (
  db: Kysely<IdentityTables>,
  { tenantId, groupNos }: Bounds,
  nowMs: number,
): Promise<number> => {
  const row = await db
    .selectFrom('identity_certificate as certificate')
    .innerJoin('identity_device as device', 'device.device_no', 'certificate.device_no')
    .select((eb) => eb.fn.countAll<number>().as('devices'))
    .where('certificate.tenant_id', '=', tenantId)
    .where('certificate.expires_ms', '<', nowMs + soonMs)
    .where('certificate.revoked_ms', 'is', null)
    .where('device.status', '=', 'active')
    .$if(groupNos !== null, (query) => query.where('device.device_no', 'in', selectInGroups(db, groupNos ?? [])))
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

const countDark = async (db: Kysely<IdentityTables>, { tenantId, groupNos }: Bounds): Promise<number> => {
  const row = await db
    .selectFrom('identity_device as device')
    .innerJoin('identity_contact as contact', 'contact.device_no', 'device.device_no')
    .select((eb) => eb.fn.countAll<number>().as('devices'))
    .where('device.tenant_id', '=', tenantId)
    .where('device.gone_dark_ms', 'is not', null)
    .whereRef('contact.last_contact_ms', '<=', 'device.gone_dark_ms')
    .$if(groupNos !== null, (query) => query.where('device.device_no', 'in', selectInGroups(db, groupNos ?? [])))
    .executeTakeFirst()
  return row?.devices ?? 0
}

export const countDevices = async (
  db: Kysely<IdentityTables>,
  bounds: Bounds,
  devices: readonly KnownDevice[],
  contacts: Contacts,
  livenessOf: LivenessOf,
  nowMs: number,
): Promise<DeviceCounts> => {
  const statuses = Map.groupBy(devices, ({ status }) => status)
  const revoked = statuses.get('revoked')?.length ?? 0
  return {
    total: (statuses.get('active')?.length ?? 0) + revoked,
    byLiveness: countLiveness(devices, contacts, livenessOf, nowMs),
    revoked,
    goneDark: await countDark(db, bounds),
    certificatesExpiringSoon: await countExpiring(db, bounds, nowMs),
  }
}
