// Sensor states in memory: asked and changed on every check-in without a wait, written behind within a second.
// A crash costs at most that second of counters, never an event; what an operator asked for is written before answering.
import type { Clock, Log } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import { isStillAsked, newSensor, type SensorState } from './decide.ts'
import { createSensorPages } from './pages.ts'
import { holdAsked, loadSensorsAskedSince, type SensorRow, storeSensors } from './store.ts'

export interface SensorKey {
  readonly deviceNo: number
  readonly tenantId: string
}

export interface SensorStates {
  /** The state if it is in memory already; otherwise `load` has to be awaited first. */
  peek(deviceNo: number): SensorState | undefined
  load(key: SensorKey): Promise<SensorState>
  /** Takes effect at once and is written within a second. */
  set(key: SensorKey, state: SensorState): void
  /** For operators: on disk when it resolves. */
  requestResnapshot(key: SensorKey, record: (tx: Tx) => Promise<unknown>): Promise<void>
  /** Stops the timer and writes what is left. */
  close(): Promise<void>
}

interface Needs {
  readonly storage: Pick<Storage, 'quick' | 'write'>
  readonly clock: Clock
  readonly log: Log
  /** How long a change may wait to be written, and how old a change of another process may be. */
  readonly flushMs?: number
}

/** Another process's clock and commit may be this far apart; rows are read again that much longer. */
const overlapMs = 5000

export const createSensorStates = ({ storage, clock, log, flushMs = 500 }: Needs): SensorStates => {
  const states = new Map<number, SensorState>()
  const pages = createSensorPages(storage.quick)
  let dirty = new Map<number, SensorRow>()
  let lookedMs = clock.nowMs()
  let turn: Promise<void> = Promise.resolve()

  const load = async (key: SensorKey): Promise<SensorState> => {
    const held = states.get(key.deviceNo)
    if (held !== undefined) return held
    const loaded = (await pages.load(key.deviceNo)) ?? newSensor
    const raced = states.get(key.deviceNo)
    if (raced !== undefined) return raced
    states.set(key.deviceNo, loaded)
    return loaded
  }
  const set = (key: SensorKey, state: SensorState): void => {
    states.set(key.deviceNo, state)
    dirty.set(key.deviceNo, { deviceNo: key.deviceNo, tenantId: key.tenantId, state })
  }
  const flush = async (): Promise<void> => {
    if (dirty.size === 0) return
    const rows = dirty
    dirty = new Map()
    const unwritten = [...rows.values()]
    try {
      await storage.write(async (tx) => {
        const asked = await holdAsked(tx, unwritten, clock.nowMs())
        // What was asked for since this process last looked must not be written over; it looks again soon.
        const kept = unwritten.map((row) => {
          const toldMs = asked.get(row.deviceNo)
          return toldMs !== undefined && isStillAsked(row.state, toldMs)
            ? { ...row, state: { ...row.state, resnapshotRequested: true, resnapshotMs: toldMs } }
            : row
        })
        await storeSensors(tx, kept, clock.nowMs())
      })
    } catch (error) {
      for (const [deviceNo, row] of rows) if (!dirty.has(deviceNo)) dirty.set(deviceNo, row)
      throw error
    }
  }
  const look = async (): Promise<void> => {
    const sinceMs = lookedMs - overlapMs
    lookedMs = clock.nowMs()
    for (const { deviceNo, state } of await loadSensorsAskedSince(storage.quick, sinceMs)) {
      pages.forget(deviceNo)
      const held = states.get(deviceNo)
      // Only what operators ask for comes from elsewhere; everything else this process heard itself, and later.
      if (held === undefined || !isStillAsked(held, state.resnapshotMs)) continue
      const asked = { ...held, resnapshotRequested: true, resnapshotMs: state.resnapshotMs }
      states.set(deviceNo, asked)
      const unwritten = dirty.get(deviceNo)
      if (unwritten !== undefined) dirty.set(deviceNo, { ...unwritten, state: asked })
    }
  }
  const beat = (): Promise<void> =>
    (turn = turn.then(async () => {
      pages.sweep()
      try {
        await look()
        await flush()
      } catch (error) {
        log.warn('sensor states not written, trying again', { err: error })
      }
    }))
  const timer = setInterval(() => void beat(), flushMs).unref()

  return {
    peek: (deviceNo) => states.get(deviceNo),
    load,
    set,
    async requestResnapshot(key, record) {
      const state = { ...(await load(key)), resnapshotRequested: true }
      await storage.write(async (tx) => {
        await storeSensors(tx, [{ ...key, state }], clock.nowMs())
        await record(tx)
      })
      states.set(key.deviceNo, { ...(states.get(key.deviceNo) ?? state), resnapshotRequested: true })
    },
    async close() {
      clearInterval(timer)
      await turn
      await flush()
    },
  }
}
