// The rows of coverage: what was received of each surface of each device.
// What they mean is decided in decide.ts.

import type { ScannedDevice } from '@muster/identity'
import { bulkFind, bulkInsert, type Db, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { type SurfaceCount, type SurfaceRecord, scannedOf } from './decide.ts'

const key = { device_no: 'int', surface: 'text' } as const
const columns = { first_collected_ms: 'int', baseline: 'int', last_event_ms: 'int' } as const

const findRecords = bulkFind({ from: 'observe_coverage', select: columns, where: key })

const upsertRecords = bulkInsert({
  into: 'observe_coverage',
  columns: { tenant_id: 'text', ...key, ...columns },
  onConflict: { on: ['device_no', 'surface'], update: ['first_collected_ms', 'baseline', 'last_event_ms'] },
})

export interface SurfaceKey {
  readonly tenantId: string
  readonly deviceNo: number
  readonly surface: string
}

/** In the order of the keys. */
export const loadRecords = async (
  db: Db,
  keys: readonly SurfaceKey[],
): Promise<readonly (SurfaceRecord | undefined)[]> => {
  const rows = await findRecords(
    db,
    keys.map(({ deviceNo, surface }) => ({ device_no: deviceNo, surface })),
  )
  return rows.map((row) =>
    row === undefined
      ? undefined
      : {
          firstCollectedMs: row.first_collected_ms,
          baseline: row.baseline === 1,
          lastEventMs: row.last_event_ms,
        },
  )
}

/** Which surfaces these devices told of, and which of them have a first scan. */
export const loadBaselines = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<readonly { readonly deviceNo: number; readonly surface: string; readonly baseline: boolean }[]> => {
  const { rows } = await sql<{ device_no: number; surface: string; baseline: number }>`
    select device_no, surface, baseline from observe_coverage
    where ${amongDevices(db, 'device_no', deviceNos)}`.execute(db)
  return rows.map((row) => ({ deviceNo: row.device_no, surface: row.surface, baseline: row.baseline === 1 }))
}

/** Of devices that told of any surface, so many after a number, in the order of theirs. */
export const loadScannedAfter = async (db: Db, afterNo: number, limit: number): Promise<readonly ScannedDevice[]> => {
  const { rows } = await sql<{ device_no: number; baseline: number }>`
    select device_no, min(baseline) as baseline from observe_coverage where device_no > ${afterNo}
    group by device_no order by device_no limit ${limit}`.execute(db)
  return rows.map((row) => ({ deviceNo: row.device_no, scanned: scannedOf([{ baseline: row.baseline === 1 }]) }))
}

export const storeRecords = (tx: Tx, rows: readonly (SurfaceKey & SurfaceRecord)[]): Promise<number> =>
  upsertRecords(
    tx,
    rows.map((row) => ({
      tenant_id: row.tenantId,
      device_no: row.deviceNo,
      surface: row.surface,
      first_collected_ms: row.firstCollectedMs,
      baseline: row.baseline ? 1 : 0,
      last_event_ms: row.lastEventMs,
    })),
  )

/** Of these devices, how many told of each surface, with a first scan of it and without. */
export const countSurfaces = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<readonly Omit<SurfaceCount, 'isHeard'>[]> => {
  const { rows } = await sql<{ surface: string; baseline: number; count: number }>`
    select surface, baseline, count(*) as count from observe_coverage
    where ${amongDevices(db, 'device_no', deviceNos)} group by surface, baseline`.execute(db)
  return rows.map(({ surface, baseline, count }) => ({ surface, hasBaseline: baseline === 1, count }))
}
