// One SQLite connection, spoken to synchronously, with its prepared statements and its recovery after a disk fault.
// Whose turn it is and how long a turn may last is settled outside.
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { BulkPlan } from '../bulk-plan.ts'
import type { Cell, Row } from '../session.ts'
import { isSuspect, toStoreError } from './faults.ts'

/** Rows as arrays under one list of names: half the price of objects when they cross a thread. */
export interface Table {
  readonly names: readonly string[]
  readonly cells: readonly (readonly Cell[] | undefined)[]
  readonly changes: number
  readonly insertId: number
}

export interface Core {
  begin(): void
  commit(): void
  /** Undoes what is open, and opens the connection anew if a disk fault made it suspect. */
  rollback(): void
  run(sql: string, parameters: readonly unknown[]): Table
  bulk(plan: BulkPlan, rows: readonly Row[]): Table
  close(): void
}

export interface CoreSettings {
  readonly open: () => DatabaseSync
  readonly begin: 'begin' | 'begin immediate'
  readonly onCommit?: (commitMs: number) => void
}

interface Prepared {
  readonly statement: StatementSync
  readonly names: readonly string[]
}

const maxPrepared = 1000
const changesSchema = /^\s*(create|drop|alter)\b/i

// A JavaScript number binds as a REAL; in an expression without column affinity 5 would come back as '5.0'.
const bindable = (value: unknown): SQLInputValue =>
  typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : (value as SQLInputValue)

// SQLite would take undefined for null.
const given = (row: Row, name: string): Cell => {
  const value = row[name]
  if (value === undefined) throw new TypeError(`column ${name} of a bulk row is undefined`)
  return value
}

const loop = (statement: StatementSync, names: readonly string[], rows: readonly Row[]): number => {
  const width = names.length
  const bound: SQLInputValue[] = new Array(width)
  let changes = 0
  for (const row of rows) {
    for (let index = 0; index < width; index++) bound[index] = given(row, names[index] as string)
    changes += Number(statement.run(...bound).changes)
  }
  return changes
}

const look = (statement: StatementSync, names: readonly string[], keys: readonly Row[]) =>
  keys.map((key) => statement.get(...names.map((name) => given(key, name))) as unknown as readonly Cell[] | undefined)

const createStatements = () => {
  const kept = new Map<string, Prepared>()
  return {
    prepare(db: DatabaseSync, sql: string): Prepared {
      const known = kept.get(sql)
      if (known !== undefined) return known
      if (changesSchema.test(sql) || kept.size >= maxPrepared) kept.clear()
      const statement = db.prepare(sql)
      statement.setReturnArrays(true)
      const prepared = { statement, names: statement.columns().map(({ name }) => name) }
      kept.set(sql, prepared)
      return prepared
    },
    clear: () => kept.clear(),
  }
}

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
    bulk: (plan, rows) =>
      attempt(plan.sqlite, (db) => {
        const { statement, names } = statements.prepare(db, plan.sqlite)
        if (plan.kind === 'find') return { names, cells: look(statement, plan.names, rows), changes: 0, insertId: 0 }
        return { names, cells: [], changes: loop(statement, plan.names, rows), insertId: 0 }
      }),
    close: shut,
  }
}
