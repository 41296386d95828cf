// The keys of `packages` in a pnpm lockfile, without building the rest of it, which is a hundred times their size.
// pnpm writes one plain form; a file in any other, edited by hand or by another tool, goes to the YAML library if it is
// small. Both ways give the same keys, which the tests hold against each other.
import { type Document, isMap, isScalar, parseAllDocuments } from 'yaml'
import { linesOf } from '../reading.ts'

export type PackageKeys =
  | { readonly ok: true; readonly keys: readonly string[] }
  | { readonly ok: false; readonly reason: string }

/** The library takes about a second and a hundred megabytes for a million characters. */
export const mostLibraryCharacters = 1_000_000

const bad = (reason: string): PackageKeys => ({ ok: false, reason })

/** A key that YAML reads as itself: neither quoted nor an indicator, and not what YAML takes for another type. */
const plain = /^[A-Za-z0-9/_.~](?:[^\s:]|:(?=\S))*$/
const single = /^'((?:[^']|'')*)'$/
const double = /^"([^"\\]*)"$/
const otherType = /^(?:~|null|true|false|[-+.]?\d[\d_.eE+-]*|0[xo][\da-f]+)$/i

const keyOf = (spelled: string): string | null => {
  if (plain.test(spelled)) return otherType.test(spelled) ? null : spelled
  const quoted = single.exec(spelled)?.[1]
  return quoted === undefined ? (double.exec(spelled)?.[1] ?? null) : quoted.replaceAll("''", "'")
}

/** The spelling of the key on a line of `packages` itself, or null when the line is none that pnpm writes. */
const spelledKey = (line: string): string | null => {
  if (line.startsWith('  ? ')) return line.slice(4)
  return line.startsWith('  ') && line.endsWith(':') ? line.slice(2, -1) : null
}

const topLevel = /^[A-Za-z]\w*:(?: |$)/
const isBlankOrComment = (line: string): boolean => /^\s*(?:#|$)/.test(line)
/** What belongs to the key above it, whose own line begins with two spaces. */
const isBelowKey = (line: string): boolean =>
  (line.startsWith('   ') && !line.includes('\t')) || line.startsWith('  : ')

interface Place {
  /** How many keys the section has shown so far; null outside of `packages`. */
  inPackages: number | null
  hadPackages: boolean
}

/** False when pnpm writes no such line at the start of a section or a document. */
const enterSection = (line: string, place: Place): boolean => {
  place.inPackages = line === 'packages:' ? 0 : null
  if (line === '---') place.hadPackages = false
  else if (!topLevel.test(line)) return false
  else if (line.startsWith('packages:')) {
    if (place.hadPackages || (place.inPackages === null && line !== 'packages: {}')) return false
    place.hadPackages = true
  }
  return true
}

/** Null when the file is not in the form that pnpm writes; it may hold several documents. */
export const keysByLine = (text: string): readonly string[] | null => {
  const keys: string[] = []
  const place: Place = { inPackages: null, hadPackages: false }
  for (const line of linesOf(text)) {
    if (isBlankOrComment(line)) continue
    if (!line.startsWith(' ')) {
      if (!enterSection(line, place)) return null
    } else if (place.inPackages !== null && !(place.inPackages > 0 && isBelowKey(line))) {
      const spelled = spelledKey(line)
      const key = spelled === null ? null : keyOf(spelled)
      if (key === null) return null
      place.inPackages += 1
      keys.push(key)
    }
  }
  return keys
}

const keysOf = ({ contents }: Document.Parsed): readonly string[] => {
  const packages: unknown = isMap(contents) ? contents.get('packages') : undefined
  if (!isMap(packages)) return []
  return packages.items.map(({ key }) => (isScalar(key) ? String(key.value).toWellFormed() : ''))
}

/** Any YAML without tags of its own; aliases stand for themselves and are never spelled out. */
export const keysByLibrary = (text: string): PackageKeys => {
  try {
    const documents = parseAllDocuments(text, { schema: 'core', uniqueKeys: false, prettyErrors: false })
    if (!Array.isArray(documents)) return { ok: true, keys: [] }
    if (documents.some(({ errors }) => errors.length > 0)) return bad('is not YAML')
    return { ok: true, keys: documents.flatMap(keysOf).filter((key) => key !== '') }
  } catch {
    // Nested deeper than the stack, which no lockfile is.
    return bad('is not YAML')
  }
}

/** In the order of the file. */
export const readPackageKeys = (text: string): PackageKeys => {
  const keys = keysByLine(text)
  if (keys !== null) return { ok: true, keys }
  return text.length > mostLibraryCharacters ? bad('is not in the form that pnpm writes') : keysByLibrary(text)
}
