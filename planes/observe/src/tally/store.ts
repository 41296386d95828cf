// The rows behind tallies: how many of each table are counted for each tenant, and up to which number of the table.
// Every change of a mark and of its counts is one transaction, so both stay true whatever is cut off.
import type { Db, Tx } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { addHours, type HourCount, hourOf } from '../activity/store.ts'

interface TallyTables {
  observe_tally: { kind: string; tenant_id: string; row_count: number }
  observe_tally_mark: {
    kind: string
    /** Rows with this number and below are counted. */
    through_no: number
    /** Grows when rows are deleted, so that what was counted meanwhile is counted again. */
    deletions: number
  }
}

/** What is tallied: the table, its key, and how many a row of it holds. */
export const TALLIES = {
  // A row is a pack of events.
  event: { table: 'observe_event_pack', key: 'pack_no', count: sql.ref<number>('event_count') },
  deadLetter: { table: 'observe_dead_letter', key: 'dead_letter_no', count: sql.lit(1) },
} as const

export type Tallied = keyof typeof TALLIES
export const TALLIED = Object.keys(TALLIES) as readonly Tallied[]

const withTallies = (db: Db): Kysely<TallyTables> => db

/** Rows counted by one statement: some ten milliseconds on the reader, since each page of packs holds three of them. */
const chunkRows = 5000
/** Rows looked at for one answer beyond those counted before. */
const tailRows = 250_000

export interface Chunk {
  readonly afterNo: number
  readonly throughNo: number
  readonly deletions: number
  readonly counts: readonly { readonly tenantId: string; readonly count: number }[]
  /** The same rows by the hour in which they were received. */
  readonly hours: readonly HourCount[]
  /** Whether there may be more behind it. */
  readonly isFull: boolean
}

const loadMark = (db: Db, kind: Tallied) =>
  withTallies(db)
    .selectFrom('observe_tally_mark')
    .select(['through_no', 'deletions'])
    .where('kind', '=', kind)
    .executeTakeFirstOrThrow()

interface HourRow {
  readonly tenant_id: string
  readonly hour_ms: number
  readonly count: number
  readonly last_no: number
  readonly chunk_count: number
}

const sumOf = (rows: readonly HourRow[]): number => rows.reduce((sum, { count }) => sum + count, 0)

/** The next rows in the order of their numbers, up to the first that came at `settledMs` or later. */
export const findChunk = async (db: Db, kind: Tallied, settledMs: number): Promise<Chunk> => {
  const { through_no: afterNo, deletions } = await loadMark(db, kind)
  const { table, key, count } = TALLIES[kind]
  const next = sql`select ${sql.ref(key)} as no, tenant_id, received_ms, ${count} as held from ${sql.table(table)}
    where ${sql.ref(key)} > ${afterNo} order by ${sql.ref(key)} limit ${chunkRows}`
  const { rows } = await sql<HourRow>`
    with next as (${next}),
    settled as (select * from next where no < coalesce((select min(no) from next where received_ms >= ${settledMs}),
      ${Number.MAX_SAFE_INTEGER}))
    select tenant_id, ${hourOf('received_ms')} as hour_ms, sum(held) as count, max(no) as last_no,
      (select count(*) from next) as chunk_count
    from settled group by tenant_id, ${hourOf('received_ms')}`.execute(db)
  const byTenant = Map.groupBy(rows, (row) => row.tenant_id)
  return {
    afterNo,
    deletions,
    throughNo: rows.reduce((highest, row) => Math.max(highest, row.last_no), afterNo),
    counts: [...byTenant].map(([tenantId, hours]) => ({ tenantId, count: sumOf(hours) })),
    hours: rows.map((row) => ({ tenantId: row.tenant_id, atMs: row.hour_ms, count: row.count })),
    isFull: rows[0]?.chunk_count === chunkRows,
  }
}

const addCounts = async (tx: Tx, kind: Tallied, counts: Chunk['counts']): Promise<void> => {
  for (const { tenantId, count } of counts)
    await withTallies(tx)
      .insertInto('observe_tally')
      .values({ kind, tenant_id: tenantId, row_count: count })
      .onConflict((conflict) =>
        conflict.columns(['kind', 'tenant_id']).doUpdateSet({ row_count: sql`observe_tally.row_count + ${count}` }),
      )
      .execute()
}

/** Takes the chunk in, unless somebody counted or deleted since it was found. */
export const advanceMark = async (tx: Tx, kind: Tallied, chunk: Chunk): Promise<void> => {
  const moved = await withTallies(tx)
    .updateTable('observe_tally_mark')
    .set({ through_no: chunk.throughNo })
    .where('kind', '=', kind)
    .where('through_no', '=', chunk.afterNo)
    .where('deletions', '=', chunk.deletions)
    .executeTakeFirst()
  if (Number(moved.numUpdatedRows) !== 1) return
  await addCounts(tx, kind, chunk.counts)
  if (kind === 'event') await addHours(tx, chunk.hours)
}

export interface Gone {
  readonly tenantId: string
  readonly no: number
  /** How many it held. */
  readonly count: number
}

/**
 * Takes rows off that were deleted in this transaction. Called before they go: it holds the mark still meanwhile. On
 * SQLite the numbers of the newest rows are given again once they are gone, so the mark never stands above what is left.
 */
export const holdMark = async (tx: Tx, kind: Tallied): Promise<(gone: readonly Gone[]) => Promise<void>> => {
  const { table, key } = TALLIES[kind]
  const marks = withTallies(tx).updateTable('observe_tally_mark').where('kind', '=', kind)
  const { through_no: throughNo } = await marks
    .set({ deletions: sql`deletions + 1` })
    .returning('through_no')
    .executeTakeFirstOrThrow()
  return async (gone) => {
    const counted = Map.groupBy(
      gone.filter(({ no }) => no <= throughNo),
      ({ tenantId }) => tenantId,
    )
    await addCounts(
      tx,
      kind,
      [...counted].map(([tenantId, rows]) => ({ tenantId, count: -rows.reduce((sum, { count }) => sum + count, 0) })),
    )
    const top = sql<number>`coalesce((select max(${sql.ref(key)}) from ${sql.table(table)}), 0)`
    await marks.set({ through_no: top }).where('through_no', '>', top).execute()
  }
}

export const loadTally = async (
  db: Db,
  tenantId: string,
  kind: Tallied,
): Promise<{ readonly count: number; readonly throughNo: number }> => {
  const row = await withTallies(db)
    .selectFrom('observe_tally_mark as mark')
    .leftJoin('observe_tally as tally', (join) =>
      join.onRef('tally.kind', '=', 'mark.kind').on('tally.tenant_id', '=', tenantId),
    )
    .select(['mark.through_no', 'tally.row_count'])
    .where('mark.kind', '=', kind)
    .executeTakeFirstOrThrow()
  return { count: row.row_count ?? 0, throughNo: row.through_no }
}

/** Rows above the mark that are the tenant's, and whether all of those rows could be looked at. */
export const countTail = async (
  db: Db,
  tenantId: string,
  kind: Tallied,
  throughNo: number,
): Promise<{ readonly count: number; readonly isWhole: boolean }> => {
  const { table, key, count } = TALLIES[kind]
  const { rows } = await sql<{ own_count: number | null; looked_count: number }>`
    select sum(case when tenant_id = ${tenantId} then held else 0 end) as own_count, count(*) as looked_count
    from (select tenant_id, ${count} as held from ${sql.table(table)} where ${sql.ref(key)} > ${throughNo}
      order by ${sql.ref(key)} limit ${tailRows}) as tail`.execute(db)
  return { count: rows[0]?.own_count ?? 0, isWhole: (rows[0]?.looked_count ?? 0) < tailRows }
}
