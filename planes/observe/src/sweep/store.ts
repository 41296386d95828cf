// The rows of a sweep: which names may have lost their last user, who still uses them, and letting go of the rest.
// In which order, and what memories have to know of it, is sweep.ts and inventory/names.ts.
import type { PayloadItem } from '@muster/contract'
import { bulkDelete, bulkInsert, type Db, engineOf, type Tx } from '@muster/storage'
import { type Kysely, sql } from 'kysely'
import { coordinatesOf } from '../coordinate/decide.ts'
import type { KindName } from '../inventory/name-store.ts'

interface SweepTables {
  /** With the sweep that was the last one when it was noted: only a later one may let it go. */
  observe_leaving_name: { kind: KindName; name_no: number; noted_sweep_no: number }
  observe_sweep: { sweep_no: number; under_way: number }
}

const withSweep = (db: Db): Kysely<SweepTables> => db

export interface LeavingName {
  readonly kind: KindName
  readonly no: number
}

const key = { kind: 'text', name_no: 'int' } as const
const insertLeaving = bulkInsert({
  into: 'observe_leaving_name',
  columns: { ...key, noted_sweep_no: 'int' },
  // Whoever found it used a moment ago must not take it off the list again.
  onConflict: { on: ['kind', 'name_no'], update: ['noted_sweep_no'] },
})
const deleteLeaving = bulkDelete({
  from: 'observe_leaving_name',
  where: key,
  cells: ({ kind, no }: LeavingName) => [kind, no],
})

/** The numbers a deleted row had; a content is null where the item was gone. */
export interface NamedRow {
  readonly path_no: number
  readonly label_no: number
  readonly content_no: number | null
}

/** Others may use them as well; whether they do is looked for later. */
export const noteLeaving = async (tx: Tx, rows: readonly NamedRow[]): Promise<void> => {
  const { sweepNo } = await holdNames(tx)
  const nosOf: Record<KindName, readonly (number | null)[]> = {
    path: rows.map((row) => row.path_no),
    label: rows.map((row) => row.label_no),
    content: rows.map((row) => row.content_no),
  }
  const noted = (Object.keys(nosOf) as KindName[]).flatMap((kind) =>
    [...new Set(nosOf[kind])].flatMap((no) => (no === null ? [] : [{ kind, name_no: no, noted_sweep_no: sweepNo }])),
  )
  await insertLeaving(tx, noted)
}

/** Contents that are in no row, as far as can be told from what leads to rows. */
export const noteContents = async (tx: Tx, contentNos: readonly number[]): Promise<void> => {
  const { sweepNo } = await holdNames(tx)
  const cells = contentNos.map((no) => ({ kind: 'content', name_no: no, noted_sweep_no: sweepNo }))
  await insertLeaving(tx, cells)
}

/** Names that were found used among the rows stay, unless somebody noted them again meanwhile. */
export const keepFound = async (tx: Tx, names: readonly LeavingName[], sweepNo: number): Promise<void> => {
  for (const [kind, found] of Map.groupBy(names, (name) => name.kind))
    await withSweep(tx)
      .deleteFrom('observe_leaving_name')
      .where('kind', '=', kind)
      .where(
        'name_no',
        'in',
        found.map(({ no }) => no),
      )
      .where('noted_sweep_no', '<', sweepNo)
      .execute()
}

/** They stay, because somebody uses them. */
export const keepNames = async (tx: Tx, names: readonly LeavingName[]): Promise<void> => {
  if (names.length > 0) await deleteLeaving(tx, names)
}

/** Sets these locks apart from any other that may be held. */
const namesLock = sql.lit(7322)

export interface SweepState {
  readonly sweepNo: number
  readonly isUnderWay: boolean
}

/**
 * For who is about to use names: no name goes until the transaction is over. SQLite has a single writer anyway; on
 * PostgreSQL the state is read once the lock is held, because a statement sees what was there when it began.
 */
export const holdNames = async (tx: Tx): Promise<SweepState> => {
  if (engineOf(tx) === 'postgres') await sql`select pg_advisory_xact_lock_shared(${namesLock})`.execute(tx)
  const row = await withSweep(tx)
    .selectFrom('observe_sweep')
    .select(['sweep_no', 'under_way'])
    .executeTakeFirstOrThrow()
  return { sweepNo: row.sweep_no, isUnderWay: row.under_way === 1 }
}

/** Nobody is using a name in a transaction of theirs while this one lasts. */
const holdNamesAlone = async (tx: Tx): Promise<void> => {
  if (engineOf(tx) === 'postgres') await sql`select pg_advisory_xact_lock(${namesLock})`.execute(tx)
}

export const isAnyLeaving = async (db: Db): Promise<boolean> => {
  const row = await withSweep(db).selectFrom('observe_leaving_name').select('kind').limit(1).executeTakeFirst()
  return row !== undefined
}

/** From here on nobody believes what they remembered of names. */
export const beginSweep = async (tx: Tx): Promise<number> => {
  await holdNamesAlone(tx)
  const row = await withSweep(tx)
    .updateTable('observe_sweep')
    .set((eb) => ({ sweep_no: eb('sweep_no', '+', 1), under_way: 1 }))
    .returning('sweep_no')
    .executeTakeFirstOrThrow()
  return row.sweep_no
}

/** A sweep that began later goes on. */
export const endSweep = async (tx: Tx, sweepNo: number): Promise<void> => {
  await withSweep(tx).updateTable('observe_sweep').set({ under_way: 0 }).where('sweep_no', '=', sweepNo).execute()
}

const usedIn = (table: string, from: number, to: number) => {
  const users = (kind: KindName) => sql`select leaving.kind, leaving.name_no as no from ${sql.table(table)} as held
    join observe_leaving_name as leaving on leaving.kind = ${kind} and leaving.name_no = ${sql.ref(`held.${kind}_no`)}
    where held.device_no >= ${from} and held.device_no < ${to}`
  return sql`${users('path')} union ${users('label')} union ${users('content')}`
}

/** Which of the names that may go are used by devices from one number to before another. */
export const findUsed = async (db: Db, from: number, to: number): Promise<readonly LeavingName[]> => {
  const { rows } = await sql<LeavingName>`${usedIn('observe_present', from, to)}
    union ${usedIn('observe_past', from, to)}`.execute(db)
  return rows
}

/** Of devices that have or had something. */
export const findLastDevice = async (db: Db): Promise<number> => {
  const { rows } = await sql<{ last_no: number | null }>`select max(device_no) as last_no from (
    select max(device_no) as device_no from observe_present union all
    select max(device_no) as device_no from observe_past) as held`.execute(db)
  return rows[0]?.last_no ?? 0
}

/**
 * Which of the next contents nobody seems to hold, and the last of those looked at; null at the end. Holdings are written
 * behind, so a new content may look unheld; the sweep that follows finds its row.
 */
export const findContents = async (
  db: Db,
  after: number,
  size: number,
): Promise<{ readonly unheld: readonly number[]; readonly lastNo: number | null }> => {
  const { rows } = await sql<{ no: number; held: number }>`select content_no as no, case
      when exists (select 1 from observe_holding as holding where holding.content_no = content.content_no) then 1
      when exists (select 1 from observe_past as past where past.content_no = content.content_no) then 1
      else 0 end as held
    from (select content_no from observe_content where content_no > ${after} order by content_no limit ${size})
      as content`.execute(db)
  const unheld = rows.filter(({ held }) => held === 0).map(({ no }) => no)
  return { unheld, lastNo: rows.length < size ? null : Math.max(...rows.map(({ no }) => no)) }
}

const tables: Record<KindName, string> = { path: 'observe_path', label: 'observe_label', content: 'observe_content' }

/** Contents are searched by their coordinates, which go with them. */
const deleteCoordinates = async (tx: Tx, contentNos: readonly number[]): Promise<void> => {
  const rows = await tx.selectFrom('observe_content').selectAll().where('content_no', 'in', contentNos).execute()
  for (const row of rows) {
    const item = { ...row, attributes: {}, path: '', itemId: '', installedOnRequest: null } as unknown as PayloadItem
    for (const { ecosystem, name } of coordinatesOf(item))
      await tx
        .deleteFrom('observe_coordinate')
        .where('tenant_id', '=', row['tenant_id'])
        .where('ecosystem', '=', ecosystem)
        .where('name', '=', name)
        .where('content_no', '=', row['content_no'])
        .execute()
  }
}

/** Deletes names that nobody was found to use, and says how many; none when another sweep took over and will do so. */
export const deleteUnused = async (tx: Tx, sweepNo: number, size: number): Promise<number> => {
  await holdNamesAlone(tx)
  const state = await withSweep(tx).selectFrom('observe_sweep').selectAll().executeTakeFirstOrThrow()
  if (state.sweep_no !== sweepNo) return 0
  const leaving = await withSweep(tx)
    .selectFrom('observe_leaving_name')
    .selectAll()
    .where('noted_sweep_no', '<', sweepNo)
    .limit(size)
    .execute()
  for (const [kind, rows] of Map.groupBy(leaving, (row) => row.kind)) {
    const nos = rows.map((row) => row.name_no)
    if (kind === 'content') await deleteCoordinates(tx, nos)
    await tx.deleteFrom(tables[kind]).where(`${kind}_no`, 'in', nos).execute()
  }
  await keepNames(
    tx,
    leaving.map((row) => ({ kind: row.kind, no: row.name_no })),
  )
  return leaving.length
}
