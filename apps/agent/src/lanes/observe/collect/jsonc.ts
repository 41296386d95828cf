// JSON as people and editors write it: with comments, trailing commas and a byte order mark (sensor-agent 5.6).
// What the values mean is for the readers of each format.
import { withoutMark } from './reading.ts'

export type JsonReading = { readonly ok: true; readonly value: unknown } | { readonly ok: false }

const quote = 34
const comma = 44
const slash = 47
const star = 42
const backslash = 92

/** Where the string that opens at `from` has ended; the end of the text when it never does. */
const afterString = (text: string, from: number): number => {
  for (let at = from + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === backslash) at += 1
    else if (code === quote) return at + 1
  }
  return text.length
}

/** Where the comment that may open at `from` has ended; `from` itself when none does. */
const afterComment = (text: string, from: number): number => {
  const second = text.charCodeAt(from + 1)
  if (second !== slash && second !== star) return from
  const end = second === slash ? text.indexOf('\n', from + 2) : text.indexOf('*/', from + 2)
  if (end < 0) return text.length
  return second === slash ? end : end + 2
}

const isBlank = (code: number): boolean => code === 32 || code === 10 || code === 13 || code === 9

/** Whether nothing but blanks and comments stands between `from` and a closing bracket. */
const isClosingNext = (text: string, from: number): boolean => {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === slash) {
      const after = afterComment(text, at)
      if (after === at) return false
      at = after - 1
    } else if (!isBlank(code)) return code === 93 || code === 125
  }
  return false
}

/** The text without its comments and trailing commas; strings stay as they are. Time grows with the length only. */
export const withoutComments = (text: string): string => {
  const kept: string[] = []
  let from = 0
  const leaveOut = (start: number, end: number): void => {
    kept.push(text.slice(from, start))
    from = end
  }
  for (let at = 0; at < text.length; ) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = afterString(text, at)
      continue
    }
    const after = code === slash ? afterComment(text, at) : at
    if (after > at) {
      leaveOut(at, after)
      kept.push(' ')
    } else if (code === comma && isClosingNext(text, at + 1)) leaveOut(at, at + 1)
    at = Math.max(after, at + 1)
  }
  return from === 0 ? text : kept.join('') + text.slice(from)
}

const parse = (text: string): JsonReading => {
  try {
    return { ok: true, value: JSON.parse(text) as unknown }
  } catch {
    return { ok: false }
  }
}

/** Strict JSON, but for a byte order mark. */
export const readJson = (text: string): JsonReading => parse(withoutMark(text))

/** JSON with comments and trailing commas. */
export const readJsonc = (text: string): JsonReading => parse(withoutComments(withoutMark(text)))
