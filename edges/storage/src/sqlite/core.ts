// One SQLite connection, spoken to synchronously, with its prepared statements and its recovery after a disk fault.
// Whose turn it is and how long a turn may last is settled outside.
import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { BulkPlan } from '../bulk-plan.ts'
import type { Cell, Tuple } from '../session.ts'
import { runBulk } from './bulk.ts'
import { isSuspect, toStoreError } from './faults.ts'
import { createStatements } from './statements.ts'
import type { Table } from './table.ts'

export interface Core {
  begin(): void
  commit(): void
  /** Undoes what is open, and opens the connection anew if a disk fault made it suspect. */
  rollback(): void
  run(sql: string, parameters: readonly unknown[]): Table
  bulk(plan: BulkPlan, tuples: readonly Tuple[]): Table
  close(): void
}

export interface CoreSettings {
  readonly open: () => DatabaseSync
  readonly begin: 'begin' | 'begin immediate'
  readonly onCommit?: (commitMs: number) => void
}

// A JavaScript number binds as a REAL; in an expression without column affinity 5 would come back as '5.0'.
const bindable = (value: unknown): SQLInputValue =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : (value as SQLInputValue)

export const createCore = ({ open, begin, onCommit }: CoreSettings): Core => {
  const statements = createStatements()
  let db: DatabaseSync | undefined
  let suspect = false

  const shut = (): void => {
    statements.clear()
    const leaving = db
    db = undefined
    suspect = false
    leaving?.close()
  }
  const attempt = <T>(tried: string, work: (db: DatabaseSync) => T): T => {
    try {
      db ??= open()
      return work(db)
    } catch (cause) {
      suspect ||= isSuspect(cause)
      throw toStoreError(tried, cause)
    }
  }
  const rollback = (): void => {
    try {
      if (db?.isTransaction) db.exec('rollback')
    } catch {
      suspect = true
    }
    if (suspect) shut()
  }
  return {
    begin: () => attempt('begin', (db) => db.exec(begin)),
    commit() {
      const startedMs = performance.now()
      try {
        attempt('commit', (db) => db.exec('commit'))
      } catch (error) {
        rollback()
        throw error
      }
      onCommit?.(performance.now() - startedMs)
    },
    rollback,
    run: (sql, parameters) =>
      attempt(sql, (db) => {
        const { statement, names } = statements.prepare(db, sql)
        const bound = parameters.map(bindable)
        if (names.length === 0) {
          const { changes, lastInsertRowid } = statement.run(...bound)
          return { names, cells: [], changes: Number(changes), insertId: Number(lastInsertRowid) }
        }
        const cells = statement.all(...bound) as unknown as readonly Cell[][]
        return { names, cells, changes: cells.length, insertId: 0 }
      }),
    bulk: (plan, tuples) => attempt(plan.sqlite, (db) => runBulk((sql) => statements.prepare(db, sql), plan, tuples)),
    close: shut,
  }
}
