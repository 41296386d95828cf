// YAML text to a tree with places: core schema 1.2, one document, no anchors, aliases, merge keys or tags of one's own.
// What the keys and values mean is validated by others; this file only says what was written where.
import {
  type Alias,
  Composer,
  type CST,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import type { Place, Report } from './fault.ts'
import { type PolicyEntry, type PolicyNode, pointer } from './node.ts'

/** sensor-protocol 14.5. */
export const policyTextBytes = 1_000_000

/** A policy needs nine levels; the parser's cost grows with the square of the depth. */
const mostLevels = 32

// YAML's own printable characters; a half surrogate pair is outside too.
const unprintable = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

const coreTag = /^(?:!|tag:yaml\.org,2002:(?:null|bool|int|float|str|map|seq))$/

interface Reading {
  readonly report: Report
  place(offset: number, path: string): Place
}

/** The document as a tree, or null when its shape cannot be made out; every fault is in the report. */
export const readPolicyText = (text: string, report: Report): PolicyNode | null => {
  const reading = { report, place: createPlaces(text) }
  if (Buffer.byteLength(text) > policyTextBytes) {
    report.error(reading.place(0, ''), 'too_large', `a policy has at most ${policyTextBytes} bytes`)
    return null
  }
  const odd = unprintable.exec(text)
  if (odd !== null) {
    report.error(reading.place(odd.index, ''), 'unprintable_character', `${nameOf(odd[0])} cannot be in a policy`)
    return null
  }
  const document = compose(text, reading)
  return document === null ? null : toNode(document.contents, '', document.range[0], reading)
}

const createPlaces = (text: string): Reading['place'] => {
  const lines = new LineCounter()
  lines.addNewLine(0)
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1)
  return (offset, path) => {
    const { line, col } = lines.linePos(offset)
    return { path, line, column: col }
  }
}

const nameOf = (character: string): string =>
  `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`

const compose = (text: string, { report, place }: Reading): Document.Parsed | null => {
  const tokens = tokenise(text)
  if (!Array.isArray(tokens)) {
    report.error(place(tokens.tooDeepAt, ''), 'too_deep', `nested deeper than ${mostLevels} levels`)
    return null
  }
  // Duplicate keys are looked for in `toEntries`, because the composer compares each key with every other.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, ...strictness })
  const [document, second] = composer.compose(tokens, true, text.length).take(2)
  if (document === undefined) throw new Error('compose policy: the composer gave no document')
  if (second !== undefined)
    report.error(place(second.range[0], ''), 'yaml_multiple_documents', 'one file holds one policy')
  const { yaml } = document.directives
  if (yaml.explicit === true && yaml.version !== '1.2')
    report.error(place(0, ''), 'yaml_version', `policies are YAML 1.2, not ${yaml.version}`)
  const faults = [...document.errors, ...document.warnings.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED')]
  for (const { pos, code, message } of faults)
    report.error(place(pos[0], ''), 'yaml_syntax', code === 'NON_STRING_KEY' ? keyMessage : message.slice(0, 256))
  return faults.length > 0 ? null : document
}

const keyMessage = 'a key must be a plain text'
const strictness = { stringKeys: true, resolveKnownTags: false, prettyErrors: false, logLevel: 'silent' } as const

const tokenise = (text: string): CST.Token[] | { readonly tooDeepAt: number } => {
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme))
    if (parser.stack.length > mostLevels) return { tooDeepAt: parser.offset }
  }
  tokens.push(...parser.end())
  return tokens
}

const toNode = (from: Node | null, path: string, otherwiseAt: number, reading: Reading): PolicyNode => {
  const place = reading.place(from?.range?.[0] ?? otherwiseAt, path)
  if (from === null) return { ...place, kind: 'nothing' }
  if (isAlias(from)) return refuseAlias(from, place, reading)
  if (from.anchor !== undefined) reading.report.error(place, 'yaml_anchor', `anchor &${from.anchor} is not allowed`)
  if (from.tag !== undefined && !coreTag.test(from.tag))
    reading.report.error(place, 'yaml_tag', `tag ${from.tag} is not allowed`)
  if (isMap(from)) return { ...place, kind: 'map', entries: toEntries(from, place, reading) }
  if (isSeq(from)) return { ...place, kind: 'list', items: toItems(from, place, reading) }
  if (isScalar(from)) return toValue(from, place, reading)
  throw new Error(`read policy at ${path}: a node of no known kind`)
}

const refuseAlias = (alias: Alias, place: Place, { report }: Reading): PolicyNode => {
  report.error(place, 'yaml_alias', `alias *${alias.source} is not allowed`)
  return { ...place, kind: 'unreadable' }
}

const toItems = (list: YAMLSeq, place: Place, reading: Reading): readonly PolicyNode[] =>
  list.items.map((item, at) => toNode(item as Node | null, pointer(place.path, at), startOf(list), reading))

const startOf = (node: Node): number => node.range?.[0] ?? 0

// A key becomes part of every path below it, so a huge one would multiply.
const mostKeyCharacters = 256

const toEntries = (map: YAMLMap, at: Place, reading: Reading): ReadonlyMap<string, PolicyEntry> => {
  const { report } = reading
  const entries = new Map<string, PolicyEntry>()
  for (const pair of map.items) {
    const key = pair.key as Scalar
    const name = String(key.value)
    const above = reading.place(startOf(key), at.path)
    if (!isPrintable(name, above, reading)) continue
    if (name.length > mostKeyCharacters) {
      report.error(above, 'too_long', `a key has at most ${mostKeyCharacters} characters`)
      continue
    }
    const place = { ...above, path: pointer(at.path, name) }
    const value = toNode(pair.value as Node | null, place.path, startOf(key), reading)
    if (name === '<<' && key.type === 'PLAIN') report.error(place, 'yaml_merge_key', 'merge keys are not allowed')
    else if (entries.has(name)) report.error(place, 'duplicate_key', `"${name}" is already set in this map`)
    else entries.set(name, { key: place, value })
  }
  return entries
}

const toValue = ({ value }: Scalar, place: Place, reading: Reading): PolicyNode => {
  if (value === null) return { ...place, kind: 'nothing' }
  if (typeof value === 'boolean') return { ...place, kind: 'boolean', value }
  if (typeof value === 'number') return { ...place, kind: 'number', value }
  if (typeof value !== 'string') throw new Error(`read policy at ${place.path}: a scalar of no known kind`)
  return isPrintable(value, place, reading) ? { ...place, kind: 'text', value } : { ...place, kind: 'unreadable' }
}

// The text of the document is printable here, but escapes such as "\\0" can still spell anything.
const isPrintable = (text: string, place: Place, { report }: Reading): boolean => {
  const odd = unprintable.exec(text)
  if (odd !== null) report.error(place, 'unprintable_character', `${nameOf(odd[0])} cannot be in a policy`)
  return odd === null
}
