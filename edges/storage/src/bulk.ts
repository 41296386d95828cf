// Statements for thousands of rows without a query builder in the loop: define once, call with plain row objects.
// Single statements are better written with Kysely; how a plan runs is each engine's own business.
import type { CompiledQuery, Kysely } from 'kysely'
import {
  type BulkPlan,
  type Columns,
  type ColumnType,
  type OnConflict,
  planDelete,
  planFind,
  planInsert,
  planUpdate,
} from './bulk-plan.ts'
import type { Cell, Row, Tuple } from './session.ts'

interface CellOf {
  int: number
  real: number
  text: string
  bytes: Uint8Array
}

type Held<T> = T extends `${infer Base extends ColumnType}?`
  ? CellOf[Base] | null
  : T extends ColumnType
    ? CellOf[T]
    : never

/** The row type of a column list; extra properties of a row object are ignored at run time. */
export type RowOf<C extends Columns> = { -readonly [Name in keyof C]: Held<C[Name]> }

type Keys = Readonly<Record<string, ColumnType>>

type Db = Kysely<any>

/** What a bulk call hands to the driver through Kysely's own door, so that it takes part in the transaction. */
export interface BulkQuery extends CompiledQuery {
  readonly bulk: { readonly plan: BulkPlan; readonly tuples: readonly Tuple[] }
}

export const isBulkQuery = (query: CompiledQuery): query is BulkQuery => 'bulk' in query

const nextQueryId = { queryId: 'bulk' } as const

// SQLite would take undefined for null.
const toTuple = (names: readonly string[], row: Readonly<Record<string, Cell | undefined>>): Tuple => {
  const tuple: Cell[] = []
  for (const name of names) {
    const value = row[name]
    if (value === undefined) throw new TypeError(`column ${name} of a bulk row is undefined`)
    tuple.push(value)
  }
  return tuple
}

const toTuples = (plan: BulkPlan, rows: readonly object[]): readonly Tuple[] =>
  rows.map((row) => toTuple(plan.names, row as Record<string, Cell | undefined>))

const execute = async (db: Db, plan: BulkPlan, tuples: readonly Tuple[]) => {
  const query = {
    query: { kind: 'RawNode', sqlFragments: [], parameters: [] },
    queryId: nextQueryId,
    sql: plan.kind,
    parameters: [],
    bulk: { plan, tuples },
  } as unknown as BulkQuery
  return db.executeQuery<Row | undefined>(query)
}

const changesOf = async (db: Db, plan: BulkPlan, tuples: readonly Tuple[]): Promise<number> =>
  tuples.length === 0 ? 0 : Number((await execute(db, plan, tuples)).numAffectedRows ?? 0)

const countOf = (db: Db, plan: BulkPlan, rows: readonly object[]): Promise<number> =>
  changesOf(db, plan, toTuples(plan, rows))

export interface BulkInsert<C extends Columns> {
  readonly into: string
  readonly columns: C
  readonly onConflict?: OnConflict<Extract<keyof C, string>>
}

/** Returns a door that inserts rows and answers how many were written; with `ignore`, rows already there do not count. */
export const bulkInsert = <const C extends Columns>(definition: BulkInsert<C>) => {
  const plan = planInsert(definition.into, definition.columns, definition.onConflict)
  return (tx: Db, rows: readonly RowOf<C>[]): Promise<number> => countOf(tx, plan, rows)
}

export interface BulkInsertOf<C extends Columns, Item> extends BulkInsert<C> {
  /** The cells of an item's row, in the order of `columns`. */
  readonly cells: (item: Item) => Tuple
}

/** The same for the few tables whose rows are so many that an object for each is felt: items become cells at once. */
export const bulkInsertOf = <const C extends Columns, Item>(definition: BulkInsertOf<C, Item>) => {
  const plan = planInsert(definition.into, definition.columns, definition.onConflict)
  const { cells } = definition
  return (tx: Db, items: readonly Item[]): Promise<number> => changesOf(tx, plan, items.map(cells))
}

export interface BulkFind<S extends Columns, W extends Keys> {
  readonly from: string
  readonly select: S
  readonly where: W
}

/** Returns a door that answers, for each key in order, its row or undefined. The key should be unique in the table. */
export const bulkFind = <const S extends Columns, const W extends Keys>(definition: BulkFind<S, W>) => {
  const plan = planFind(definition.from, definition.select, definition.where)
  return async (db: Db, keys: readonly RowOf<W>[]): Promise<readonly (RowOf<S> | undefined)[]> =>
    keys.length === 0
      ? []
      : ((await execute(db, plan, toTuples(plan, keys))).rows as unknown as (RowOf<S> | undefined)[])
}

export interface BulkFindOf<S extends Columns, W extends Keys, Item> extends BulkFind<S, W> {
  /** The cells of an item's key, in the order of `where`. */
  readonly cells: (item: Item) => Tuple
}

/** The same for keys that are so many that an object for each is felt. */
export const bulkFindOf = <const S extends Columns, const W extends Keys, Item>(definition: BulkFindOf<S, W, Item>) => {
  const plan = planFind(definition.from, definition.select, definition.where)
  const { cells } = definition
  return async (db: Db, items: readonly Item[]): Promise<readonly (RowOf<S> | undefined)[]> =>
    items.length === 0 ? [] : ((await execute(db, plan, items.map(cells))).rows as unknown as (RowOf<S> | undefined)[])
}

export interface BulkUpdate<S extends Columns, W extends Keys> {
  readonly table: string
  readonly set: S
  readonly where: W
}

/** Returns a door that updates one row per key; of rows with the same key the last one counts. Answers rows changed. */
export const bulkUpdate = <const S extends Columns, const W extends Keys>(definition: BulkUpdate<S, W>) => {
  const plan = planUpdate(definition.table, definition.set, definition.where)
  return (tx: Db, rows: readonly (RowOf<S> & RowOf<W>)[]): Promise<number> => countOf(tx, plan, rows)
}

export interface BulkDelete<W extends Keys> {
  readonly from: string
  readonly where: W
}

/** Returns a door that deletes the rows of these keys and answers how many there were. */
export const bulkDelete = <const W extends Keys>(definition: BulkDelete<W>) => {
  const plan = planDelete(definition.from, definition.where)
  return (tx: Db, keys: readonly RowOf<W>[]): Promise<number> => countOf(tx, plan, keys)
}

export interface BulkDeleteOf<W extends Keys, Item> extends BulkDelete<W> {
  /** The cells of an item's key, in the order of `where`. */
  readonly cells: (item: Item) => Tuple
}

/** The same for keys that are so many that an object for each is felt. */
export const bulkDeleteOf = <const W extends Keys, Item>(definition: BulkDeleteOf<W, Item>) => {
  const plan = planDelete(definition.from, definition.where)
  const { cells } = definition
  return (tx: Db, items: readonly Item[]): Promise<number> => changesOf(tx, plan, items.map(cells))
}
