// The result as a table for people.
// Programs read the JSON, which holds the same rows.
import { type Bar, isMet, type Row, ratioOf } from './row.ts'

const shown = (value: number): string => {
  if (Number.isNaN(value)) return '?'
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

const barText = (bar: Bar, unit: string): string => {
  if ('atMost' in bar) return `≤ ${shown(bar.atMost)}${unit}`
  return bar.of === 'ratio' ? `ratio ≥ ${bar.atLeast}` : `≥ ${shown(bar.atLeast)}${unit}`
}

const withClock = (value: number, onTheClock: number | undefined, unit: string): string =>
  onTheClock === undefined ? `${shown(value)}${unit}` : `${shown(value)}${unit} (${shown(onTheClock)})`

const verdictOf = (row: Row): string => {
  const met = isMet(row)
  return met === null ? '-' : met ? 'met' : 'SHORT'
}

const heads = ['case', 'measured', 'ceiling', 'ratio', 'bar', ''] as const

const cellsOf = (row: Row): readonly string[] => {
  const ratio = ratioOf(row)
  return [
    row.what,
    withClock(row.measured, row.onTheClock, row.unit),
    row.ceiling === undefined ? '-' : withClock(row.ceiling.value, row.ceiling.onTheClock, row.unit),
    ratio === null ? '-' : ratio.toFixed(2),
    row.bars.map((bar) => barText(bar, row.unit)).join(', ') || '-',
    verdictOf(row),
  ]
}

/** Rates are per second of the server's CPU time; in parentheses, per second of the clock. */
export const showTable = (rows: readonly Row[]): string => {
  const lines = [heads, ...rows.map(cellsOf)]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const pad = (line: readonly string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd()
  const notes = rows.flatMap((row) => [
    `${row.what}${row.ceiling === undefined ? '' : ` (ceiling: ${row.ceiling.what})`}`,
    ...row.notes.map((note) => `  ${note}`),
  ])
  return [...lines.map(pad), '', ...notes].join('\n')
}
