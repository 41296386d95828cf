// Many rows through one prepared statement: the loop in which a busy server spends its time.
// The statements come from the plan; transactions and faults are the connection's.
import type { SQLInputValue, StatementSync } from 'node:sqlite'
import { type BulkPlan, rowsAtOnce } from '../bulk-plan.ts'
import type { Cell, Tuple } from '../session.ts'
import type { Prepared } from './statements.ts'
import type { Table } from './table.ts'

const run = (statement: StatementSync, bound: readonly Cell[]): number =>
  Number(statement.run(...(bound as SQLInputValue[])).changes)

const agree = (left: Tuple, right: Tuple, places: readonly number[]): boolean => {
  for (const place of places) if (left[place] !== right[place]) return false
  return true
}

/** Where the tuples end that agree with the one at `start` in these places. */
const endOfRun = (tuples: readonly Tuple[], start: number, places: readonly number[]): number => {
  if (places.length === 0) return tuples.length
  let end = start + 1
  while (end < tuples.length && agree(tuples[start] as Tuple, tuples[end] as Tuple, places)) end += 1
  return end
}

const cellsFrom = (
  tuples: readonly Tuple[],
  at: number,
  { once, each }: NonNullable<BulkPlan['sqliteMany']>,
): readonly Cell[] => {
  const cells: Cell[] = []
  for (const place of once) cells.push((tuples[at] as Tuple)[place] as Cell)
  for (let index = at; index < at + rowsAtOnce; index += 1)
    for (const place of each) cells.push((tuples[index] as Tuple)[place] as Cell)
  return cells
}

/** Answers how many rows it changed. */
const change = (
  prepare: (sql: string) => Prepared,
  { sqlite, sqliteMany }: BulkPlan,
  tuples: readonly Tuple[],
): number => {
  const one = prepare(sqlite).statement
  let changes = 0
  for (let at = 0, end = 0; at < tuples.length; at = end) {
    end = sqliteMany === undefined ? tuples.length : endOfRun(tuples, at, sqliteMany.once)
    if (sqliteMany !== undefined)
      for (; at + rowsAtOnce <= end; at += rowsAtOnce)
        changes += run(prepare(sqliteMany.sql).statement, cellsFrom(tuples, at, sqliteMany))
    for (; at < end; at += 1) changes += run(one, tuples[at] as Tuple)
  }
  return changes
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
