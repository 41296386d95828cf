// Cells of a row as SQLite hands it over, made into what they were when they were stored.
// Which columns a table has is its store's.

export type Row = Record<string, unknown>

export const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)

export const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)
