// Reads of what is known of many devices at once.
// What the rows mean is decided in coverage/ and sensor/.
import type { Severity } from '@muster/contract'
import type { Db } from '@muster/storage'
import type { SurfaceRecord } from '../coverage/decide.ts'
import type { SensorState } from '../sensor/decide.ts'
import { loadSensors } from '../sensor/store.ts'
import { withInventory } from '../tables.ts'

export const loadSensorStates = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, SensorState>> => {
  const states = await loadSensors(db, deviceNos)
  return new Map(
    deviceNos.flatMap((deviceNo, index) => {
      const state = states[index]
      return state === undefined ? [] : [[deviceNo, state] as const]
    }),
  )
}

export interface CoverageRow extends SurfaceRecord {
  readonly surface: string
}

export const loadCoverages = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, readonly CoverageRow[]>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_coverage')
    .selectAll()
    .where('device_no', 'in', deviceNos)
    .orderBy('surface')
    .execute()
  const grouped = Map.groupBy(rows, (row) => row.device_no)
  return new Map(
    [...grouped].map(([deviceNo, held]) => [
      deviceNo,
      held.map((row) => ({
        surface: row.surface,
        firstCollectedMs: row.first_collected_ms,
        baseline: row.baseline === 1,
        lastEventMs: row.last_event_ms,
      })),
    ]),
  )
}

export interface FindingCount {
  readonly severity: Severity
  readonly count: number
}

export const loadFindingCounts = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<ReadonlyMap<number, readonly FindingCount[]>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_finding')
    .select(({ fn }) => ['device_no', 'severity', fn.countAll<number>().as('count')])
    .where('device_no', 'in', deviceNos)
    .where('state', '=', 'open')
    .groupBy(['device_no', 'severity'])
    .execute()
  return Map.groupBy(rows, (row) => row.device_no)
}

/** Milliseconds by which each device's newest collection lay before its receipt. */
export const loadSkews = async (db: Db, deviceNos: readonly number[]): Promise<ReadonlyMap<number, number>> => {
  if (deviceNos.length === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_sync')
    .select(['device_no', 'skew_ms'])
    .where('device_no', 'in', deviceNos)
    .execute()
  return new Map(rows.flatMap((row) => (row.skew_ms === null ? [] : [[row.device_no, row.skew_ms] as const])))
}
