// Turns the bytes of a configuration file into values of which only what is disclosed was ever a text.
// What the values mean is for the readers of each tool.
import { parse } from 'smol-toml'
import { concealJson } from './conceal-json.ts'
import { concealToml } from './conceal-toml.ts'
import type { Disclosure } from './disclosure.ts'

export type ConcealedReading =
  | { readonly ok: true; readonly value: unknown; readonly text: string }
  | { readonly ok: false }

const withoutMark = (bytes: Buffer): Buffer =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes

// A parser's own complaint quotes the document, so only that it complained is told.
const attempt = (text: string, read: (text: string) => unknown): ConcealedReading => {
  try {
    return { ok: true, value: read(text), text }
  } catch {
    return { ok: false }
  }
}

/** JSON, also with a byte order mark, comments and trailing commas. The bytes are overwritten. */
export const readConcealedJson = (bytes: Buffer, disclosure: Disclosure): ConcealedReading => {
  const document = withoutMark(bytes)
  concealJson(document, disclosure)
  return attempt(document.toString('utf8'), (text) => JSON.parse(text) as unknown)
}

/** TOML 1.0, also with a byte order mark. The bytes are overwritten; `text` is what is left of them. */
export const readConcealedToml = (bytes: Buffer, disclosure: Disclosure): ConcealedReading => {
  const document = withoutMark(bytes)
  if (!concealToml(document, disclosure)) return { ok: false }
  return attempt(document.toString('utf8'), (text) => parse(text, { integersAsBigInt: 'asNeeded' }))
}
