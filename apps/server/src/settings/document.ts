// A config file as flat entries with their positions, from YAML or TOML; strict about structure, not about names.
// Which keys exist and what their texts mean is table.ts; files are read by settings.ts.
import { parse as parseToml, TomlError } from 'smol-toml'
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'

export interface Place {
  readonly line: number
  readonly column: number
}

export interface Entry extends Place {
  /** Dotted: `metrics.auth`. */
  readonly key: string
  /** A list is its items joined by commas. */
  readonly text: string
}

export interface DocumentFault extends Place {
  readonly message: string
}

export interface ConfigDocument {
  readonly entries: readonly Entry[]
  readonly faults: readonly DocumentFault[]
}

interface Reader {
  readonly entries: Entry[]
  readonly faults: DocumentFault[]
}

const mustBe = 'must be a text, a number, true or false, or a list of those'

const isPlain = (value: unknown): value is string | number | boolean | bigint =>
  ['string', 'number', 'boolean', 'bigint'].includes(typeof value)

const textOf = (value: unknown): string | null => {
  if (isPlain(value)) return String(value)
  return Array.isArray(value) && value.every(isPlain) ? value.map(String).join(',') : null
}

const plainOf = (node: unknown): unknown => {
  if (isScalar(node)) return node.value
  return isSeq(node) ? node.items.map((item) => (isScalar(item) ? item.value : undefined)) : undefined
}

const walkYaml = (node: unknown, prefix: string, placeOf: (node: unknown) => Place, read: Reader): void => {
  if (!isMap(node)) {
    read.faults.push({ ...placeOf(node), message: 'the file must be a mapping of keys to values' })
    return
  }
  for (const pair of node.items) {
    const key = `${prefix}${isScalar(pair.key) ? String(pair.key.value) : '?'}`
    const place = placeOf(pair.key)
    if (isMap(pair.value)) {
      walkYaml(pair.value, `${key}.`, placeOf, read)
      continue
    }
    const text = textOf(plainOf(pair.value))
    if (text !== null) read.entries.push({ key, text, ...place })
    else read.faults.push({ ...place, message: `"${key}" ${isAlias(pair.value) ? 'must not be an alias' : mustBe}` })
  }
}

const readYaml = (text: string): ConfigDocument => {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  const read: Reader = { entries: [], faults: [] }
  for (const { pos, message } of document.errors) read.faults.push({ ...placeAt(pos[0]), message })
  if (read.faults.length > 0 || document.contents === null) return read
  walkYaml(document.contents, '', (node) => placeAt((node as Node | null)?.range?.[0] ?? 0), read)
  return read
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
    if (named !== null) table = `${bare(named[1] ?? '')}.`
    const assigned = assignment.exec(line)
    if (assigned === null) continue
    const key = `${table}${bare(assigned[2] ?? '')}`
    if (!places.has(key)) places.set(key, { line: index + 1, column: (assigned[1] ?? '').length + 1 })
  }
  return places
}

const walkToml = (table: object, prefix: string, places: ReadonlyMap<string, Place>, read: Reader): void => {
  for (const [name, value] of Object.entries(table)) {
    const key = `${prefix}${name}`
    const place = places.get(key) ?? { line: 1, column: 1 }
    const text = textOf(value)
    if (text !== null) read.entries.push({ key, text, ...place })
    else if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)) {
      walkToml(value, `${key}.`, places, read)
    } else read.faults.push({ ...place, message: `"${key}" ${mustBe}` })
  }
}

const readToml = (text: string): ConfigDocument => {
  const read: Reader = { entries: [], faults: [] }
  try {
    walkToml(parseToml(text), '', tomlPlaces(text), read)
  } catch (fault) {
    if (!(fault instanceof TomlError)) throw fault
    const [said = ''] = fault.message.split('\n')
    read.faults.push({ line: fault.line, column: fault.column, message: said.replace('Invalid TOML document: ', '') })
  }
  return read
}

/** The file's name decides the language: `.toml` is TOML, everything else YAML (and therefore also JSON). */
export const readDocument = (path: string, text: string): ConfigDocument =>
  path.endsWith('.toml') ? readToml(text) : readYaml(text)
