// Many rows through one prepared statement: the loop in which a busy server spends its time.
// The statements come from the plan; transactions and faults are the connection's.
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { type BulkPlan, rowsAtOnce } from '../bulk-plan.ts'
import type { Cell, Row } from '../session.ts'
import type { Prepared } from './statements.ts'
import type { Table } from './table.ts'

// SQLite would take undefined for null.
const given = (row: Row, name: string): Cell => {
  const value = row[name]
  if (value === undefined) throw new TypeError(`column ${name} of a bulk row is undefined`)
  return value
}

/** Runs a statement that takes `atOnce` rows over those from `start` to `end`; answers how many rows it changed. */
const loop = (
  statement: StatementSync,
  names: readonly string[],
  rows: readonly Row[],
  { start, end, atOnce }: { readonly start: number; readonly end: number; readonly atOnce: number },
): number => {
  const bound: SQLInputValue[] = new Array(names.length * atOnce)
  let changes = 0
  for (let at = start; at < end; at += atOnce) {
    let filled = 0
    for (let offset = 0; offset < atOnce; offset++) {
      const row = rows[at + offset] as Row
      for (let index = 0; index < names.length; index++) bound[filled++] = given(row, names[index] as string)
    }
    changes += Number(statement.run(...bound).changes)
  }
  return changes
}

const change = (prepare: (sql: string) => Prepared, plan: BulkPlan, rows: readonly Row[]): number => {
  const { names, sqlite, sqliteMany } = plan
  const even = sqliteMany === undefined ? 0 : rows.length - (rows.length % rowsAtOnce)
  const one = (): number => loop(prepare(sqlite).statement, names, rows, { start: even, end: rows.length, atOnce: 1 })
  if (sqliteMany === undefined || even === 0) return one()
  return loop(prepare(sqliteMany).statement, names, rows, { start: 0, end: even, atOnce: rowsAtOnce }) + one()
}

const find = ({ statement, names }: Prepared, plan: BulkPlan, keys: readonly Row[]): Table => {
  const look = (key: Row) => statement.get(...plan.names.map((name) => given(key, name)))
  return { names, cells: keys.map(look) as unknown as Table['cells'], changes: 0, insertId: 0 }
}

export const runBulk = (prepare: (sql: string) => Prepared, plan: BulkPlan, rows: readonly Row[]): Table =>
  plan.kind === 'find'
    ? find(prepare(plan.sqlite), plan, rows)
    : { names: [], cells: [], changes: change(prepare, plan, rows), insertId: 0 }
