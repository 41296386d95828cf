// Rows that are read and written for many devices at once; every query names the tenant or devices of it.
// What becomes of each device is decide.ts.
import { bulkDelete, bulkInsert } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import type { Bounds } from '../../bounds.ts'
import type { IdentityTables } from '../../tables.ts'
import { type DeviceRow, selectDevices } from '../store.ts'

type Db = Kysely<IdentityTables>

/** By id; those out of bounds are not there. */
export const loadDevicesById = async (
  db: Db,
  bounds: Bounds,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, DeviceRow>> => {
  const rows = await selectDevices(db, bounds).where('device.device_id', 'in', deviceIds).execute()
  return new Map(rows.map((row) => [row.device_id, row]))
}

/** By device number; a device without tags has none here. */
export const loadTags = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, readonly string[]>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await db
    .selectFrom('identity_device_tag')
    .select(['device_no', 'tag'])
    .where('device_no', 'in', deviceNos)
    .execute()
  const byNo = Map.groupBy(rows, (row) => row.device_no)
  return new Map([...byNo].map(([deviceNo, held]) => [deviceNo, held.map(({ tag }) => tag)]))
}

export const insertTags = bulkInsert({
  into: 'identity_device_tag',
  columns: { device_no: 'int', tenant_id: 'text', tag: 'text' },
  onConflict: 'ignore',
})

export const deleteTags = bulkDelete({
  from: 'identity_device_tag',
  where: { device_no: 'int', tag: 'text' },
})

/** Counts the versions up. */
export const noteChanged = async (tx: Db, deviceNos: readonly number[], nowMs: number): Promise<void> => {
  if (deviceNos.length === 0) return
  await tx
    .updateTable('identity_device')
    .set({ version: sql`version + 1`, changed_ms: nowMs })
    .where('device_no', 'in', deviceNos)
    .execute()
}
