// Answers of SQLite as tables: one list of names and rows as arrays, half the price of objects when they cross a thread.
// Where they become rows is the receiver's choice.
import type { Answer, BulkAnswer, Cell, Row } from '../session.ts'

export interface Table {
  /** Empty for a statement that answers with no rows. */
  readonly names: readonly string[]
  /** In the answer to a find, undefined stands for a key without a row. */
  readonly cells: readonly (readonly Cell[] | undefined)[]
  readonly changes: number
  readonly insertId: number
}

const toRow = (names: readonly string[], cells: readonly Cell[]): Row => {
  const row: Row = {}
  for (let index = 0; index < names.length; index++) row[names[index] as string] = cells[index] as Cell
  return row
}

export const toAnswer = ({ names, cells, changes, insertId }: Table): Answer => ({
  rows: cells.map((row) => toRow(names, row ?? [])),
  ...(names.length === 0 ? { changes, insertId } : { changes }),
})

export const toBulkAnswer = ({ names, cells, changes }: Table): BulkAnswer => ({
  changes,
  found: cells.map((row) => row && toRow(names, row)),
})
