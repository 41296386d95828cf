// The rows of sensor states, written many at once and read when a sensor is first heard or looked at.
// What the states mean is decided in decide.ts; when they are written is states.ts.
import { bulkFind, bulkInsert, type Db, engineOf, type Tx } from '@muster/storage'
import { amongListed } from '../among.ts'
import type { SensorState } from './decide.ts'

const columns = {
  checked_in_ms: 'int?',
  reported_generation: 'text?',
  served_generation: 'text?',
  served_ms: 'int?',
  hints: 'int',
  hinted_generation: 'text?',
  sync_hinted_ms: 'int?',
  refused_generation: 'text?',
  backlog_events: 'int',
  backlog_bytes: 'int',
  resnapshot_requested: 'int',
  resnapshot_ms: 'int?',
} as const

const findStates = bulkFind({ from: 'observe_sensor', select: columns, where: { device_no: 'int' } })

const into = {
  into: 'observe_sensor',
  columns: { device_no: 'int', tenant_id: 'text', ...columns, changed_ms: 'int' },
} as const

const insertNewStates = bulkInsert({ ...into, onConflict: 'ignore' })

const upsertStates = bulkInsert({
  ...into,
  onConflict: { on: ['device_no'], update: [...(Object.keys(columns) as (keyof typeof columns)[]), 'changed_ms'] },
})

type StateRow = NonNullable<Awaited<ReturnType<typeof findStates>>[number]>

const toState = (row: StateRow): SensorState => ({
  checkedInMs: row.checked_in_ms,
  reported: row.reported_generation,
  served: row.served_generation,
  servedMs: row.served_ms,
  hints: row.hints,
  hinted: row.hinted_generation,
  syncHintedMs: row.sync_hinted_ms,
  refused: row.refused_generation,
  backlogEvents: row.backlog_events,
  backlogBytes: row.backlog_bytes,
  resnapshotRequested: row.resnapshot_requested === 1,
  resnapshotMs: row.resnapshot_ms,
})

/** In the order of the devices. */
export const loadSensors = async (
  db: Db,
  deviceNos: readonly number[],
): Promise<readonly (SensorState | undefined)[]> => {
  const rows = await findStates(
    db,
    deviceNos.map((device_no) => ({ device_no })),
  )
  return rows.map((row) => (row === undefined ? undefined : toState(row)))
}

/** Those that are stored of the devices from `firstNo` to before `endNo`. */
export const loadSensorsBetween = async (
  db: Db,
  firstNo: number,
  endNo: number,
): Promise<ReadonlyMap<number, SensorState>> => {
  const rows = await db
    .selectFrom('observe_sensor')
    .selectAll()
    .where('device_no', '>=', firstNo)
    .where('device_no', '<', endNo)
    .execute()
  return new Map(rows.map((row) => [row.device_no, toState(row as StateRow)]))
}

/** States with an open request for everything that were written at or after this moment, by whichever process. */
export const loadSensorsAskedSince = async (
  db: Db,
  sinceMs: number,
): Promise<readonly { readonly deviceNo: number; readonly state: SensorState }[]> => {
  const rows = await db
    .selectFrom('observe_sensor')
    .selectAll()
    .where('changed_ms', '>=', sinceMs)
    .where('resnapshot_requested', '=', 1)
    .execute()
  return rows.map((row) => ({ deviceNo: row.device_no, state: toState(row as StateRow) }))
}

/** A label that a device made up may be anything; ours are short and have no NUL, which PostgreSQL refuses. */
const storable = (label: string): string => label.slice(0, 256).replaceAll('\u0000', '\ufffd')

export interface SensorRow {
  readonly deviceNo: number
  readonly tenantId: string
  readonly state: SensorState
}

const toRow =
  (changedMs: number) =>
  ({ deviceNo, tenantId, state }: SensorRow) => ({
    device_no: deviceNo,
    tenant_id: tenantId,
    checked_in_ms: state.checkedInMs,
    reported_generation: state.reported === null ? null : storable(state.reported),
    served_generation: state.served,
    served_ms: state.servedMs,
    hints: state.hints,
    hinted_generation: state.hinted,
    sync_hinted_ms: state.syncHintedMs,
    refused_generation: state.refused,
    backlog_events: state.backlogEvents,
    backlog_bytes: state.backlogBytes,
    resnapshot_requested: state.resnapshotRequested ? 1 : 0,
    resnapshot_ms: state.resnapshotMs,
    changed_ms: changedMs,
  })

export const storeSensors = (tx: Tx, rows: readonly SensorRow[], changedMs: number): Promise<number> =>
  upsertStates(tx, rows.map(toRow(changedMs)))

/**
 * Those of these devices that were asked for everything, with the moment they did it last; nobody changes that until the
 * transaction is over. What is not stored yet is stored first: nobody can hold a row that is not there.
 */
export const holdAsked = async (
  tx: Tx,
  rows: readonly SensorRow[],
  changedMs: number,
): Promise<ReadonlyMap<number, SensorState['resnapshotMs']>> => {
  const isShared = engineOf(tx) === 'postgres'
  const inOrder = rows.toSorted((one, other) => one.deviceNo - other.deviceNo)
  if (isShared) await insertNewStates(tx, inOrder.map(toRow(changedMs)))
  const deviceNos = inOrder.map(({ deviceNo }) => deviceNo)
  const stored = tx
    .selectFrom('observe_sensor')
    .select(['device_no', 'resnapshot_requested', 'resnapshot_ms'])
    .where(amongListed(tx, 'device_no', deviceNos))
  const held = await (isShared ? stored.orderBy('device_no').forUpdate() : stored).execute()
  const asked = held.filter((row) => row['resnapshot_requested'] === 1)
  return new Map(asked.map((row) => [row['device_no'] as number, row['resnapshot_ms'] as number | null]))
}
