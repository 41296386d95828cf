// Streamed replies: one JSON value a line, or rows of a table, produced no faster than the reader takes them.
// Where the values come from is the handler's.
import { Readable } from 'node:stream'
import { type CsvTable, csvHead, csvLines, type Route } from '@muster/contract'
import { checkReply } from '../checked.ts'
import { EncodedJson } from '../serve.ts'

/** The values of a stream and the form in which they were asked for. */
export interface Stream {
  readonly values: AsyncIterable<unknown>
  /** Absent for lines of JSON. */
  readonly csv?: CsvTable<unknown> | undefined
}

const encode = (value: unknown, csv: Stream['csv']): string => {
  if (csv !== undefined) return csvLines(csv, value instanceof EncodedJson ? JSON.parse(value.text) : value)
  return `${value instanceof EncodedJson ? value.text : JSON.stringify(value)}\n`
}

async function* encoded(route: Route, { values, csv }: Stream, check: boolean): AsyncGenerator<string> {
  if (csv !== undefined) yield csvHead(csv)
  for await (const value of values) {
    if (check) checkReply(route, value)
    const text = encode(value, csv)
    if (text !== '') yield text
  }
}

export const typeOf = ({ csv }: Stream): string =>
  csv === undefined ? 'application/x-ndjson' : 'text/csv; charset=utf-8; header=present'

/** A fault in the middle destroys the stream, so that the reader sees a broken reply and not a short one. */
export const linesOf = (route: Route, stream: Stream, check: boolean): Readable =>
  Readable.from(encoded(route, stream, check), { objectMode: false, highWaterMark: 65_536 })
