// How much of each device was scanned, as the plane that scans says; kept with the device, so that lists find and order by it.
// What it comes to together with the last contact is decide.ts.
import { bulkUpdate, type Db } from '@muster/storage'
import { sql } from 'kysely'
import type { Scanned } from '../tables.ts'

export interface ScannedDevice {
  readonly deviceNo: number
  readonly scanned: Scanned
}

const update = bulkUpdate({ table: 'identity_device', set: { scanned: 'text' }, where: { device_no: 'int' } })

/** Answers how many are there. No change that operators made, so the version of the device stays. */
export const noteScanned = (db: Db, devices: readonly ScannedDevice[]): Promise<number> => {
  const inOrder = devices.toSorted((left, right) => left.deviceNo - right.deviceNo)
  return update(
    db,
    inOrder.map(({ deviceNo, scanned }) => ({ device_no: deviceNo, scanned })),
  )
}

/** The highest number of a device of which anything was scanned; 0 when there is none. */
export const loadLastScanned = async (db: Db): Promise<number> => {
  const { rows } = await sql<{ last_no: number | null }>`
    select max(device_no) as last_no from identity_device where scanned <> 'not'`.execute(db)
  return rows[0]?.last_no ?? 0
}
