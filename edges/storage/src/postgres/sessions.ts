// Sessions on a pool: statements, and transactions that end when their connection does.
// Retries and time limits are settled outside.
import { StoreError } from '../faults.ts'
import { guardSession } from '../guard.ts'
import type { BulkAnswer, Row, Session, Sessions } from '../session.ts'
import { toArrays } from './arrays.ts'
import type { Pool } from './pool.ts'
import type { Result, Slot } from './slot.ts'

export interface PoolSessionSettings {
  /** The statement that begins a transaction. */
  readonly begin: string
  readonly limitMs: number
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

const createSession = (slot: Slot, { begin, onCommit }: PoolSessionSettings, leave: () => void): Session => {
  const bound = createBound(slot)
  let left = false
  const query = async (text: string, parameters: readonly unknown[]): Promise<Result> => {
    if (bound.lost()) throw new StoreError('postgres: the connection was lost within the transaction', 'busy')
    return slot.query(text, parameters)
  }
  const end = async (how: 'commit' | 'rollback'): Promise<void> => {
    try {
      const { command } = await query(how, [])
      if (command !== how.toUpperCase()) throw new StoreError('the transaction had failed and was rolled back', 'fault')
    } finally {
      bound.free()
    }
  }
  return {
    async begin() {
      await query(begin, [])
      bound.bind()
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
      const { rows, count, command } = await query(sql, parameters)
      return counting.has(command) ? { rows: rows as Row[], changes: count } : { rows: rows as Row[] }
    },
    async bulk(plan, tuples) {
      const result = await query(plan.postgres, toArrays(plan, tuples))
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
