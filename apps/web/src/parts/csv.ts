// A list as a table for spreadsheets: written as the API writes its own, and saved from the browser.
// Which columns a table has is its page's.

/** What starts a formula in a spreadsheet is kept from being one. */
const cell = (value: string | number | boolean | null): string => {
  if (value === null) return ''
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

export type CsvRow = readonly (string | number | boolean | null)[]

export const csvText = (rows: readonly CsvRow[]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')

/** Hands a file to the browser's downloads. */
export const saveFile = (name: string, parts: readonly (string | Blob)[], type = 'text/csv;charset=utf-8'): void => {
  const url = URL.createObjectURL(new Blob([...parts], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

/** Such as `devices-2026-06-02.csv`. */
export const fileName = (noun: string, nowMs: number): string =>
  `${noun}-${new Date(nowMs).toISOString().slice(0, 10)}.csv`
