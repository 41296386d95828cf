// How long SQLite's log is, as it answers to a checkpoint of any kind (sqlite.org/pragma.html#pragma_wal_checkpoint).
// When which checkpoint is made is the others' of this folder.
import type { Table } from './table.ts'

export const checkpointSql = (mode: 'noop' | 'passive' | 'truncate'): string => `pragma wal_checkpoint(${mode})`

export interface LogLength {
  readonly pages: number
  /** Of those, how many are not in the database file yet. */
  readonly pagesLeft: number
}

export const readLogLength = ({ cells }: Pick<Table, 'cells'>): LogLength => {
  const [, logged = 0, copied = 0] = cells[0] ?? []
  return { pages: Number(logged), pagesLeft: Number(logged) - Number(copied) }
}
