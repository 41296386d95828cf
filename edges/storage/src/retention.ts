// Changing or deleting much, a little at a time, so that nobody waits long for the writer.
// What has to change, and what is old enough to go, is the room's decision.
import { sql } from 'kysely'
import type { Storage } from './open.ts'
import type { Tx } from './unit.ts'

export interface DeleteInBatches {
  readonly table: string
  /** A unique, indexed column; batches walk along it once, so that rows which stay are looked at once. */
  readonly key: string
  /** Rows to go, as a condition on the table's own columns. */
  readonly where: ReturnType<typeof sql>
  /** How long one batch may hold the writer; 20 unless told. */
  readonly holdMs?: number
  /** Stops after the batch at hand. */
  readonly signal?: AbortSignal
}

/** The next batch's size: half of what the last one's time allows at most, so that a slow row or two does no harm. */
export const nextBatchSize = (size: number, tookMs: number, holdMs: number): number => {
  const fitting = Math.floor((size * holdMs) / 2 / Math.max(tookMs, 0.1))
  return Math.max(1, Math.min(fitting, size * 2, 5000))
}

export interface Batch<Key> {
  /** How many rows were dealt with; none ends the work. */
  readonly count: number
  /** Where the next batch goes on. */
  readonly after?: Key
}

export interface InBatches<Key> {
  /** Deals with at most so many rows, those after the key if there is one. */
  readonly step: (tx: Tx, size: number, after: Key | undefined) => Promise<Batch<Key>>
  /** How long one batch may hold the writer; 20 unless told. */
  readonly holdMs?: number
  /** Stops after the batch at hand. */
  readonly signal?: AbortSignal
}

/** Repeats a step in small transactions until nothing is left, and answers how many rows it dealt with. */
export const inBatches = async <Key>(storage: Pick<Storage, 'write'>, job: InBatches<Key>): Promise<number> => {
  const { step, holdMs = 20, signal } = job
  let size = 50
  let done = 0
  let after: Key | undefined
  while (signal?.aborted !== true) {
    let startedMs = 0
    const from = after
    const batch = await storage.write((tx) => {
      // From here on the writer is held; waiting for it does not count.
      startedMs = performance.now()
      return step(tx, size, from)
    })
    if (batch.count === 0) break
    done += batch.count
    after = batch.after
    size = nextBatchSize(size, performance.now() - startedMs, holdMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
  return done
}

/** Deletes every matching row in small transactions and answers how many went. Others get their turn in between. */
export const deleteInBatches = async (
  storage: Pick<Storage, 'db' | 'write'>,
  job: DeleteInBatches,
): Promise<number> => {
  const { table, key, where, holdMs = 20, signal } = job
  let size = 50
  let deleted = 0
  let after: unknown
  for (;;) {
    const rest = storage.db.selectFrom(table).select(key).where(sql<boolean>`${where}`)
    const found = await (after === undefined ? rest : rest.where(key, '>', after)).orderBy(key).limit(size).execute()
    if (found.length === 0 || signal?.aborted === true) return deleted
    const keys = found.map((row) => row[key])
    after = keys.at(-1)
    let startedMs = 0
    deleted += await storage.write(async (tx) => {
      // From here on the writer is held; waiting for it does not count.
      startedMs = performance.now()
      const gone = await tx.deleteFrom(table).where(key, 'in', keys).where(sql<boolean>`${where}`).executeTakeFirst()
      return Number(gone.numDeletedRows)
    })
    size = nextBatchSize(size, performance.now() - startedMs, holdMs)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
