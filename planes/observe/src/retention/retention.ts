// Letting go of raw events, dead letters and closed intervals that were kept long enough (fleet-product 13).
// How long is the operator's setting; when it is done is the server's.
import { deleteInBatches, type Storage } from '@muster/storage'
import { sql } from 'kysely'

export interface ObserveCutoffs {
  readonly eventsBeforeMs: number
  readonly deadLettersBeforeMs: number
  /** Intervals that closed before this moment; open ones stay. */
  readonly intervalsBeforeMs: number
}

export interface ObservePurge {
  readonly events: number
  readonly deadLetters: number
  readonly intervals: number
}

interface Aging {
  readonly table: string
  readonly key: string
  /** Grows with the key, or nearly so. */
  readonly moment: string
}

const events: Aging = { table: 'observe_event', key: 'event_no', moment: 'received_ms' }
const deadLetters: Aging = { table: 'observe_dead_letter', key: 'dead_letter_no', moment: 'received_ms' }
const intervals: Aging = { table: 'observe_past', key: 'past_no', moment: 'to_ms' }

/**
 * The first row that has to stay, so that batches walk along the key and nobody reads the whole table. A row that is
 * out of order, because a device told of it late, stays until those before it go: longer, never shorter.
 */
const findFirstKept = async ({ db }: Pick<Storage, 'db'>, { table, key, moment }: Aging, beforeMs: number) => {
  const row = await db
    .selectFrom(table)
    .select(key)
    .where(moment, '>=', beforeMs)
    .orderBy(key)
    .limit(1)
    .executeTakeFirst()
  return (row?.[key] as number | undefined) ?? Number.MAX_SAFE_INTEGER
}

const purgeTable = async (storage: Storage, aging: Aging, beforeMs: number, signal: AbortSignal): Promise<number> => {
  const { table, key, moment } = aging
  const firstKept = await findFirstKept(storage, aging, beforeMs)
  const where = sql`${sql.ref(key)} < ${firstKept} and ${sql.ref(moment)} < ${beforeMs}`
  return deleteInBatches(storage, { table, key, where, signal })
}

/** In small transactions, of all tenants; ends after the batch at hand when `signal` says so. */
export const purgeObserved = async (
  storage: Storage,
  cutoffs: ObserveCutoffs,
  signal: AbortSignal,
): Promise<ObservePurge> => ({
  events: await purgeTable(storage, events, cutoffs.eventsBeforeMs, signal),
  deadLetters: await purgeTable(storage, deadLetters, cutoffs.deadLettersBeforeMs, signal),
  intervals: await purgeTable(storage, intervals, cutoffs.intervalsBeforeMs, signal),
})
