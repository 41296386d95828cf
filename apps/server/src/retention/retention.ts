// Letting go of what was kept long enough: shortly after the start and then once a day, little by little.
// What is old enough is decide.ts and each room's own; batches that hold nobody up are the storage edge's.
import type { AuditStatement } from '@muster/contract'
import { type Clock, type Log, toIso } from '@muster/kernel'
import type { Ledger } from '@muster/ledger'
import type { Observe, ObservePurge } from '@muster/observe'
import { createOutbox, type Storage, type Tx } from '@muster/storage'
import type { LegalHolds } from '../legal-hold/legal-hold.ts'
import type { DurableReplyMemory } from '../reply-memory/reply-memory.ts'
import { decidePlan, type Plan } from './decide.ts'
import { readPlanMark } from './store.ts'
import type { RetentionTerms } from './terms.ts'

const firstRunMs = 60_000
const everyMs = 24 * 3600 * 1000
/** A consumer that was away for longer starts from what is in the tables. */
const announcementsMs = 7 * everyMs

export interface RetentionNeeds {
  readonly terms: Pick<RetentionTerms, 'load'>
  readonly holds: Pick<LegalHolds, 'active'>
  readonly storage: Storage
  readonly ledger: Ledger
  readonly replies: DurableReplyMemory
  readonly observe: Pick<Observe, 'purge'>
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

/** Somebody placed a hold or changed a term while a purge was under way; it begins again with what counts now. */
class PlanChanged extends Error {
  override readonly name = 'PlanChanged'
}

type Counts = Map<string, Partial<Record<keyof ObservePurge, number>>>

const statementOf = (tenantId: string, details: AuditStatement['details'], nowMs: number): AuditStatement => ({
  tenantId,
  occurredAt: toIso(nowMs),
  actor: { type: 'system', id: 'retention' },
  action: 'retention.purged',
  target: { type: 'tenant', id: tenantId },
  outcome: 'success',
  requestId: '',
  details,
})

/** One entry for each tenant of which something went, also when the purge was cut short. */
const report = async ({ storage, ledger, clock, log }: RetentionNeeds, counts: Counts): Promise<void> => {
  if (counts.size === 0) return
  const statements = [...counts].map(([tenantId, purged]) => statementOf(tenantId, purged, clock.nowMs()))
  await storage.write((tx) => ledger.appendMany(tx, statements))
  const total = [...counts.values()].flatMap((purged) => Object.values(purged)).reduce((sum, count) => sum + count, 0)
  log.info('retention purged', { 'items.count': total })
}

const loadPlan = async ({ terms, holds, storage, clock }: RetentionNeeds) => {
  // The mark comes first: what changes after it is noticed.
  const mark = await readPlanMark(storage.db)
  const plan = decidePlan({ ...(await terms.load()), holds: await holds.active(), nowMs: clock.nowMs() })
  return { plan, mark }
}

const purgeOnce = async (needs: RetentionNeeds, signal: AbortSignal, counts: Counts): Promise<Plan> => {
  const { plan, mark } = await loadPlan(needs)
  const guard = async (tx: Tx): Promise<void> => {
    if ((await readPlanMark(tx)) !== mark) throw new PlanChanged()
  }
  await needs.observe.purge({ plan, guard, signal }, (tenantId, purged, count) => {
    const known = counts.get(tenantId) ?? {}
    counts.set(tenantId, { ...known, [purged]: (known[purged] ?? 0) + count })
  })
  return plan
}

const purgeRooms = async (needs: RetentionNeeds, signal: AbortSignal): Promise<Plan> => {
  const counts: Counts = new Map()
  try {
    for (;;) {
      try {
        return await purgeOnce(needs, signal, counts)
      } catch (fault) {
        if (!(fault instanceof PlanChanged)) throw fault
      }
    }
  } finally {
    await report(needs, counts)
  }
}

const createRun =
  (needs: RetentionNeeds) =>
  async (signal: AbortSignal): Promise<void> => {
    const { storage, ledger, replies, clock } = needs
    await replies.purge(signal)
    await createOutbox(storage).expire(clock.nowMs() - announcementsMs, signal)
    await purgeRooms(needs, signal)
    for (const tenantId of await ledger.tenantIds()) {
      if (signal.aborted) return
      const { plan } = await loadPlan(needs)
      const { auditBeforeMs } = plan.tenants.get(tenantId) ?? plan.others
      // The history's own purge writes its own entry.
      if (!plan.tenantsWithHolds.has(tenantId)) await ledger.purge(tenantId, auditBeforeMs, signal)
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
