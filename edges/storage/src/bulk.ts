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

/** How the items a door is called with become tuples; plain row objects unless the definition says otherwise. */
interface FromItems<Item> {
  /**
   * The cells of an item, in the order of the columns it is bound by: for the few tables whose rows are so many that an
   * object for each is felt.
   */
  readonly cells?: (item: Item) => Tuple
}

const tupler = <Item>(plan: BulkPlan, { cells }: FromItems<Item>): ((item: Item) => Tuple) =>
  cells ?? ((row) => toTuple(plan.names, row as Readonly<Record<string, Cell | undefined>>))

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

/** A door that changes rows and answers how many. */
const changing = <Item>(plan: BulkPlan, from: FromItems<Item>) => {
  const toItemTuple = tupler(plan, from)
  return async (tx: Db, items: readonly Item[]): Promise<number> =>
    items.length === 0 ? 0 : Number((await execute(tx, plan, items.map(toItemTuple))).numAffectedRows ?? 0)
}

export interface BulkInsert<C extends Columns, Item = RowOf<C>> extends FromItems<Item> {
  readonly into: string
  readonly columns: C
  readonly onConflict?: OnConflict<Extract<keyof C, string>>
  /** For rows that come in the order of their key: the columns in which one is mostly like the next. */
  readonly neighbours?: readonly Extract<keyof C, string>[]
}

/** Returns a door that inserts rows and answers how many were written; with `ignore`, rows already there do not count. */
export const bulkInsert = <const C extends Columns, Item = RowOf<C>>(definition: BulkInsert<C, Item>) =>
  changing(planInsert(definition.into, definition.columns, definition.onConflict, definition.neighbours), definition)

export interface BulkFind<S extends Columns, W extends Keys, Item = RowOf<W>> extends FromItems<Item> {
  readonly from: string
  readonly select: S
  readonly where: W
}

/** Returns a door that answers, for each key in order, its row or undefined. The key should be unique in the table. */
export const bulkFind = <const S extends Columns, const W extends Keys, Item = RowOf<W>>(
  definition: BulkFind<S, W, Item>,
) => {
  const plan = planFind(definition.from, definition.select, definition.where)
  const toItemTuple = tupler(plan, definition)
  return async (db: Db, items: readonly Item[]): Promise<readonly (RowOf<S> | undefined)[]> =>
    items.length === 0
      ? []
      : ((await execute(db, plan, items.map(toItemTuple))).rows as unknown as (RowOf<S> | undefined)[])
}

export interface BulkUpdate<S extends Columns, W extends Keys> {
  readonly table: string
  readonly set: S
  readonly where: W
}

/** Returns a door that updates one row per key; of rows with the same key the last one counts. Answers rows changed. */
export const bulkUpdate = <const S extends Columns, const W extends Keys>(definition: BulkUpdate<S, W>) =>
  changing<RowOf<S> & RowOf<W>>(planUpdate(definition.table, definition.set, definition.where), {})

export interface BulkDelete<W extends Keys, Item = RowOf<W>> extends FromItems<Item> {
  readonly from: string
  readonly where: W
}

/** Returns a door that deletes the rows of these keys and answers how many there were. */
export const bulkDelete = <const W extends Keys, Item = RowOf<W>>(definition: BulkDelete<W, Item>) =>
  changing(planDelete(definition.from, definition.where), definition)
