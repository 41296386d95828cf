// Columns of a bulk statement as PostgreSQL array literals (manual 8.15.2).
// Which columns there are says the plan.
import type { BulkPlan, ColumnType } from '../bulk-plan.ts'
import type { Cell, Tuple } from '../session.ts'

const special = /[\\"]/g

const writers: Record<ColumnType, (value: never) => string> = {
  int: (value: number) => String(value),
  real: (value: number) => String(value),
  text: (value: string) => `"${value.replace(special, '\\$&')}"`,
  bytes: (value: Uint8Array) => `"\\\\x${value.toHex()}"`,
}

const write = (type: ColumnType, value: Cell): string => (value === null ? 'NULL' : writers[type](value as never))

/** One array literal per column of the plan, in the plan's order. */
export const toArrays = (plan: BulkPlan, tuples: readonly Tuple[]): readonly string[] =>
  plan.types.map((type, index) => `{${tuples.map((tuple) => write(type, tuple[index] as Cell)).join(',')}}`)
