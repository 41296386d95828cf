// Where old ends in a table that grows at one end: found by halving, because no index orders it by time.
// Deleting what lies before is retention.ts.
import type { Storage } from '@muster/storage'
import { sql } from 'kysely'

export type Boundary = (table: string, key: string, beforeMs: number) => Promise<number>

/** The first key whose row was received at or after the moment; rows are numbered in the order of receipt. */
export const createBoundary =
  ({ db }: Pick<Storage, 'db'>): Boundary =>
  async (table, key, beforeMs) => {
    const [from, name] = [sql.table(table), sql.ref(key)]
    const ends = await sql<{ first: number | null; last: number | null }>`
      select min(${name}) as first, max(${name}) as last from ${from}`.execute(db)
    let low = Number(ends.rows[0]?.first ?? 0)
    let high = Number(ends.rows[0]?.last ?? -1) + 1
    while (low < high) {
      const middle = Math.floor((low + high) / 2)
      const { rows } = await sql<{ no: number; received_ms: number }>`select ${name} as no, received_ms
        from ${from} where ${name} >= ${middle} order by ${name} limit 1`.execute(db)
      const row = rows[0]
      if (row === undefined || row.received_ms >= beforeMs) high = middle
      else low = Number(row.no) + 1
    }
    return low
  }
