// Prepared statements of one connection, kept because preparing costs more than running.
// They are dropped with their connection, and whenever the schema changes.
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export interface Prepared {
  readonly statement: StatementSync
  /** Names of the columns it answers with; empty for a statement that answers with none. */
  readonly names: readonly string[]
}

export interface Statements {
  prepare(db: DatabaseSync, sql: string): Prepared
  clear(): void
}

const maxPrepared = 1000
const changesSchema = /^\s*(create|drop|alter)\b/i

export const createStatements = (): Statements => {
  const kept = new Map<string, Prepared>()
  return {
    prepare(db, sql) {
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
