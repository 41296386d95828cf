// Letting go of what was kept long enough: shortly after the start and then once a day, little by little.
// What is old enough is decide.ts and each room's own; batches that hold nobody up are the storage edge's.
import { type AuditStatement, DEFAULT_TENANT_ID } from '@muster/contract'
import { type Clock, type Log, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import { createOutbox, type Storage } from '@muster/storage'
import type { DurableReplyMemory } from '../reply-memory/reply-memory.ts'
import type { Settings } from '../settings/table.ts'
import { type Cutoffs, decideCutoffs, decideReport, type PurgeCounts } from './decide.ts'

const firstRunMs = 60_000
const everyMs = 24 * 3600 * 1000
/** A consumer that was away for longer starts from what is in the tables. */
const announcementsMs = 7 * everyMs

/** A room's own part: deletes what is older and answers how much of what. */
export type PurgeRoom = (cutoffs: Cutoffs, signal: AbortSignal) => Promise<PurgeCounts>

export interface RetentionNeeds {
  readonly settings: Settings
  readonly storage: Storage
  readonly ledger: Ledger
  readonly replies: DurableReplyMemory
  readonly purgeRoom: PurgeRoom
  readonly clock: Clock
  readonly log: Log
}

export interface Retention {
  /** The first run comes after the first burst of reconnecting devices is over. */
  start(): void
  /** One run, to its end; calls at the same time share it. */
  run(): Promise<void>
  /** Ends a run after the batch at hand and starts no other. */
  close(): Promise<void>
}

/** What is kept how long is set for the whole installation, so its history has the entry. */
const statementOf = (counts: PurgeCounts, nowMs: number): AuditStatement => ({
  tenantId: DEFAULT_TENANT_ID,
  occurredAt: toIso(nowMs),
  actor: { type: 'system', id: 'retention' },
  action: 'retention.purged',
  target: { type: 'tenant', id: DEFAULT_TENANT_ID },
  outcome: 'success',
  requestId: '',
  details: { ...counts },
})

const createRun =
  ({ settings, storage, ledger, replies, purgeRoom, clock, log }: RetentionNeeds) =>
  async (signal: AbortSignal): Promise<void> => {
    const cutoffs = decideCutoffs(settings, clock.nowMs())
    await replies.purge(signal)
    await createOutbox(storage).expire(clock.nowMs() - announcementsMs, signal)
    const report = decideReport(await purgeRoom(cutoffs, signal))
    if (report !== null) {
      await storage.write((tx) => ledger.append(tx, statementOf(report, clock.nowMs())))
      log.info('retention purged', { 'items.count': Object.values(report).reduce((sum, count) => sum + count, 0) })
    }
    for (const tenantId of await ledger.tenantIds()) {
      if (signal.aborted) return
      // The history's own purge writes its own entry.
      await ledger.purge(tenantId, cutoffs.auditBeforeMs, signal)
    }
  }

export const createRetention = (needs: RetentionNeeds): Retention => {
  const stop = new AbortController()
  const runTenants = createRun(needs)
  let running: Promise<void> | undefined
  const run = (): Promise<void> => {
    running ??= runTenants(stop.signal)
      .catch((err: unknown) => needs.log.error('retention failed', { err }))
      .finally(() => {
        running = undefined
      })
    return running
  }
  let timer: NodeJS.Timeout | undefined
  const runIn = (waitMs: number): void => {
    timer = setTimeout(() => {
      runIn(everyMs)
      void run()
    }, waitMs).unref()
  }
  return {
    start: () => runIn(firstRunMs),
    run,
    async close() {
      clearTimeout(timer)
      stop.abort()
      await running
    },
  }
}
