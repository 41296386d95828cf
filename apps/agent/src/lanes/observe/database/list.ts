// What the lists of this machine are narrowed to: a surface, and words (sensor-agent 10.2, 18).
// The lists are feed/store.ts and inventory/store.ts.
import type { Database } from './open.ts'
import type { Row } from './row.ts'

export interface Wanted {
  readonly surface?: string | undefined
  /** Each begins a word of a column, whatever its case. */
  readonly words?: readonly string[]
}

/** SQLite has lower case for these letters only. */
const lower = (word: string): string => word.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())

const patternOf = (word: string): string => `*[^a-z0-9]${lower(word).replaceAll(/[*?[]/g, '[$&]')}*`

export interface Source {
  readonly table: string
  /** In which words are looked for. */
  readonly columns: readonly string[]
  readonly order: string
}

const narrow = ({ table, columns }: Source, { surface, words = [] }: Wanted) => {
  const text = `lower(${columns.map((column) => `char(10) || coalesce(${column}, '')`).join(' || ')})`
  const conditions = [...(surface === undefined ? [] : ['surface = ?']), ...words.map(() => `${text} glob ?`)]
  return {
    from: `from ${table}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}`,
    said: [...(surface === undefined ? [] : [surface]), ...words.map(patternOf)],
  }
}

/** The first so many of those that are wanted. */
export const listed = (db: Database, source: Source, wanted: Wanted, limit: number): readonly Row[] => {
  const { from, said } = narrow(source, wanted)
  return db.prepare(`select * ${from} order by ${source.order} limit ?`).all(...said, limit)
}

/** How many are wanted. */
export const counted = (db: Database, source: Source, wanted: Wanted): number => {
  const { from, said } = narrow(source, wanted)
  return Number(db.prepare(`select count(*) as total ${from}`).get(...said)?.['total'])
}
