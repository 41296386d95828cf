// Many rows through one prepared statement: the loop in which a busy server spends its time.
// The statements come from the plan; transactions and faults are the connection's.
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { type BulkPlan, rowsAtOnce } from '../bulk-plan.ts'
import type { Tuple } from '../session.ts'
import type { Prepared } from './statements.ts'
import type { Table } from './table.ts'

/** Runs a statement that takes `atOnce` tuples over those from `start` to `end`; answers how many rows it changed. */
const loop = (
  statement: StatementSync,
  tuples: readonly Tuple[],
  { start, end, atOnce }: { readonly start: number; readonly end: number; readonly atOnce: number },
): number => {
  let changes = 0
  for (let at = start; at < end; at += atOnce) {
    const bound = atOnce === 1 ? (tuples[at] as Tuple) : tuples.slice(at, at + atOnce).flat()
    changes += Number(statement.run(...(bound as SQLInputValue[])).changes)
  }
  return changes
}

const change = (prepare: (sql: string) => Prepared, plan: BulkPlan, tuples: readonly Tuple[]): number => {
  const { sqlite, sqliteMany } = plan
  const even = sqliteMany === undefined ? 0 : tuples.length - (tuples.length % rowsAtOnce)
  const one = (): number => loop(prepare(sqlite).statement, tuples, { start: even, end: tuples.length, atOnce: 1 })
  if (sqliteMany === undefined || even === 0) return one()
  return loop(prepare(sqliteMany).statement, tuples, { start: 0, end: even, atOnce: rowsAtOnce }) + one()
}

const find = ({ statement, names }: Prepared, keys: readonly Tuple[]): Table => ({
  names,
  cells: keys.map((key) => statement.get(...(key as SQLInputValue[]))) as unknown as Table['cells'],
  changes: 0,
  insertId: 0,
})

export const runBulk = (prepare: (sql: string) => Prepared, plan: BulkPlan, tuples: readonly Tuple[]): Table =>
  plan.kind === 'find'
    ? find(prepare(plan.sqlite), tuples)
    : { names: [], cells: [], changes: change(prepare, plan, tuples), insertId: 0 }
