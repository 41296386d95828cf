// Rows behind presence: packs in a span of time, what was rolled up of them, and what machines said of themselves.
// How samples become points is decide.ts; when rows are rolled up and let go is roll-up.ts.
import { bulkInsert, type Db, type Tx } from '@muster/storage'
import type { Description } from '../heartbeat/decide.ts'
import { packBytes, unpackBytes } from '../heartbeat/pack-store.ts'
import { readSamples, type Sample } from '../heartbeat/sample.ts'
import type { Point } from './decide.ts'
import { type Hold, notHeld } from './holds.ts'

/** From the first moment on, up to but without the last. */
export interface Span {
  readonly fromMs: number
  readonly beforeMs: number
}

export interface DeviceSamples {
  readonly deviceNo: number
  readonly tenantId: string
  readonly samples: readonly Sample[]
}

/** What is in packs of these devices and was received in the span. */
export const loadPacked = async (
  db: Db,
  deviceNos: readonly number[],
  { fromMs, beforeMs }: Span,
): Promise<readonly DeviceSamples[]> => {
  if (deviceNos.length === 0) return []
  const rows = await db
    .selectFrom('telemetry_pack')
    .select(['device_no', 'tenant_id', 'samples'])
    .where('device_no', 'in', deviceNos)
    .where('through_ms', '>=', fromMs)
    .where('from_ms', '<', beforeMs)
    .orderBy('through_ms')
    .execute()
  const isWithin = ({ receivedMs }: Sample): boolean => receivedMs >= fromMs && receivedMs < beforeMs
  return [...Map.groupBy(rows, (row) => row['device_no'] as number)].map(([deviceNo, packs]) => ({
    deviceNo,
    tenantId: packs[0]?.['tenant_id'] as string,
    samples: packs.flatMap((row) => readSamples(unpackBytes(row['samples'] as Uint8Array)).filter(isWithin)),
  }))
}

export interface RolledDay {
  readonly deviceNo: number
  readonly tenantId: string
  readonly dayMs: number
  readonly points: readonly Point[]
}

/** Hours are kept by the day, days one by one. */
export type RollUpTable = 'telemetry_hours' | 'telemetry_day'

const columns = { tenant_id: 'text', device_no: 'int', day_ms: 'int', points: 'bytes' } as const
type Cells = readonly [tenantId: string, deviceNo: number, dayMs: number, points: Buffer]
const inserts = {
  telemetry_hours: bulkInsert({
    into: 'telemetry_hours',
    columns,
    onConflict: 'ignore',
    cells: (cells: Cells) => cells,
  }),
  telemetry_day: bulkInsert({ into: 'telemetry_day', columns, onConflict: 'ignore', cells: (cells: Cells) => cells }),
} as const

/** A day that is there already stays as it is. */
export const storeRolled = async (tx: Tx, table: RollUpTable, days: readonly RolledDay[]): Promise<void> => {
  const rows = days.map(
    ({ tenantId, deviceNo, dayMs, points }): Cells => [
      tenantId,
      deviceNo,
      dayMs,
      packBytes(Buffer.from(JSON.stringify(points))),
    ],
  )
  await inserts[table](tx, rows)
}

export const loadRolled = async (
  db: Db,
  table: RollUpTable,
  tenantId: string,
  deviceNos: readonly number[],
  { fromMs, beforeMs }: Span,
): Promise<readonly RolledDay[]> => {
  const rows = await db
    .selectFrom(table)
    .selectAll()
    .where('device_no', 'in', deviceNos)
    .where('tenant_id', '=', tenantId)
    .where('day_ms', '>=', fromMs)
    .where('day_ms', '<', beforeMs)
    .execute()
  return rows.map((row) => ({
    deviceNo: row['device_no'] as number,
    tenantId: row['tenant_id'] as string,
    dayMs: row['day_ms'] as number,
    points: JSON.parse(unpackBytes(row['points'] as Uint8Array).toString()) as Point[],
  }))
}

/** Devices that ever sent a heartbeat, in the order of their numbers. */
export const loadPresentNos = async (db: Db, afterNo: number, limit: number): Promise<readonly number[]> => {
  const rows = await db
    .selectFrom('telemetry_presence')
    .select('device_no')
    .where('device_no', '>', afterNo)
    .orderBy('device_no')
    .limit(limit)
    .execute()
  return rows.map((row) => row['device_no'] as number)
}

/** Deletes the oldest days; answers how many went, none when the rest has to stay. */
export const deleteOldDays = async (
  tx: Tx,
  table: RollUpTable,
  { beforeMs, holds, size }: { readonly beforeMs: number; readonly holds: readonly Hold[]; readonly size: number },
): Promise<number> => {
  const oldest = tx.selectFrom(table).select('roll_up_no').where(notHeld(holds)).orderBy('roll_up_no').limit(size)
  const gone = await tx
    .deleteFrom(table)
    .where('roll_up_no', 'in', oldest)
    .where('day_ms', '<', beforeMs)
    .executeTakeFirst()
  return Number(gone.numDeletedRows)
}

export interface PresentDevice {
  readonly deviceNo: number
  readonly firstMs: number
  readonly description: Description
}

/** What these devices last said of themselves. */
export const loadDescriptions = async (
  db: Db,
  tenantId: string,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, PresentDevice>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await db
    .selectFrom('telemetry_presence as presence')
    .innerJoin('telemetry_description as said', 'said.description_no', 'presence.description_no')
    .select(['presence.device_no', 'presence.first_ms', 'said.description'])
    .where('presence.tenant_id', '=', tenantId)
    .where('presence.device_no', 'in', deviceNos)
    .execute()
  return new Map(
    rows.map((row) => [
      row.device_no as number,
      {
        deviceNo: row.device_no as number,
        firstMs: row.first_ms as number,
        description: JSON.parse(row.description as string) as Description,
      },
    ]),
  )
}
