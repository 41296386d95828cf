// A configuration file as a value and the place of each key, from YAML or TOML.
// Which keys exist and what their values mean is schema.ts; the file is read by configuration.ts.
import { parse as parseToml, TomlError } from 'smol-toml'
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml'

export interface Place {
  readonly line: number
  readonly column: number
}

export type KeyPath = readonly PropertyKey[]

export interface ConfigDocument {
  readonly value: unknown
  readonly placeOf: (path: KeyPath) => Place
}

export interface DocumentFault extends Place {
  readonly message: string
}

export type DocumentReading =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly fault: DocumentFault }

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

const pairOf = (node: unknown, key: PropertyKey): Pair | undefined =>
  isMap(node) ? node.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key)) : undefined

/** The key that a path ends in, or the closest thing above it that the file spells out. */
const nodeAt = (root: unknown, path: KeyPath): Node | null => {
  let place: unknown = root
  let within: unknown = root
  for (const key of path) {
    const pair = pairOf(within, key)
    const next = pair?.value ?? (isSeq(within) ? within.items[Number(key)] : undefined)
    place = pair?.key ?? next ?? place
    within = next
  }
  return place as Node | null
}

// Aliases multiply: a few lines can spell out gigabytes.
const mostAliases = 100

const readYaml = (text: string): DocumentReading => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const [error] = document.errors
  if (error !== undefined) return { ok: false, fault: { ...placeAt(error.pos[0]), message: firstLine(error.message) } }
  const placeOf = (path: KeyPath): Place => placeAt(nodeAt(document.contents, path)?.range?.[0] ?? 0)
  try {
    return { ok: true, document: { value: document.toJS({ maxAliasCount: mostAliases }), placeOf } }
  } catch (fault) {
    return { ok: false, fault: { line: 1, column: 1, message: firstLine((fault as Error).message) } }
  }
}

const header = /^\s*\[\s*([^[\]]+?)\s*\]/
const assignment = /^(\s*)([A-Za-z0-9_"'.\s-]+?)\s*=/

const bare = (key: string): string => key.replaceAll(/["'\s]/g, '')

/** smol-toml does not tell where a key stands, so its line is sought by its spelling. */
const tomlPlaces = (text: string): ReadonlyMap<string, Place> => {
  const places = new Map<string, Place>()
  let table = ''
  for (const [index, line] of text.split('\n').entries()) {
    const named = header.exec(line)
    const assigned = named === null ? assignment.exec(line) : null
    if (named !== null) table = `${bare(named[1] ?? '')}.`
    const key = named === null ? `${table}${bare(assigned?.[2] ?? '')}` : table.slice(0, -1)
    const column = (assigned?.[1] ?? '').length + 1
    if ((named !== null || assigned !== null) && !places.has(key)) places.set(key, { line: index + 1, column })
  }
  return places
}

const readToml = (text: string): DocumentReading => {
  const places = tomlPlaces(text)
  const placeOf = (path: KeyPath): Place => {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(path.slice(0, length).map(String).join('.'))
      if (place !== undefined) return place
    }
    return { line: 1, column: 1 }
  }
  try {
    return { ok: true, document: { value: parseToml(text), placeOf } }
  } catch (fault) {
    if (!(fault instanceof TomlError)) throw fault
    const message = firstLine(fault.message).replace('Invalid TOML document: ', '')
    return { ok: false, fault: { line: fault.line, column: fault.column, message } }
  }
}

/** The file's name decides the language: `.toml` is TOML, everything else YAML (and therefore also JSON). */
export const isToml = (path: string): boolean => path.endsWith('.toml')

export const readDocument = (path: string, text: string): DocumentReading =>
  isToml(path) ? readToml(text) : readYaml(text)
