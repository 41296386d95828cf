// A list as a table for spreadsheets, saved from the browser; written as the API writes its own.
// Which columns a table has is its page's; how cells are written is the contract's.
import { type CsvTable, csvHead, csvLines } from '@muster/contract/csv'

/** Hands a file to the browser's downloads. */
export const saveFile = (name: string, parts: readonly (string | Blob)[], type: string): void => {
  const url = URL.createObjectURL(new Blob([...parts], { type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}

/** Such as `devices-2026-06-02.csv`. */
export const tableName = (noun: string): string => `${noun}-${new Date().toISOString().slice(0, 10)}.csv`

/** Takes a whole list away, page after page, and tells how many rows it had. */
export const saveTable = async <Value>(
  noun: string,
  table: CsvTable<Value>,
  pages: AsyncIterable<readonly Value[]>,
): Promise<number> => {
  const parts = [csvHead(table)]
  let count = 0
  for await (const values of pages) {
    parts.push(values.map((value) => csvLines(table, value)).join(''))
    count += values.length
  }
  saveFile(tableName(noun), parts, 'text/csv;charset=utf-8')
  return count
}

/** Takes a list away as it is shown. */
export const saveShown = <Value>(noun: string, table: CsvTable<Value>, values: readonly Value[]): Promise<number> =>
  saveTable(
    noun,
    table,
    (async function* () {
      yield values
    })(),
  )
