// One conversation with a database, the same shape for every engine and on both sides of a thread.
// SQL text is made elsewhere; a session only carries it.
import type { BulkPlan } from './bulk-plan.ts'

export type Engine = 'sqlite' | 'postgres'

export type Cell = null | number | string | Uint8Array

export type Row = Record<string, Cell>

/** The values of one row of a bulk statement, in the order of its plan's names: half the price of an object to send. */
export type Tuple = readonly Cell[]

export interface Answer {
  readonly rows: readonly Row[]
  /** Rows inserted, updated or deleted; undefined for a query. */
  readonly changes?: number
  readonly insertId?: number
}

/** `found` holds one row or undefined per key of a find, in the order of the keys; otherwise it is empty. */
export interface BulkAnswer {
  readonly changes: number
  readonly found: readonly (Row | undefined)[]
}

/** `Ran` and `Bulked` differ only where answers are passed on to another thread before they become rows. */
export interface Session<Ran = Answer, Bulked = BulkAnswer> {
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  run(sql: string, parameters: readonly unknown[]): Promise<Ran>
  bulk(plan: BulkPlan, tuples: readonly Tuple[]): Promise<Bulked>
  /** Gives the session back; what was not committed is gone. */
  release(): void
}

export interface Sessions<Ran = Answer, Bulked = BulkAnswer> {
  acquire(): Promise<Session<Ran, Bulked>>
}
