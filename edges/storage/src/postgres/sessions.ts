// Sessions on a pool: statements, and transactions that end when their connection does.
// Retries and time limits are settled outside.
import { StoreError } from '../faults.ts'
import { guardSession } from '../guard.ts'
import type { BulkAnswer, Row, Session, Sessions } from '../session.ts'
import { presentTenant } from '../tenant.ts'
import { toArrays } from './arrays.ts'
import type { Pool } from './pool.ts'
import type { Result, Slot } from './slot.ts'
import type { Wall } from './wall.ts'

export interface PoolSessionSettings {
  /** The statement that begins a transaction. */
  readonly begin: string
  readonly limitMs: number
  /** What keeps a tenant's work to its rows, once it is there. */
  readonly wall: () => Wall | undefined
  readonly onCommit?: (commitMs: number) => void
}

const counting = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** A transaction lives on one generation of a connection; on the next one its statements would run outside it. */
const createBound = (slot: Slot) => {
  let bound: number | undefined
  return {
    bind: () => {
      bound = slot.generation()
    },
    free: () => {
      bound = undefined
    },
    lost: () => bound !== undefined && bound !== slot.generation(),
  }
}

/** The statement and its parameter that let a transaction see the rows of the present tenant only, if there is one. */
const entryOf = (wall: Wall | undefined): readonly [string, readonly string[]] | undefined => {
  const tenantId = presentTenant()
  return wall === undefined || tenantId === undefined ? undefined : [wall.enter, [tenantId]]
}

const createSession = (slot: Slot, { begin, wall, onCommit }: PoolSessionSettings, leave: () => void): Session => {
  const bound = createBound(slot)
  const entry = entryOf(wall())
  let inTransaction = false
  let left = false
  const query = async (text: string, parameters: readonly unknown[]): Promise<Result> => {
    if (bound.lost()) throw new StoreError('postgres: the connection was lost within the transaction', 'busy')
    return slot.query(text, parameters)
  }
  /** Sent together, so what comes before the last costs no further way to the database and back. */
  const open = async (...then: readonly (readonly [string, readonly unknown[]])[]): Promise<readonly Result[]> =>
    Promise.all([query(begin, []), ...[...(entry === undefined ? [] : [entry]), ...then].map((said) => query(...said))])
  const ask = async (text: string, parameters: readonly unknown[]): Promise<Result> => {
    if (entry === undefined || inTransaction) return query(text, parameters)
    return (await open([text, parameters], ['commit', []])).at(-2) as Result
  }
  const end = async (how: 'commit' | 'rollback'): Promise<void> => {
    try {
      const { command } = await query(how, [])
      if (command !== how.toUpperCase()) throw new StoreError('the transaction had failed and was rolled back', 'fault')
    } finally {
      bound.free()
      inTransaction = false
    }
  }
  return {
    async begin() {
      await open().catch(async (cause: unknown) => {
        await query('rollback', [])
        throw cause
      })
      bound.bind()
      inTransaction = true
    },
    async commit() {
      const startedMs = performance.now()
      await end('commit')
      onCommit?.(performance.now() - startedMs)
    },
    async rollback() {
      if (bound.lost()) bound.free()
      else await end('rollback')
    },
    async run(sql, parameters) {
      const { rows, count, command } = await ask(sql, parameters)
      return counting.has(command) ? { rows: rows as Row[], changes: count } : { rows: rows as Row[] }
    },
    async bulk(plan, tuples) {
      const result = await ask(plan.postgres, toArrays(plan, tuples))
      return plan.kind === 'find' ? toFound(result, tuples.length) : { changes: result.count, found: [] }
    },
    release() {
      if (left) return
      left = true
      leave()
    },
  }
}

const toFound = ({ rows }: Result, keys: number): BulkAnswer => {
  const found: (Row | undefined)[] = new Array(keys).fill(undefined)
  for (const { given_no, ...row } of rows) found[Number(given_no) - 1] ??= row as Row
  return { changes: 0, found }
}

export const createPoolSessions = (pool: Pool, settings: PoolSessionSettings): Sessions => ({
  async acquire() {
    const slot = await pool.acquire()
    const session = createSession(slot, settings, () => pool.release(slot))
    return guardSession(session, settings.limitMs)
  },
})
