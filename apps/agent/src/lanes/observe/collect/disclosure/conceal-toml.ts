// Overwrites in the bytes of a TOML document every value its reader may not see, and the comments (sensor-agent 5.6, 7).
// Keys stay, because two that were blanked would be one; whether what is left is TOML is for its parser to say.
import { parse } from 'smol-toml'
import { blankDigits, blankString } from './blank-string.ts'
import { below, type Disclosure } from './disclosure.ts'

const newline = 10
const space = 32
const quote = 34
const hash = 35
const apostrophe = 39
const comma = 44
const equals = 61
const openBracket = 91
const backslash = 92
const closeBracket = 93
const openBrace = 123
const closeBrace = 125

interface Pass {
  readonly bytes: Uint8Array
  at: number
  depth: number
  /** Paths of the lists that were opened by headers, `[[…]]`: a table below one belongs to its last member. */
  readonly lists: Set<string>
}

// Deeper than this no tool nests its settings, and a document of brackets alone must not exhaust the stack.
const mostDepth = 100

type Seen = Disclosure | undefined

const decoder = new TextDecoder()

const isBlank = (byte: number | undefined): boolean => byte === space || byte === 9 || byte === 13

const blankComment = (pass: Pass): void => {
  const from = pass.at + 1
  while (pass.at < pass.bytes.length && pass.bytes[pass.at] !== newline) pass.at += 1
  blankString(pass.bytes, from, pass.at, false)
}

/** Moves over blanks and comments, and over line ends too where the language allows them. */
const skipSpace = (pass: Pass, hasLines: boolean): void => {
  for (;;) {
    const byte = pass.bytes[pass.at]
    if (byte === hash) blankComment(pass)
    else if (isBlank(byte) || (hasLines && byte === newline)) pass.at += 1
    else return
  }
}

const endOfString = ({ bytes, at }: Pass): { readonly from: number; readonly end: number; readonly after: number } => {
  const mark = bytes[at] ?? 0
  const isLong = bytes[at + 1] === mark && bytes[at + 2] === mark
  const from = at + (isLong ? 3 : 1)
  for (let end = from; end < bytes.length; end++) {
    if (mark === quote && bytes[end] === backslash) end += 1
    else if (!isLong && bytes[end] === newline) return { from, end, after: end }
    else if (bytes[end] === mark && !isLong) return { from, end, after: end + 1 }
    else if (bytes[end] === mark && bytes[end + 1] === mark && bytes[end + 2] === mark) {
      // Up to two quotes may stand right before the closing three.
      const own = bytes[end + 3] !== mark ? 0 : bytes[end + 4] !== mark ? 1 : 2
      return { from, end: end + own, after: end + own + 3 }
    }
  }
  return { from, end: bytes.length, after: bytes.length }
}

const passString = (pass: Pass, seen: Seen): boolean => {
  const hasEscapes = pass.bytes[pass.at] === quote
  const { from, end, after } = endOfString(pass)
  if (seen?.isShown !== true) blankString(pass.bytes, from, end, hasEscapes)
  pass.at = after
  return true
}

const partsOf = (value: unknown): readonly string[] => {
  const [entry] = typeof value === 'object' && value !== null ? Object.entries(value) : []
  return entry === undefined ? [] : [entry[0], ...partsOf(entry[1])]
}

const bareKey = /^[A-Za-z0-9_.-]+$/

/** The parts of a dotted key as the parser itself understands them; null when it does not. */
const keyParts = (text: string): readonly string[] | null => {
  if (bareKey.test(text)) return text.split('.')
  try {
    return partsOf(parse(`${text} = 0`))
  } catch {
    return null
  }
}

// No tool has such a key, and taking a million parts one by one costs the parser seconds.
const mostKeyBytes = 4_096

/** The parts of the key that stands here up to `end`; null when that is none. */
const passKey = (pass: Pass, end: number): readonly string[] | null => {
  const from = pass.at
  while (pass.at < pass.bytes.length && pass.bytes[pass.at] !== end && pass.bytes[pass.at] !== newline) {
    const byte = pass.bytes[pass.at]
    if (byte === quote || byte === apostrophe) pass.at = endOfString(pass).after
    else pass.at += 1
  }
  if (pass.bytes[pass.at] !== end || pass.at - from > mostKeyBytes) return null
  return keyParts(decoder.decode(pass.bytes.subarray(from, pass.at)).trim())
}

/** A key, its equals sign and its value; false when that is not what stands here. */
const passEntry = (pass: Pass, within: Seen): boolean => {
  const parts = passKey(pass, equals)
  if (parts === null) return false
  const seen = parts.reduce<Seen>((above, part) => below(above, part), within)
  pass.at += 1
  skipSpace(pass, false)
  return passValue(pass, seen)
}

const passBracketed = (pass: Pass, close: number, member: () => boolean): boolean => {
  pass.at += 1
  for (;;) {
    skipSpace(pass, true)
    const byte = pass.bytes[pass.at]
    if (byte === undefined) return false
    if (byte === close || byte === comma) {
      pass.at += 1
      if (byte === close) return true
    } else if (!member()) return false
  }
}

const isBare = (byte: number | undefined): boolean =>
  byte !== undefined && byte > space && ![comma, closeBracket, closeBrace, hash].includes(byte)

const passBare = (pass: Pass): boolean => {
  const from = pass.at
  while (isBare(pass.bytes[pass.at])) pass.at += 1
  blankDigits(pass.bytes, from, pass.at)
  return pass.at > from
}

const passValue = (pass: Pass, seen: Seen): boolean => {
  const byte = pass.bytes[pass.at]
  if (byte === quote || byte === apostrophe) return passString(pass, seen)
  if (byte !== openBracket && byte !== openBrace) return passBare(pass)
  if (pass.depth >= mostDepth) return false
  pass.depth += 1
  const isPassed =
    byte === openBracket
      ? passBracketed(pass, closeBracket, () => passValue(pass, seen?.members))
      : passBracketed(pass, closeBrace, () => passEntry(pass, seen))
  pass.depth -= 1
  return isPassed
}

/** What is disclosed in the table whose header stands here; null when it is not a header. */
const passHeader = (pass: Pass, top: Disclosure): { readonly table: Seen } | null => {
  const brackets = pass.bytes[pass.at + 1] === openBracket ? 2 : 1
  pass.at += brackets
  const parts = passKey(pass, closeBracket)
  if (parts === null) return null
  for (let left = brackets; left > 0; left--) if (pass.bytes[pass.at++] !== closeBracket) return null
  if (brackets === 2) pass.lists.add(JSON.stringify(parts))
  const table = parts.reduce<Seen>((above, part, at) => {
    const seen = below(above, part)
    return pass.lists.has(JSON.stringify(parts.slice(0, at + 1))) ? seen?.members : seen
  }, top)
  return { table }
}

const isLineEnded = (pass: Pass): boolean => {
  skipSpace(pass, false)
  return pass.at >= pass.bytes.length || pass.bytes[pass.at] === newline
}

/** In place. False when this is no TOML, and then the bytes may still show what they should not. */
export const concealToml = (bytes: Uint8Array, disclosure: Disclosure): boolean => {
  const pass: Pass = { bytes, at: 0, depth: 0, lists: new Set() }
  let table: Seen = disclosure
  for (;;) {
    skipSpace(pass, true)
    if (pass.at >= bytes.length) return true
    if (bytes[pass.at] === openBracket) {
      const header = passHeader(pass, disclosure)
      if (header === null) return false
      table = header.table
    } else if (!passEntry(pass, table)) return false
    if (!isLineEnded(pass)) return false
  }
}
