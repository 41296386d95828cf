// Reading one map of a policy: the keys that are asked for are the keys that are known, all others are faults.
// It knows types, bounds and lists of words; which keys there are is said by whoever asks.
import type { Bounds, Whole } from '../bundle/bundle.ts'
import type { ErrorCode, Place, Report } from './fault.ts'
import { type PolicyNode, pointer } from './node.ts'

/** Every reader gives undefined for what is absent or wrong; what is wrong is in the report by then. */
export interface Form {
  /** Where the map stands. */
  readonly place: Place
  /** Where the value of this key stands, or the map itself when the key is absent. */
  placeOf(key: string): Place
  has(key: string): boolean
  /** Reports a `missing_key`, or the code given, when the key is absent. */
  need(key: string, code?: ErrorCode): void
  form(key: string): Form
  boolean(key: string): boolean | undefined
  integers<Table extends Readonly<Record<string, Bounds>>>(table: Table): Whole<Table>
  text(key: string, most: number): string | undefined
  /** One of these words; anything else is reported under `code`. */
  word(key: string, words: readonly string[], code: ErrorCode): string | undefined
  /** The nodes of a list. */
  list(key: string, most: number): readonly PolicyNode[] | undefined
  texts(key: string, most: number, judge: TextJudge): readonly string[] | undefined
  /** A key that is known but may not be used here. */
  forbid(key: string, code: ErrorCode, message: string): void
  /** Reports every key that nobody asked for. */
  close(): void
}

/** What is wrong with one text of a list, or null. */
export type TextJudge = (text: string) => { readonly code: ErrorCode; readonly message: string } | null

const nouns: Readonly<Record<PolicyNode['kind'], string>> = {
  map: 'a map',
  list: 'a list',
  text: 'a text',
  number: 'a number',
  boolean: 'true or false',
  nothing: 'nothing',
  unreadable: 'unreadable',
}

type Kind = Exclude<PolicyNode['kind'], 'unreadable'>

/** The node if it is of that kind; a node of another kind is reported. */
const expect = <Wanted extends Kind>(
  node: PolicyNode | undefined,
  kind: Wanted,
  report: Report,
): Extract<PolicyNode, { kind: Wanted }> | undefined => {
  if (node === undefined || node.kind === 'unreadable') return undefined
  if (node.kind === kind) return node as Extract<PolicyNode, { kind: Wanted }>
  report.error(node, 'wrong_type', `must be ${nouns[kind]}, not ${nouns[node.kind]}`)
  return undefined
}

/** A text of 1 to `most` characters. */
export const readText = (node: PolicyNode | undefined, most: number, report: Report): string | undefined => {
  const text = expect(node, 'text', report)
  if (text === undefined) return undefined
  if (text.value.trim() === '') report.error(text, 'empty_text', 'must not be empty')
  else if (text.value.length > most) report.error(text, 'too_long', `must have at most ${most} characters`)
  else return text.value
  return undefined
}

export const readWord = (
  node: PolicyNode | undefined,
  words: readonly string[],
  code: ErrorCode,
  report: Report,
): string | undefined => {
  const text = expect(node, 'text', report)
  if (text === undefined || words.includes(text.value)) return text?.value
  report.error(text, code, `${quote(text.value)} is not one of ${words.join(', ')}`)
  return undefined
}

/** Authored text inside a message: short, and with nothing in it that could end the line. */
export const quote = (text: string): string =>
  JSON.stringify(text.length > 64 ? `${text.slice(0, 64).toWellFormed()}…` : text)

const readInteger = (node: PolicyNode | undefined, bounds: Bounds, report: Report): number => {
  const number = expect(node, 'number', report)
  if (number === undefined) return bounds.otherwise
  const { least, most } = bounds
  if (Number.isFinite(number.value) && !Number.isInteger(number.value))
    report.error(number, 'wrong_type', 'must be a whole number')
  else if (number.value >= least && number.value <= most) return number.value
  else report.error(number, 'out_of_bounds', `must be between ${least} and ${most}`)
  return bounds.otherwise
}

const readList = (node: PolicyNode | undefined, most: number, report: Report): readonly PolicyNode[] | undefined => {
  const list = expect(node, 'list', report)
  if (list !== undefined && list.items.length > most)
    report.error(list, 'too_many_entries', `has ${list.items.length} entries, at most ${most} are allowed`)
  return list?.items
}

const mostTextCharacters = 1024

const readTexts = (items: readonly PolicyNode[], judge: TextJudge, report: Report): readonly string[] =>
  items.flatMap((item) => {
    const text = readText(item, mostTextCharacters, report)
    const verdict = text === undefined ? null : judge(text)
    if (verdict !== null) report.error(item, verdict.code, verdict.message)
    return text === undefined ? [] : [text]
  })

// A node is more than its place, and must not travel with it.
const placeOfNode = ({ path, line, column }: Place): Place => ({ path, line, column })

/** A form over a map; over anything else, which is reported, or over nothing, one without keys. */
export const openForm = (node: PolicyNode | undefined, parent: Place, report: Report): Form => {
  const map = expect(node, 'map', report)
  const entries = map?.entries ?? new Map<string, never>()
  const place = placeOfNode(node ?? parent)
  const asked = new Set<string>()
  const ask = (key: string): PolicyNode | undefined => {
    asked.add(key)
    return entries.get(key)?.value
  }
  const placeOf = (key: string): Place =>
    placeOfNode(entries.get(key)?.value ?? { ...place, path: pointer(place.path, key) })
  return {
    place,
    placeOf,
    has: (key) => entries.has(key),
    need: (key, code = 'missing_key') => {
      asked.add(key)
      if (map !== undefined && !entries.has(key)) report.error(placeOf(key), code, `"${key}" is missing`)
    },
    form: (key) => openForm(ask(key), placeOf(key), report),
    boolean: (key) => expect(ask(key), 'boolean', report)?.value,
    integers: <Table extends Readonly<Record<string, Bounds>>>(table: Table) =>
      Object.fromEntries(
        Object.entries(table).map(([key, bounds]) => [key, readInteger(ask(key), bounds, report)]),
      ) as Whole<Table>,
    text: (key, most) => readText(ask(key), most, report),
    word: (key, words, code) => readWord(ask(key), words, code, report),
    list: (key, most) => readList(ask(key), most, report),
    texts: (key, most, judge) => {
      const items = readList(ask(key), most, report)
      return items === undefined ? undefined : readTexts(items, judge, report)
    },
    forbid: (key, code, message) => {
      asked.add(key)
      const entry = entries.get(key)
      if (entry !== undefined) report.error(entry.key, code, message)
    },
    close: () => {
      const known = [...asked].join(', ')
      for (const [name, { key }] of entries)
        if (!asked.has(name)) report.error(key, 'unknown_key', `${quote(name)} is not a key here; known are ${known}`)
    },
  }
}
