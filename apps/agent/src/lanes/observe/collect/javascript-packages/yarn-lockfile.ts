// The packages a `yarn.lock` pins, of Yarn classic and of Yarn 2 and later (sensor-agent 6.7). Pure, line by line.
// Both write `selectors:` and, indented below it, the version; the newer is almost YAML.
import { linesOf, type PackageReading, type ReadPackage, withoutMark } from '../reading.ts'

interface Entry {
  readonly selector: string
  version: string | null
  /** Written by Yarn 2 or later, which puts a colon after every key. */
  isModern: boolean
  isLocal: boolean
}

const unquoted = (text: string): string => text.replaceAll('"', '')

const entryOf = (header: string): Entry | null => {
  const selectors = unquoted(header.replace(/^\? /, '').replace(/:$/, ''))
  if (selectors === '__metadata') return null
  const [selector = ''] = selectors.split(',', 1)
  return { selector, version: null, isModern: false, isLocal: /@(?:workspace|link|portal):/.test(selector) }
}

/** `version "1.2.3"` of Yarn classic, `version: 1.2.3` of its successors. */
const versionLine = /^\s+version(:?) +(\S.*)$/

const read = (line: string, entry: Entry): void => {
  const [, colon, version] = (entry.version === null && versionLine.exec(line)) || []
  if (version !== undefined) {
    entry.version = unquoted(version).trim()
    entry.isModern = colon === ':'
  } else if (/^ {2}linkType: +soft$/.test(line)) entry.isLocal = true
}

/**
 * A selector is `name@range`, and a range can hold another `@`. Agents of the protocol cut those of Yarn classic at their
 * last one unless an alias begins earlier, and an item's name is its identity; they do not read Yarn 2 at all.
 */
const nameOf = ({ selector, isModern }: Entry): string | null => {
  const alias = selector.indexOf('@npm:')
  const end = isModern ? selector.indexOf('@', 1) : alias > 0 ? alias : selector.lastIndexOf('@')
  return end > 0 ? selector.slice(0, end) : null
}

const readingOf = (entries: readonly Entry[]): PackageReading => {
  const packages: ReadPackage[] = []
  let oddEntries = 0
  for (const entry of entries) {
    if (entry.isLocal) continue
    const name = nameOf(entry)
    if (name === null || entry.version === null || entry.version === '') oddEntries += 1
    else packages.push({ name, version: entry.version, detail: null })
  }
  return { ok: true, packages, oddEntries }
}

const isHeader = (line: string): boolean => line.endsWith(':') || line.startsWith('? ')

export const readYarnLockfile = (text: string): PackageReading => {
  const entries: Entry[] = []
  let entry: Entry | null = null
  let isAnything = false
  for (const line of linesOf(withoutMark(text))) {
    if (line.startsWith('<<<<<<< ')) return { ok: false, reason: 'has conflicts that nobody resolved' }
    if (line === '' || line === ':' || line.startsWith('#')) continue
    if (/^\s/.test(line)) {
      if (entry !== null) read(line, entry)
      continue
    }
    isAnything ||= !isHeader(line)
    entry = isHeader(line) ? entryOf(line) : null
    if (entry !== null) entries.push(entry)
  }
  return entries.length === 0 && isAnything ? { ok: false, reason: 'is not a yarn.lock' } : readingOf(entries)
}
