// Overwrites in the bytes of a JSON document everything its reader may not see, and comments and trailing commas with it
// (sensor-agent 5.6, 7). Whether what is left is JSON is for JSON.parse to say.
import { blankDigits, blankString } from './blank-string.ts'
import { below, type Disclosure } from './disclosure.ts'

const quote = 34
const comma = 44
const slash = 47
const star = 42
const backslash = 92
const newline = 10
const space = 32
const openBrace = 123
const closeBrace = 125
const openBracket = 91
const closeBracket = 93
const colon = 58

/** A mapping or list that discloses something; those that disclose nothing are only counted. */
interface Frame {
  readonly disclosure: Disclosure
  readonly isMapping: boolean
  isKeyNext: boolean
  /** What is disclosed of the value that comes next. */
  next: Disclosure | undefined
}

interface Pass {
  readonly bytes: Uint8Array
  readonly frames: Frame[]
  /** How many mappings and lists are open inside the innermost frame that disclose nothing. */
  concealedDepth: number
  at: number
  /** The last significant byte and the one before it, which tell a trailing comma. */
  last: number
  lastAt: number
  beforeLast: number
}

const decoder = new TextDecoder()

const endOfString = (bytes: Uint8Array, from: number): number => {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at += 1
    else if (bytes[at] === quote) return at
  }
  return bytes.length
}

const keyOf = (bytes: Uint8Array, from: number, end: number): string | null => {
  try {
    return JSON.parse(decoder.decode(bytes.subarray(from, end + 1))) as string
  } catch {
    return null
  }
}

const blankComment = ({ bytes }: Pass, from: number): number => {
  const isLine = bytes[from + 1] === slash
  let at = from + 2
  while (at < bytes.length && !(isLine ? bytes[at] === newline : bytes[at] === star && bytes[at + 1] === slash)) at += 1
  const isOpen = !isLine && at >= bytes.length
  const end = Math.min(isLine ? at : at + 2, bytes.length)
  // A comment that never ends stays a fault, without what it says.
  bytes.fill(space, isOpen ? from + 1 : from, end)
  return end
}

const readKey = ({ bytes }: Pass, frame: Frame, from: number, end: number): void => {
  frame.isKeyNext = false
  const key = keyOf(bytes, from, end)
  frame.next = key === null ? undefined : below(frame.disclosure, key)
  if (frame.next === undefined) blankString(bytes, from + 1, end, true)
}

const passString = (pass: Pass, from: number): number => {
  const end = endOfString(pass.bytes, from)
  const frame = pass.concealedDepth === 0 ? pass.frames.at(-1) : undefined
  if (frame?.isKeyNext === true) readKey(pass, frame, from, end)
  else if (frame?.next?.isShown !== true) blankString(pass.bytes, from + 1, end, true)
  return end + 1
}

const open = (pass: Pass, isMapping: boolean, top: Disclosure): void => {
  const parent = pass.frames.at(-1)
  const inner = parent === undefined ? top : parent.next
  const discloses = isMapping ? inner?.keys !== undefined || inner?.anyKey !== undefined : inner?.members !== undefined
  if (pass.concealedDepth > 0 || inner === undefined || !discloses) {
    pass.concealedDepth += 1
    return
  }
  pass.frames.push({ disclosure: inner, isMapping, isKeyNext: isMapping, next: isMapping ? undefined : inner.members })
}

const close = (pass: Pass): void => {
  const isTrailing = pass.last === comma && ![comma, openBrace, openBracket, colon].includes(pass.beforeLast)
  if (isTrailing) pass.bytes[pass.lastAt] = space
  if (pass.concealedDepth > 0) pass.concealedDepth -= 1
  else pass.frames.pop()
}

const separate = (pass: Pass): void => {
  const frame = pass.concealedDepth === 0 ? pass.frames.at(-1) : undefined
  if (frame?.isMapping !== true) return
  frame.isKeyNext = true
  frame.next = undefined
}

const punctuate = (pass: Pass, byte: number, top: Disclosure): void => {
  if (byte === openBrace || byte === openBracket) open(pass, byte === openBrace, top)
  else if (byte === closeBrace || byte === closeBracket) close(pass)
  else if (byte === comma) separate(pass)
  else blankDigits(pass.bytes, pass.at, pass.at + 1)
}

/** In place, in one pass, however deep the document is. */
export const concealJson = (bytes: Uint8Array, disclosure: Disclosure): void => {
  const pass: Pass = { bytes, frames: [], concealedDepth: 0, at: 0, last: 0, lastAt: 0, beforeLast: 0 }
  while (pass.at < bytes.length) {
    const byte = bytes[pass.at] ?? 0
    if (byte <= space) {
      pass.at += 1
      continue
    }
    const second = bytes[pass.at + 1]
    if (byte === slash && (second === slash || second === star)) {
      pass.at = blankComment(pass, pass.at)
      continue
    }
    const from = pass.at
    if (byte === quote) pass.at = passString(pass, from)
    else {
      punctuate(pass, byte, disclosure)
      pass.at += 1
    }
    pass.beforeLast = pass.last
    pass.last = byte
    pass.lastAt = from
  }
}
