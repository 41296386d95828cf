// Deleting much, a little at a time, so that nobody waits long for the writer.
// What is old enough to go is the room's decision.
import { sql } from 'kysely'
import type { Storage } from './open.ts'

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
