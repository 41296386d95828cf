// One line of the result: what was measured, what the bare machine did, and the bar it is held to.
// How it is shown is table.ts.

export type Bar =
  | { readonly of: 'measured' | 'ratio'; readonly atLeast: number }
  | { readonly of: 'measured'; readonly atMost: number }

export interface Row {
  readonly case: string
  readonly what: string
  readonly unit: string
  /** Per second of the server's CPU time where it is a rate. */
  readonly measured: number
  /** The same per second of the wall clock. */
  readonly onTheClock?: number
  readonly ceiling?: { readonly what: string; readonly value: number; readonly onTheClock?: number }
  readonly bars: readonly Bar[]
  /** What else has to be known to read the numbers. */
  readonly notes: readonly string[]
}

export const ratioOf = ({ measured, ceiling }: Row): number | null =>
  ceiling === undefined ? null : measured / ceiling.value

const meets = (row: Row, bar: Bar): boolean => {
  const value = bar.of === 'ratio' ? ratioOf(row) : row.measured
  if (value === null || Number.isNaN(value)) return false
  return 'atLeast' in bar ? value >= bar.atLeast : value <= bar.atMost
}

/** Null where nothing was asked. */
export const isMet = (row: Row): boolean | null =>
  row.bars.length === 0 ? null : row.bars.every((bar) => meets(row, bar))
