// What can be written next in a policy document, from the lines before the cursor and the shape of a document; pure.
// Drawing the list of it is editor.tsx.
import { policySchema, type Shape } from './schema.ts'

export interface Offer {
  readonly word: string
  readonly says: string
  /** A key, after which a colon follows. */
  readonly isKey: boolean
}

export interface Offers {
  /** How many characters before the cursor the word replaces. */
  readonly typed: number
  readonly offers: readonly Offer[]
}

const lineForm = /^(\s*(?:-\s+)*)(?:"?([A-Za-z_][\w-]*)"?\s*:)?(.*)$/

interface Line {
  /** Where its key, or its value, begins; the dashes before it count as space. */
  readonly column: number
  readonly hasDash: boolean
  readonly key: string | undefined
  readonly rest: string
}

const lineOf = (text: string): Line => {
  const [, lead = '', key, rest = ''] = lineForm.exec(text) ?? []
  return { column: lead.length, hasDash: lead.includes('-'), key, rest }
}

const isEmpty = (text: string): boolean => /^\s*(#.*)?$/.test(text)

interface Around {
  readonly path: readonly string[]
  /** Keys that are in this map already, as far as they come before. */
  readonly siblings: ReadonlySet<string>
}

/** Which map the last line is in, by its indentation. */
const aroundOf = (before: readonly string[], current: Line): Around => {
  const path: string[] = []
  const siblings = new Set<string>()
  let { column } = current
  let isSameMap = !current.hasDash
  for (const text of before.toReversed()) {
    if (isEmpty(text)) continue
    const line = lineOf(text)
    if (line.column < column && line.key !== undefined) {
      path.unshift(line.key)
      column = line.column
      isSameMap = false
    } else if (line.column === column && isSameMap && line.key !== undefined) {
      siblings.add(line.key)
      if (line.hasDash) isSameMap = false
    }
  }
  return { path, siblings }
}

/** A list stands for what is in it: whoever writes there writes an item. */
const shapeAt = (path: readonly string[]): Shape | null => {
  let shape: Shape | undefined = policySchema
  for (const key of path) {
    if (shape?.kind === 'list') shape = shape.item
    shape = shape?.kind === 'map' ? shape.keys[key]?.shape : undefined
  }
  return shape === undefined ? null : shape.kind === 'list' ? shape.item : shape
}

const wordOffers = (shape: Shape | null): readonly Offer[] =>
  shape?.kind === 'words' ? shape.words.map((word) => ({ word, says: '', isKey: false })) : []

const keyOffers = (shape: Shape | null, siblings: ReadonlySet<string>): readonly Offer[] =>
  shape?.kind === 'map'
    ? Object.entries(shape.keys)
        .filter(([word]) => !siblings.has(word))
        .map(([word, { says }]) => ({ word, says, isKey: true }))
    : []

const wordEnd = /[\w./-]*$/

/** Null where nothing is known to follow. */
export const offersAt = (textBefore: string): Offers | null => {
  const lines = textBefore.split('\n')
  const last = lines.at(-1) ?? ''
  const line = lineOf(last)
  const { path, siblings } = aroundOf(lines.slice(0, -1), line)
  const typed = wordEnd.exec(last)?.[0] ?? ''
  const offers =
    line.key === undefined
      ? [...keyOffers(shapeAt(path), siblings), ...wordOffers(shapeAt(path))]
      : wordOffers(shapeAt([...path, line.key]))
  return offers.length === 0 || last.trimStart().startsWith('#') ? null : { typed: typed.length, offers }
}
