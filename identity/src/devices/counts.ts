// How many devices there are, and how alive they are, for status pages and metrics; counted in memory.
// Lists are list.ts.
import { LIVENESSES, type Liveness, type LivenessThresholds } from '@muster/contract'
import type { Kysely } from 'kysely'
import { type Bounds, selectInGroups } from '../bounds.ts'
import type { KnownDevice } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import type { Contacts } from './contacts.ts'
import { livenessWindow } from './decide.ts'
import { selectMarked } from './few.ts'

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

type Windows = readonly { readonly liveness: Liveness; readonly afterMs: number }[]

/** Who was heard after the first of these moments is that lively; worked out once, since devices are many. */
const livenessWindows = (thresholds: LivenessThresholds, nowMs: number): Windows =>
  LIVENESSES.map((liveness) => ({
    liveness,
    afterMs: livenessWindow(liveness, nowMs, thresholds).afterMs ?? Number.NEGATIVE_INFINITY,
  }))

export const countLiveness = (
  devices: readonly KnownDevice[],
  contacts: Contacts,
  livenessOf: LivenessOf,
  nowMs: number,
): Record<Liveness, number> => {
  const counts: Record<Liveness, number> = { online: 0, idle: 0, offline: 0, dormant: 0 }
  const windowsOf = new Map<string, Windows>()
  for (const device of devices) {
    if (device.status !== 'active') continue
    const windows = windowsOf.get(device.tenantId) ?? livenessWindows(livenessOf(device.tenantId), nowMs)
    windowsOf.set(device.tenantId, windows)
    const lastMs = contacts.lastMs(device)
    counts[windows.find(({ afterMs }) => lastMs > afterMs)?.liveness ?? 'dormant'] += 1
  }
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
    .where('device.device_no', 'in', selectMarked(db, tenantId))
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
  let revoked = 0
  for (const { status } of devices) if (status === 'revoked') revoked += 1
  const byLiveness = countLiveness(devices, contacts, livenessOf, nowMs)
  return {
    // Every active device is of some liveness.
    total: LIVENESSES.reduce((sum, liveness) => sum + byLiveness[liveness], revoked),
    byLiveness,
    revoked,
    goneDark: await countDark(db, bounds),
    certificatesExpiringSoon: await countExpiring(db, bounds, nowMs),
  }
}
