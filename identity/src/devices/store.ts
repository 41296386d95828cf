// Rows of devices for operators; every query names the tenant.
// What belongs around a device, such as tags and certificates, is details.ts; lists are list.ts.
import type { Kysely, Updateable } from 'kysely'
import { sql } from 'kysely'
import { type Bounds, selectInGroups } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>

const devicesOf = (db: Db) =>
  db
    .selectFrom('identity_device as device')
    .leftJoin('identity_contact as contact', 'contact.device_no', 'device.device_no')

/** The same relation as seen from the contacts: SQLite looks at them first where the join is called a cross join. */
const devicesHeard = (db: Db) =>
  db
    .selectFrom('identity_contact as contact')
    .crossJoin('identity_device as device')
    .whereRef('contact.device_no', '=', 'device.device_no') as unknown as ReturnType<typeof devicesOf>

/** `from` says where the search begins: at the devices, or at the moments they were heard. */
export const selectDevices = (db: Db, { tenantId, groupNos }: Bounds, from: 'devices' | 'contacts' = 'devices') =>
  (from === 'devices' ? devicesOf(db) : devicesHeard(db))
    .leftJoin('identity_device as target', 'target.device_no', 'device.merged_into_no')
    .select([
      'device.device_no',
      'device.device_id',
      'device.tenant_id',
      'device.key_fingerprint',
      'device.agent_id',
      'device.pc_id',
      'device.status',
      'device.status_reason',
      'device.hostname',
      'device.os_version',
      'device.hardware_model',
      'device.sensor_version',
      'device.host_key',
      'device.sort_name',
      'device.display_name',
      'device.owner',
      'device.notes',
      'device.planes',
      'device.version',
      'device.enrolled_ms',
      'device.enrollment_token_id',
      'device.retired_ms',
      'device.data_deletion_ms',
      'device.data_deleted_ms',
      'device.gone_dark_ms',
      'contact.last_contact_ms',
      'target.device_id as merged_into_id',
    ])
    .where('device.tenant_id', '=', tenantId)
    .$if(groupNos !== null, (query) =>
      // What was merged into a device is seen by whoever sees that device.
      query.where(
        (eb) => eb.fn.coalesce('device.merged_into_no', 'device.device_no'),
        'in',
        selectInGroups(db, groupNos ?? []),
      ),
    )

export type DeviceRow = Awaited<ReturnType<ReturnType<typeof selectDevices>['execute']>>[number]

export const loadDevice = (db: Db, bounds: Bounds, deviceId: string): Promise<DeviceRow | undefined> =>
  selectDevices(db, bounds).where('device.device_id', '=', deviceId).executeTakeFirst()

export const loadDevices = async (db: Db, bounds: Bounds, deviceNos: readonly number[]): Promise<DeviceRow[]> =>
  deviceNos.length === 0 ? [] : selectDevices(db, bounds).where('device.device_no', 'in', deviceNos).execute()

/** Under which device each of these is read: itself, or the one it was merged into. */
export const loadOwnerNos = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, number>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await db
    .selectFrom('identity_device')
    .select(['device_no', 'merged_into_no'])
    .where('tenant_id', '=', tenantId)
    .where('device_no', 'in', deviceNos)
    .execute()
  return new Map(rows.map((row) => [row.device_no, row.merged_into_no ?? row.device_no]))
}

type DeviceUpdate = Omit<Updateable<IdentityTables['identity_device']>, 'version' | 'changed_ms'>

/** Writes the columns and counts the version up. */
export const updateDevice = async (tx: Db, deviceNo: number, changes: DeviceUpdate, nowMs: number): Promise<void> => {
  await tx
    .updateTable('identity_device')
    .set({ ...changes, version: sql`version + 1`, changed_ms: nowMs })
    .where('device_no', '=', deviceNo)
    .execute()
}

export const replaceTags = async (tx: Db, device: DeviceRow, tags: readonly string[]): Promise<void> => {
  await tx.deleteFrom('identity_device_tag').where('device_no', '=', device.device_no).execute()
  if (tags.length === 0) return
  const { device_no, tenant_id } = device
  await tx
    .insertInto('identity_device_tag')
    .values([...new Set(tags)].map((tag) => ({ device_no, tenant_id, tag })))
    .execute()
}

/** Closes the certificates of a device that may not speak, or opens those it closed; successors' stay closed. */
export const closeCertificates = async (tx: Db, deviceNo: number, nowMs: number): Promise<void> => {
  await tx
    .updateTable('identity_certificate')
    .set({ revoked_ms: nowMs, revoked_by: 'device' })
    .where('device_no', '=', deviceNo)
    .where('revoked_ms', 'is', null)
    .execute()
}

export const reopenCertificates = async (tx: Db, deviceNo: number): Promise<void> => {
  await tx
    .updateTable('identity_certificate')
    .set({ revoked_ms: null, revoked_by: null })
    .where('device_no', '=', deviceNo)
    .where('revoked_by', '=', 'device')
    .execute()
}

/** What was merged into `fromNo` earlier follows it to `toNo`; answers which devices those are. */
export const repointMerged = async (tx: Db, fromNo: number, toNo: number): Promise<readonly number[]> => {
  const moved = await tx
    .updateTable('identity_device')
    .set({ merged_into_no: toNo })
    .where('merged_into_no', '=', fromNo)
    .returning('device_no')
    .execute()
  return moved.map((row) => row.device_no)
}

/** Devices that were merged into one of these, in the order they enrolled. */
export const loadFormers = async (db: Db, deviceNos: readonly number[]) => {
  if (deviceNos.length === 0) return []
  const rows = await db
    .selectFrom('identity_device')
    .select(['device_no', 'device_id', 'merged_into_no'])
    .where('merged_into_no', 'in', deviceNos)
    .where('merged_into_no', 'is not', null)
    .orderBy('device_no')
    .execute()
  return rows.map((row) => ({ ...row, merged_into_no: row.merged_into_no as number }))
}

export const loadHostTexts = (db: Db, deviceNos: readonly number[]) =>
  db
    .selectFrom('identity_host_text')
    .select(['seen_ms', 'hostname', 'os_version', 'hardware_model', 'sensor_version'])
    .where('device_no', 'in', deviceNos)
    .orderBy('seen_ms', 'desc')
    .execute()
