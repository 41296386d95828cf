// Changing or deleting much, a little at a time, so that nobody waits long for the writer.
// What has to change, and what is old enough to go, is the room's decision.
import { type Kysely, sql } from 'kysely'
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

export interface WalkInBatches<Done> extends DeleteInBatches {
  /**
   * For whole-numbered keys: the first that is left alone. The walk then goes in spans, so that no statement looks at
   * very many rows, however few of them match.
   */
  readonly before?: number
  /** What is done to the rows of these keys, in a transaction of its own; PostgreSQL may run it again after a conflict. */
  readonly each: (tx: Tx, keys: readonly unknown[]) => Promise<Done>
  /** Told once the transaction is on disk. */
  readonly done?: (done: Done) => void
}

/** The next batch's size: half of what the last one's time allows at most, so that a slow row or two does no harm. */
export const nextBatchSize = (size: number, tookMs: number, holdMs: number): number => {
  const fitting = Math.floor((size * holdMs) / 2 / Math.max(tookMs, 0.1))
  return Math.max(1, Math.min(fitting, size * 2, 5000))
}

/** Small transactions one after the other, sized by what the last one took; others get their turn in between. */
const createTurns = (storage: Pick<Storage, 'write'>, holdMs = 20) => {
  let size = 50
  return {
    size: () => size,
    async take<Result>(work: (tx: Tx) => Promise<Result>): Promise<Result> {
      let startedMs = 0
      const result = await storage.write((tx) => {
        // From here on the writer is held; waiting for it does not count.
        startedMs = performance.now()
        return work(tx)
      })
      size = nextBatchSize(size, performance.now() - startedMs, holdMs)
      await new Promise((resolve) => setImmediate(resolve))
      return result
    },
  }
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
  const { step, holdMs, signal } = job
  const turns = createTurns(storage, holdMs)
  let done = 0
  let after: Key | undefined
  while (signal?.aborted !== true) {
    const from = after
    const batch = await turns.take((tx) => step(tx, turns.size(), from))
    if (batch.count === 0) break
    done += batch.count
    after = batch.after
  }
  return done
}

/** How many keys one statement looks through. */
const spanKeys = 20_000

interface Found {
  readonly keys: readonly unknown[]
  /** Where the walk goes on; undefined at its end. */
  readonly after: unknown
}

type Look = (after: unknown, size: number) => Promise<Found>

const createLook = (db: Kysely<any>, { table, key, where }: DeleteInBatches): Look => {
  const rest = db.selectFrom(table).select(key).where(sql<boolean>`${where}`)
  return async (after, size) => {
    const found = await (after === undefined ? rest : rest.where(key, '>', after)).orderBy(key).limit(size).execute()
    const keys = found.map((row) => row[key])
    return { keys, after: keys.at(-1) }
  }
}

const createSpanLook = (db: Kysely<any>, job: DeleteInBatches, before: number): Look => {
  const { table, key, where, signal } = job
  const firstFrom = async (from: number): Promise<number | undefined> => {
    const row = await db.selectFrom(table).select(key).where(key, '>=', from).orderBy(key).limit(1).executeTakeFirst()
    return row?.[key] as number | undefined
  }
  return async (after, size) => {
    for (let from = after === undefined ? undefined : (after as number) + 1; ; ) {
      const first = await firstFrom(from ?? Number.MIN_SAFE_INTEGER)
      if (first === undefined || first >= before || signal?.aborted === true) return { keys: [], after: undefined }
      const end = Math.min(first + spanKeys, before)
      const within = db.selectFrom(table).select(key).where(key, '>=', first).where(key, '<', end)
      const found = await within.where(sql<boolean>`${where}`).orderBy(key).limit(size).execute()
      const keys = found.map((row) => row[key] as number)
      if (keys.length > 0) return { keys, after: keys.length < size ? end - 1 : keys.at(-1) }
      from = end
    }
  }
}

/** Hands every matching row to `each` in small transactions. */
export const walkInBatches = async <Done>(
  storage: Pick<Storage, 'db' | 'write'>,
  job: WalkInBatches<Done>,
): Promise<void> => {
  const { holdMs, signal, before, each, done } = job
  const look = before === undefined ? createLook(storage.db, job) : createSpanLook(storage.db, job, before)
  const turns = createTurns(storage, holdMs)
  let found = await look(undefined, turns.size())
  while (found.keys.length > 0 && signal?.aborted !== true) {
    const { keys, after } = found
    const result = await turns.take((tx) => each(tx, keys))
    done?.(result)
    found = await look(after, turns.size())
  }
}

/** Deletes every matching row in small transactions and answers how many went. */
export const deleteInBatches = async (
  storage: Pick<Storage, 'db' | 'write'>,
  job: DeleteInBatches,
): Promise<number> => {
  const { table, key, where } = job
  let deleted = 0
  await walkInBatches(storage, {
    ...job,
    each: async (tx, keys) => {
      const gone = await tx.deleteFrom(table).where(key, 'in', keys).where(sql<boolean>`${where}`).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
    done: (count) => {
      deleted += count
    },
  })
  return deleted
}
