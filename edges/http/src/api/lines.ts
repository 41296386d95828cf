// Streamed replies: one JSON value a line, produced no faster than the reader takes them.
// Where the values come from is the handler's.
import { Readable } from 'node:stream'
import type { Route } from '@muster/contract'
import { checkReply } from '../checked.ts'
import { EncodedJson } from '../serve.ts'

async function* encoded(route: Route, values: AsyncIterable<unknown>, check: boolean): AsyncGenerator<string> {
  for await (const value of values) {
    if (check) checkReply(route, value)
    yield `${value instanceof EncodedJson ? value.text : JSON.stringify(value)}\n`
  }
}

/** A fault in the middle destroys the stream, so that the reader sees a broken reply and not a short one. */
export const linesOf = (route: Route, values: unknown, check: boolean): Readable =>
  Readable.from(encoded(route, values as AsyncIterable<unknown>, check), { objectMode: false, highWaterMark: 65_536 })
