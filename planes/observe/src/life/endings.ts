// What is left to do when the life of a device ended or its data is to go: little by little, beside everything else.
// What that is was noted with the turn itself, see lives.ts; so nothing is forgotten when the server stops meanwhile.
import { setTimeout as wait } from 'node:timers/promises'
import type { Devices } from '@muster/identity'
import type { Clock, Log } from '@muster/kernel'
import { type Batch, beyondTenants, inBatches, type Storage, type Tx } from '@muster/storage'
import { sweepNames } from '../sweep/sweep.ts'
import {
  addCount,
  closeIntervals,
  deleteEvents,
  deleteIntervals,
  deleteItems,
  deleteReported,
  deleteTallied,
  type Ending,
  holdEnding,
  loadCounts,
  loadEndings,
  type Place,
  removeEnding,
  resolveFindings,
} from './store.ts'

export interface EndingsNeeds {
  readonly storage: Pick<Storage, 'db' | 'quick' | 'write'>
  readonly devices: Pick<Devices, 'finishDataDeletion'>
  /** What other planes keep of a device goes before its data counts as deleted; answers how many rows of what. */
  readonly deleteElsewhere?: (deviceNo: number) => Promise<Readonly<Record<string, number>>>
  readonly clock: Clock
  readonly log: Log
  /** How often to look for what another process noted. */
  readonly lookEveryMs?: number
}

export interface Endings {
  /** Does what there is to do; calls at the same time share it. */
  run(): Promise<void>
  /** Begins at once, and gives whoever asked for it a moment to see the end of it. */
  settle(): Promise<void>
  /** Stops after the batch at hand. */
  close(): Promise<void>
}

const patienceMs = 1000

/**
 * A request that was let in just before the device was retired may be stored just after; so an ending is looked at again
 * until no such request can be under way any more.
 */
const graceMs = 10_000

interface Chore {
  readonly noun: string
  readonly step: (tx: Tx, ending: Ending, size: number, after?: Place) => Promise<Batch<Place>>
}

const chores: Record<Ending['purpose'], readonly Chore[]> = {
  close: [
    { noun: 'intervals', step: closeIntervals },
    { noun: 'findings', step: resolveFindings },
  ],
  delete: [
    { noun: 'surfaces', step: deleteReported('observe_coverage', ['surface']) },
    { noun: 'items', step: deleteItems },
    { noun: 'intervals', step: deleteIntervals },
    { noun: 'findings', step: deleteReported('observe_finding', ['finding_no']) },
    { noun: 'events', step: deleteEvents },
    { noun: 'deadLetters', step: deleteTallied('deadLetter') },
  ],
}

const doChore = (storage: EndingsNeeds['storage'], ending: Ending, { noun, step }: Chore, signal: AbortSignal) =>
  inBatches<Place>(storage, {
    signal,
    async step(tx, size, after) {
      if (!(await holdEnding(tx, ending))) return { count: 0 }
      const batch = await step(tx, ending, size, after)
      if (batch.count > 0) await addCount(tx, ending, noun, batch.count)
      return batch
    },
  })

const nothingElsewhere: NonNullable<EndingsNeeds['deleteElsewhere']> = async () => ({})

const createRun = (needs: EndingsNeeds, signal: AbortSignal) => {
  const { storage, devices, deleteElsewhere = nothingElsewhere, clock, log } = needs
  const finish = async (ending: Ending): Promise<void> => {
    const { endingNo, tenantId, deviceNo, deviceId, purpose } = ending
    const elsewhere = purpose === 'delete' ? await deleteElsewhere(deviceNo) : {}
    const counts = { ...(await loadCounts(storage.db, endingNo)), ...elsewhere }
    if (purpose === 'delete') await devices.finishDataDeletion(tenantId, deviceId, counts)
    await storage.write((tx) => removeEnding(tx, endingNo))
    const total = Object.values(counts).reduce((sum, count) => sum + count, 0)
    log.info(purpose === 'delete' ? 'data of a device deleted' : 'life of a device ended', {
      'device.id': deviceId,
      'items.count': total,
    })
  }
  return async (): Promise<void> => {
    const endings = await loadEndings(storage.quick)
    const late = endings.filter(({ askedMs }) => clock.nowMs() - askedMs >= graceMs)
    for (const ending of endings)
      for (const chore of chores[ending.purpose]) await doChore(storage, ending, chore, signal)
    if (endings.some(({ purpose }) => purpose === 'delete')) await sweepNames(storage, signal)
    if (signal.aborted) return
    for (const ending of late) await finish(ending)
  }
}

export const createEndings = (needs: EndingsNeeds): Endings => {
  const { lookEveryMs = 1000 } = needs
  const stop = new AbortController()
  const runAll = createRun(needs, stop.signal)
  let running: Promise<void> | undefined
  const run = (): Promise<void> => {
    running ??= beyondTenants(runAll)
      .catch((err: unknown) => needs.log.warn('endings of devices not dealt with, trying again', { err }))
      .finally(() => {
        running = undefined
      })
    return running
  }
  const timer = setInterval(() => void run(), lookEveryMs).unref()
  return {
    run,
    async settle() {
      // A run under way may have looked before what was noted last.
      await Promise.race([(running ?? Promise.resolve()).then(run), wait(patienceMs, undefined, { ref: false })])
    },
    async close() {
      clearInterval(timer)
      stop.abort()
      await running
    },
  }
}
