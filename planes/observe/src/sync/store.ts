// The rows of sync: what is known of a device's outbox, and what was refused for good.
// What becomes of a batch is decided in decide.ts; the events themselves are in events/.
import { bulkFind, bulkInsert, type Engine, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import type { SyncState } from './decide.ts'
import { readIslands, writeIslands } from './reach.ts'

const stateColumns = {
  epoch: 'int',
  contiguous: 'int',
  assumed: 'int',
  islands: 'text',
  last_acked: 'int',
} as const

const findStates = bulkFind({ from: 'observe_sync', select: stateColumns, where: { device_no: 'int' } })

const upsertStates = bulkInsert({
  into: 'observe_sync',
  columns: { device_no: 'int', tenant_id: 'text', ...stateColumns, received_ms: 'int', skew_ms: 'int?' },
  onConflict: {
    on: ['device_no'],
    update: ['epoch', 'contiguous', 'assumed', 'islands', 'last_acked', 'received_ms', 'skew_ms'],
  },
})

const insertDeadLetters = bulkInsert({
  into: 'observe_dead_letter',
  columns: {
    tenant_id: 'text',
    device_no: 'int',
    event_id: 'text',
    sequence: 'int',
    code: 'text',
    raw: 'bytes',
    received_ms: 'int',
  },
})

/** Sets these locks apart from any other pair of numbers that may be locked. */
const deviceLock = 7321

/** Lets one transaction at a time decide for a device; SQLite has a single writer anyway. */
export const lockDevices = async (tx: Tx, engine: Engine, deviceNos: readonly number[]): Promise<void> => {
  if (engine === 'sqlite') return
  const ordered = deviceNos.toSorted((left, right) => left - right).map((no) => sql.lit(no))
  await sql`select pg_advisory_xact_lock(${sql.lit(deviceLock)}, no) from unnest(array[${sql.join(ordered)}]) as no`.execute(
    tx,
  )
}

/** In the order of the devices; undefined for one that never sent anything. */
export const loadStates = async (tx: Tx, deviceNos: readonly number[]): Promise<readonly (SyncState | undefined)[]> => {
  const rows = await findStates(
    tx,
    deviceNos.map((device_no) => ({ device_no })),
  )
  return rows.map((row) =>
    row === undefined
      ? undefined
      : {
          epoch: row.epoch,
          reach: { contiguous: row.contiguous, assumed: row.assumed, islands: readIslands(row.islands) },
          lastAcked: row.last_acked,
        },
  )
}

export interface StateRow {
  readonly deviceNo: number
  readonly tenantId: string
  readonly state: SyncState
  readonly receivedMs: number
  /** Receipt minus the newest collection of the batch; null when it was empty. */
  readonly skewMs: number | null
}

export const storeStates = (tx: Tx, rows: readonly StateRow[]): Promise<number> =>
  upsertStates(
    tx,
    rows.map(({ deviceNo, tenantId, state, receivedMs, skewMs }) => ({
      device_no: deviceNo,
      tenant_id: tenantId,
      epoch: state.epoch,
      contiguous: state.reach.contiguous,
      assumed: state.reach.assumed,
      islands: writeIslands(state.reach.islands),
      last_acked: state.lastAcked,
      received_ms: receivedMs,
      skew_ms: skewMs,
    })),
  )

export interface DeadLetter {
  readonly tenantId: string
  readonly deviceNo: number
  readonly eventId: string
  readonly sequence: number
  readonly code: string
  /** The event as it was said. */
  readonly raw: unknown
  readonly receivedMs: number
}

export const storeDeadLetters = (tx: Tx, letters: readonly DeadLetter[]): Promise<number> =>
  insertDeadLetters(
    tx,
    letters.map((letter) => ({
      tenant_id: letter.tenantId,
      device_no: letter.deviceNo,
      event_id: letter.eventId,
      sequence: letter.sequence,
      code: letter.code,
      raw: Buffer.from(JSON.stringify(letter.raw) ?? ''),
      received_ms: letter.receivedMs,
    })),
  )
