// The rows of holdings: the index from contents to the devices that hold them, and the changes not yet in it.
// What changes come to is decided in decide.ts.
import { bulkDelete, bulkInsert, type Db, type Tx } from '@muster/storage'
import { sql } from 'kysely'
import { withInventory } from '../tables.ts'
import { type HoldingChange, type PackedChanges, packChanges } from './decide.ts'

const holding = { content_no: 'int', device_no: 'int', path_no: 'int', label_no: 'int' } as const

/** Between a `holding` and the `held` it leads to; one that is no longer true leads to nothing. */
export const isStillHeld = sql<boolean>`held.device_no = holding.device_no and held.path_no = holding.path_no
  and held.label_no = holding.label_no and held.content_no = holding.content_no`

/** One change of many: all their numbers, and where this one's begin. */
interface ChangeAt {
  readonly cells: PackedChanges
  readonly start: number
}

const toCells = ({ cells, start }: ChangeAt) => [
  Math.abs(cells[start] as number),
  cells[start + 1] as number,
  cells[start + 2] as number,
  cells[start + 3] as number,
]

const insertHoldings = bulkInsert({ into: 'observe_holding', columns: holding, onConflict: 'ignore', cells: toCells })

const deleteHoldings = bulkDelete({ from: 'observe_holding', where: holding, cells: toCells })

/** One row for all of a transaction's changes: they are read again once, all together. */
export const storeChanges = async (tx: Tx, changes: readonly HoldingChange[]): Promise<void> => {
  if (changes.length === 0) return
  const packed = new Uint8Array(packChanges(changes).buffer)
  await withInventory(tx).insertInto('observe_holding_change').values({ changes: packed }).execute()
}

export interface LoadedChanges {
  /** In the order they happened. */
  readonly cells: PackedChanges
  /** The last row they come from; undefined when there are none. */
  readonly throughNo: number | undefined
  readonly isAll: boolean
}

/** Each is of one transaction. */
const mostRows = 1000

/** The oldest changes that are not in the index yet. */
export const loadChanges = async (db: Db): Promise<LoadedChanges> => {
  const rows = await withInventory(db)
    .selectFrom('observe_holding_change')
    .selectAll()
    .orderBy('change_no')
    .limit(mostRows)
    .execute()
  const bytes = new Uint8Array(rows.reduce((sum, { changes }) => sum + changes.length, 0))
  let at = 0
  for (const { changes } of rows) {
    bytes.set(changes, at)
    at += changes.length
  }
  return { cells: new Float64Array(bytes.buffer), throughNo: rows.at(-1)?.change_no, isAll: rows.length < mostRows }
}

/** Applies the changes that begin there; what was applied before does no harm. */
export const applyChanges = async (tx: Tx, cells: PackedChanges, starts: readonly number[]): Promise<void> => {
  const changes = starts.map((start): ChangeAt => ({ cells, start }))
  await deleteHoldings(
    tx,
    changes.filter(({ start }) => (cells[start] as number) < 0),
  )
  await insertHoldings(
    tx,
    changes.filter(({ start }) => (cells[start] as number) > 0),
  )
}

export const dropChanges = async (tx: Tx, throughNo: number): Promise<void> => {
  await withInventory(tx).deleteFrom('observe_holding_change').where('change_no', '<=', throughNo).execute()
}
