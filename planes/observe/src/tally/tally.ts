// How many rows the big tables hold for each tenant, kept instead of counted: at a hundred million of them nobody can
// wait for a count. Rows are counted once, some time after they came; whoever deletes them takes them off again.
// Who asks is the server's.
import { setTimeout as rest } from 'node:timers/promises'
import type { Clock, Log } from '@muster/kernel'
import { beyondTenants, type Storage } from '@muster/storage'
import { advanceMark, countTail, findChunk, loadTally, TALLIED, type Tallied } from './store.ts'

export interface Tally {
  readonly count: number
  /** False while more rows wait to be counted than are looked at for one answer: then there are more than `count`. */
  readonly isExact: boolean
}

export interface TallyNeeds {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  readonly everyMs?: number
}

export interface Tallies {
  of(tenantId: string, kind: Tallied): Promise<Tally>
  /** Counts what came since; calls at the same time share one run. */
  run(): Promise<void>
  close(): Promise<void>
}

/**
 * PostgreSQL numbers rows before they are committed, so a lower number may appear after a higher one; a minute later it
 * has appeared or never will, because no transaction may last that long. SQLite has one writer and no such gap.
 */
const settledAfterMs = 60_000
/** Often, so that what is read was written a moment ago; and little at once, because others want the processor too. */
const usuallyEveryMs = 2000
const restMs = 20

/** Counts one chunk of one table; false when there was nothing more to count. */
const countChunk = async ({ storage, clock }: TallyNeeds, kind: Tallied): Promise<boolean> => {
  const settledMs = storage.engine === 'sqlite' ? Number.MAX_SAFE_INTEGER : clock.nowMs() - settledAfterMs
  const chunk = await findChunk(storage.db, kind, settledMs)
  if (chunk.counts.length === 0) return false
  await storage.write((tx) => advanceMark(tx, kind, chunk))
  return chunk.isFull
}

export const createTallies = (needs: TallyNeeds): Tallies => {
  const { everyMs = usuallyEveryMs } = needs
  let closing = false
  const countAll = async (): Promise<void> => {
    for (const kind of TALLIED) while (!closing && (await countChunk(needs, kind))) await rest(restMs)
  }
  let running: Promise<void> | undefined
  const run = (): Promise<void> => {
    running ??= countAll()
      .catch((err: unknown) => needs.log.warn('rows not tallied', { err }))
      .finally(() => {
        running = undefined
      })
    return running
  }
  const timer = setInterval(() => void run(), everyMs).unref()
  return {
    async of(tenantId, kind) {
      const { db } = needs.storage
      const { count, throughNo } = await loadTally(db, tenantId, kind)
      // Looks at everybody's newest and counts its own: behind the wall it would look at as many of its own.
      const tail = await beyondTenants(() => countTail(db, tenantId, kind, throughNo))
      return { count: count + tail.count, isExact: tail.isWhole }
    },
    run,
    async close() {
      closing = true
      clearInterval(timer)
      await running
    },
  }
}
