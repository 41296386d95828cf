// Text that devices chose, made safe to print: it may not move the cursor, change colours or reorder what is read.
// How wide it may be is the table's business.
import { stripVTControlCharacters } from 'node:util'

const breaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g
// Control characters, and format characters such as bidirectional overrides, zero-width marks and tags.
const unseen = /[\p{Cc}\p{Cf}]/gu
const piled = /(\p{M}{3})\p{M}+/gu

/** One line of visible text. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.toWellFormed()).replace(breaks, ' ').replace(unseen, '').replace(piled, '$1')

const hex = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`,
  ).join('')

const risky = /[\p{Cc}\p{Cf}\u2028\u2029]/gu

/** Like `JSON.stringify`, with everything escaped that a terminal might obey; the value it reads back to is the same. */
export const jsonText = (value: unknown, indent?: number): string => escapeJson(JSON.stringify(value, null, indent))

/** The same for text that is JSON already; its own line breaks stay. */
export const escapeJson = (json: string): string =>
  json.replace(risky, (character) =>
    character === '\n' || character === '\t' || character === '\r' ? character : hex(character),
  )
