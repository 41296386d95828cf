// The packages in a dpkg status file: paragraphs of `Field: value` lines. Pure, line by line.
// Whether somebody asked for a package is extended-states.ts.
import { linesOf } from '../reading.ts'

export interface DebianPackage {
  readonly name: string
  readonly version: string
  readonly architecture: string
  /** Name of the source it was built from, which is what security trackers go by; null when it is its own. */
  readonly source: string | null
}

/** The values of one paragraph, by lower-case field name; lines that continue a value are left out. */
export type Paragraph = ReadonlyMap<string, string>

export function* paragraphsOf(text: string): Generator<Paragraph> {
  let fields = new Map<string, string>()
  for (const line of linesOf(text)) {
    if (line.trim() === '') {
      if (fields.size > 0) yield fields
      fields = new Map()
    } else if (!/^[\s#]/.test(line)) {
      const colon = line.indexOf(':')
      const field = line.slice(0, colon).toLowerCase()
      if (colon > 0 && !fields.has(field)) fields.set(field, line.slice(colon + 1).trim())
    }
  }
  if (fields.size > 0) yield fields
}

/** Without a status, as in images without a package manager, a paragraph stands for an installed package. */
const isInstalled = (status: string | undefined): boolean =>
  status === undefined || !/ (?:not-installed|config-files)$/.test(` ${status}`)

/** `name (version)` where the source has a version of its own. */
const sourceName = (source: string | undefined): string | null => source?.split(' ', 1)[0] || null

/** Null for a paragraph that is none of an installed package. */
const packageOf = (fields: Paragraph): DebianPackage | null => {
  const name = fields.get('package') ?? ''
  const version = fields.get('version') ?? ''
  if (name === '' || version === '' || !isInstalled(fields.get('status'))) return null
  const source = sourceName(fields.get('source'))
  return {
    name,
    version,
    architecture: fields.get('architecture') ?? '',
    source: source === name ? null : source,
  }
}

/** False for a text of something else; an empty one is a list of nothing. */
export const isDpkgStatus = (text: string): boolean => {
  if (text.trim() === '') return true
  for (const paragraph of paragraphsOf(text)) if (paragraph.has('package')) return true
  return false
}

export const readDpkgStatus = (text: string): readonly DebianPackage[] =>
  [...paragraphsOf(text)].map(packageOf).filter((read) => read !== null)
