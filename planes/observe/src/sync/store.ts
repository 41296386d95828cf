// The rows of sync: what is known of a device's outbox, its events as they came, and what was refused for good.
// What becomes of a batch is decided in decide.ts.
import { EVENT_KINDS, type EventKind } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import { bulkFind, bulkInsert, type Engine, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import type { Candidate } from './candidate.ts'
import type { StoredEvent, SyncState } from './decide.ts'
import { readIslands, writeIslands } from './reach.ts'

export const EVENT_BODIES = ['inventoryItem', 'finding'] as const

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

const findEvents = bulkFind({
  from: 'observe_event',
  select: {
    sequence: 'int',
    surface: 'text',
    kind: 'int',
    observed_ms: 'int',
    collected_ms: 'int',
    payload: 'bytes',
  },
  where: { device_no: 'int', event_key: 'bytes' },
})

const insertEvents = bulkInsert({
  into: 'observe_event',
  columns: {
    tenant_id: 'text',
    device_no: 'int',
    event_key: 'bytes',
    epoch: 'int',
    sequence: 'int',
    surface: 'text',
    kind: 'int',
    body: 'int',
    observed_ms: 'int',
    collected_ms: 'int',
    received_ms: 'int',
    payload: 'bytes',
  },
  onConflict: 'ignore',
  cells: ({ device, epoch, event, body, receivedMs }: StoredCandidate) => [
    device.tenantId,
    device.deviceNo,
    event.eventKey,
    epoch,
    event.sequence,
    event.surface,
    EVENT_KINDS.indexOf(event.kind),
    EVENT_BODIES.indexOf(body),
    event.observedMs,
    event.collectedMs,
    receivedMs,
    event.payload,
  ],
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

/** In the order of the keys. */
export const loadStored = async (
  tx: Tx,
  keys: readonly { readonly device_no: number; readonly event_key: Uint8Array }[],
): Promise<readonly (StoredEvent | undefined)[]> => {
  const rows = await findEvents(tx, keys)
  return rows.map((row) =>
    row === undefined
      ? undefined
      : {
          sequence: row.sequence,
          surface: row.surface,
          kind: EVENT_KINDS[row.kind] as EventKind,
          observedMs: row.observed_ms,
          collectedMs: row.collected_ms,
          payloadHash: sha256Hex(row.payload),
        },
  )
}

/** An accepted event, and what its row says besides. */
export interface StoredCandidate {
  readonly device: { readonly tenantId: string; readonly deviceNo: number }
  readonly epoch: number
  readonly event: Candidate
  readonly body: (typeof EVENT_BODIES)[number]
  readonly receivedMs: number
}

/** Answers how many of them were new. */
export const storeEvents = (tx: Tx, rows: readonly StoredCandidate[]): Promise<number> => insertEvents(tx, rows)

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
