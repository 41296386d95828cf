// Taking much away: to standard output, or whole or not at all into a file that only its owner reads.
// What is taken, and whether it holds, is the command's business.
import { existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { type CsvTable, csvHead, csvLines, EXPORT_FORMATS, type ExportFormat } from '@muster/contract'
import { Option } from 'commander'
import { pathOf } from '../ask/file.ts'
import type { Session } from '../session.ts'
import { EXIT, Stop } from '../stop.ts'
import type { World } from '../world.ts'
import { jsonText } from './text.ts'

export interface ExportFlags {
  readonly format?: ExportFormat
  readonly force?: true
}

export const formatOption = (): Option =>
  new Option('--format <format>', 'unless told, csv for a file that is named so, ndjson for any other').choices(
    EXPORT_FORMATS,
  )

/** Ends the run before anything was asked, when the file is there already and may not be replaced. */
export const refuseToReplace = (world: World, file: string, { force }: ExportFlags): void => {
  if (file !== '-' && force !== true && existsSync(pathOf(world, file)))
    throw new Stop(EXIT.conflict, `${file} exists already; name another file or say --force`)
}

/** What stands in an export before its values, and each of them. */
export interface Form<Value> {
  readonly head: string
  textOf(value: Value): string
}

const jsonLines: Form<unknown> = { head: '', textOf: (value) => `${jsonText(value)}\n` }

export const formOf = <Value>(file: string, { format }: ExportFlags, table: CsvTable<Value>): Form<Value> => {
  const wanted = format ?? (/\.csv$/i.test(file) ? 'csv' : 'ndjson')
  return wanted === 'csv' ? { head: csvHead(table), textOf: (value) => csvLines(table, value) } : jsonLines
}

type Write = (text: string) => Promise<unknown>

const writeFile = async <T>(world: World, file: string, produce: (write: Write) => Promise<T>): Promise<T> => {
  const path = pathOf(world, file)
  const partial = `${path}.partial`
  try {
    await using target = await open(partial, 'w', 0o600)
    const produced = await produce((text) => target.write(text))
    await target.sync()
    await rename(partial, path)
    return produced
  } catch (cause) {
    await rm(partial, { force: true })
    if (cause instanceof Error && 'code' in cause && 'path' in cause)
      throw new Stop(EXIT.failure, `cannot write ${file}: ${String(cause.code)}`, { cause })
    throw cause
  }
}

/** What `produce` writes, in one piece: a file appears when all of it was written. */
export const writeExport = <T>(
  { world, print }: Session,
  file: string,
  produce: (write: Write) => Promise<T>,
): Promise<T> => (file === '-' ? produce(print.raw) : writeFile(world, file, produce))

/** Writes values as they come; `heed` hears each of them once it is written. */
export const copyLines = async <Value>(
  { print }: Session,
  values: AsyncIterable<Value>,
  { head, textOf }: Form<Value>,
  write: Write,
  heed: (value: Value) => void,
): Promise<void> => {
  let count = 0
  if (head !== '') await write(head)
  for await (const value of values) {
    const text = textOf(value)
    if (text !== '') await write(text)
    heed(value)
    if (++count % 1000 === 0) await print.progress(`${count} so far…`)
  }
  await print.progress('')
}
