// Where a table's old rows end: the first that has to stay, found by halving and without an index on the time.
// Which rows go is retention.ts.
import type { Db } from '@muster/storage'
import { sql } from 'kysely'

export interface Timed {
  readonly table: string
  readonly key: string
  /** Grows with the key, but for rows that were told late: those say an earlier time than the rows before them. */
  readonly moment: string
}

/** Neighbours looked at together, so that a late row among them does not pass for old times. */
const neighbours = 64

interface Place {
  readonly no: number
  readonly latest_ms: number
}

/** The newest moment among the rows from `from` on, and the number of the last of them. */
const lookFrom = async (db: Db, { table, key, moment }: Timed, from: number): Promise<Place | undefined> => {
  const { rows } = await sql<{ no: number | null; latest_ms: number }>`
    select max(${sql.ref(key)}) as no, max(${sql.ref(moment)}) as latest_ms
    from (select ${sql.ref(key)}, ${sql.ref(moment)} from ${sql.table(table)} where ${sql.ref(key)} >= ${from}
      order by ${sql.ref(key)} limit ${neighbours}) as near`.execute(db)
  const [row] = rows
  return row === undefined || row.no === null ? undefined : { no: row.no, latest_ms: row.latest_ms }
}

/** The first row of those that is not older, or the last of them when there is none. */
const firstOf = async (db: Db, { table, key, moment }: Timed, from: number, beforeMs: number): Promise<number> => {
  const row = await db
    .selectFrom(table)
    .select(key)
    .where(key, '>=', from)
    .where(moment, '>=', beforeMs)
    .orderBy(key)
    .limit(1)
    .executeTakeFirst()
  return (row?.[key] as number | undefined) ?? Number.MAX_SAFE_INTEGER
}

/**
 * The number below which old rows lie: everything is old when none is kept. Halving takes some thirty short reads,
 * whatever the size of the table. Rows that were told late may be old and lie behind it; they stay until the rows before
 * them are old too: longer, never shorter.
 */
export const findFirstKept = async (db: Db, timed: Timed, beforeMs: number): Promise<number> => {
  const ends = await sql<{ first_no: number | null; last_no: number }>`select min(${sql.ref(timed.key)}) as first_no,
    max(${sql.ref(timed.key)}) as last_no from ${sql.table(timed.table)}`.execute(db)
  const [end] = ends.rows
  if (end === undefined || end.first_no === null) return Number.MAX_SAFE_INTEGER
  let low = end.first_no
  let high = end.last_no + 1
  while (high - low > neighbours) {
    const middle = low + Math.floor((high - low) / 2)
    const place = await lookFrom(db, timed, middle)
    if (place !== undefined && place.latest_ms < beforeMs) low = place.no + 1
    else high = middle
  }
  return firstOf(db, timed, low, beforeMs)
}
