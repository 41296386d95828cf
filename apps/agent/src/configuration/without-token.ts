// Takes the enrolment token out of a configuration file's text and leaves every other byte as it was.
// Reading and writing the file, and knowing when a token has served, are others' work.
import { isDeepStrictEqual } from 'node:util'
import { parse as parseToml } from 'smol-toml'
import { type Document, isMap, isScalar, type Node, parseDocument, parse as parseYaml } from 'yaml'
import { isToml } from './document.ts'

const tokenKey = 'enrollmentToken'

const cut = (text: string, from: number, to: number): string => text.slice(0, from) + text.slice(to)

/** Null where something else refers to what was taken out. */
const spelled = (document: Document): string | null => {
  try {
    return document.toString()
  } catch {
    return null
  }
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1
const afterLine = (text: string, at: number): number => {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

const cutYaml = (text: string): string | null => {
  const document = parseDocument(text)
  if (document.errors.length > 0 || !isMap(document.contents)) return null
  const pair = document.contents.items.find(({ key }) => isScalar(key) && key.value === tokenKey)
  const from = (pair?.key as Node | undefined)?.range?.[0]
  if (pair === undefined || from === undefined) return null
  if (document.contents.flow === true) {
    document.delete(tokenKey)
    return spelled(document)
  }
  const to = (pair.value as Node | null)?.range?.[1] ?? from
  // A block scalar's range ends behind its last line, any other's within it.
  return cut(text, lineStart(text, from), text[to - 1] === '\n' ? to : afterLine(text, to))
}

const cutToml = (text: string): string | null => {
  const found = /^[ \t]*(?:enrollmentToken|"enrollmentToken"|'enrollmentToken')[ \t]*=/m.exec(text)
  return found === null ? null : cut(text, found.index, afterLine(text, found.index))
}

const valueOf = (path: string, text: string): object | null => {
  try {
    return { ...(isToml(path) ? parseToml(text) : parseYaml(text)) }
  } catch {
    // What is left is no longer a document, for example because another key refers to the token.
    return null
  }
}

/**
 * The text without the token, or null when there is none in it or it cannot be cut out with certainty: what is left must
 * mean exactly what the file meant before, less that one key.
 */
export const withoutToken = (path: string, text: string): string | null => {
  const left = isToml(path) ? cutToml(text) : cutYaml(text)
  if (left === null) return null
  const wanted = Object.entries(valueOf(path, text) ?? {}).filter(([key]) => key !== tokenKey)
  return isDeepStrictEqual(valueOf(path, left), Object.fromEntries(wanted)) ? left : null
}

/** The text of an imported file without the token in its `sync`, or null when it cannot be cut out with certainty. */
export const withoutSyncToken = (path: string, text: string): string | null => {
  if (!text.includes(tokenKey)) return text
  if (isToml(path)) return null
  const document = parseDocument(text)
  if (document.hasIn(['sync', tokenKey])) document.deleteIn(['sync', tokenKey])
  const left = spelled(document)
  const means = left === null ? null : valueOf(path, left)
  // Written down elsewhere and referred to, it would still be there.
  return means === null || JSON.stringify(means).includes(tokenKey) ? null : left
}
