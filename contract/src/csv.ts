// Values as lines of CSV (RFC 4180) that a spreadsheet shows and never obeys.
// Which columns a route offers is declared beside the route.

export const EXPORT_FORMATS = ['ndjson', 'csv'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

export type CsvCell = string | number | boolean | null

/** How values of one kind become rows: every row has a cell for each column. */
export interface CsvTable<Value> {
  readonly columns: readonly string[]
  rowsOf(value: Value): readonly (readonly CsvCell[])[]
}

const lineEnd = '\r\n'

// Half a surrogate pair is no text, and what is not seen only hides what follows it; a record stays one line.
const unseen = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

// A spreadsheet takes a cell for a formula by how it begins. Where its separator is the semicolon, it also takes the
// text after one for a cell, and looks past the quotes there.
const beginsFormula = /(^|;)(?=[\s"]*[=+\-@\uff0b\uff0d\uff1d\uff20])/g

const textCell = (text: string): string => {
  const shown = text.toWellFormed().replace(unseen, '\ufffd').replace(beginsFormula, "$1'")
  return `"${shown.replaceAll('"', '""')}"`
}

const cellText = (cell: CsvCell): string => {
  if (cell === null) return ''
  return typeof cell === 'string' ? textCell(cell) : String(cell)
}

const line = (cells: readonly CsvCell[]): string => cells.map(cellText).join(',') + lineEnd

/** The names of the columns, as the first line of a file. */
export const csvHead = ({ columns }: CsvTable<never>): string => line(columns)

/** The lines of one value. Text that might be taken for a formula is marked with an apostrophe before it. */
export const csvLines = <Value>(table: CsvTable<Value>, value: Value): string => table.rowsOf(value).map(line).join('')
