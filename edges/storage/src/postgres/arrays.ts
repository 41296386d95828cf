// Columns of a bulk statement as PostgreSQL array literals (manual 8.15.2).
// Which columns there are says the plan.
import type { BulkPlan, ColumnType } from '../bulk-plan.ts'
import type { Cell, Row } from '../session.ts'

const special = /[\\"]/g

const writers: Record<ColumnType, (value: never) => string> = {
  int: (value: number) => String(value),
  real: (value: number) => String(value),
  text: (value: string) => `"${value.replace(special, '\\$&')}"`,
  bytes: (value: Uint8Array) => `"\\\\x${value.toHex()}"`,
}

const write = (type: ColumnType, name: string, value: Cell | undefined): string => {
  if (value === null) return 'NULL'
  if (value === undefined) throw new TypeError(`column ${name} of a bulk row is undefined`)
  return writers[type](value as never)
}

/** One array literal per column of the plan, in the plan's order. */
export const toArrays = (plan: BulkPlan, rows: readonly Row[]): readonly string[] =>
  plan.names.map((name, index) => {
    const type = plan.types[index] as ColumnType
    return `{${rows.map((row) => write(type, name, row[name])).join(',')}}`
  })
