// Reads of presence for one device: what is there now, or was at a moment.
// Who may ask, and how rows become items, is inventory.ts.
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { withInventory } from '../tables.ts'

export interface ListedRow {
  readonly path_no: number
  readonly label_no: number
  readonly content_no: number
  readonly from_ms: number
  readonly first_ms: number
  readonly confirmed_ms: number
  readonly open: number
  readonly path: string
  readonly label: string
  readonly surface: string
  readonly kind: string
  readonly name: string
  readonly version: string | null
  readonly origin: string | null
  readonly detail: string | null
  readonly installed_on_request: number | null
  readonly attributes: string
}

export interface ListingQuery {
  /** The device's own number, then those of the devices merged into it. */
  readonly historyNos: readonly number[]
  /** Null for now. */
  readonly asOfMs: number | null
  readonly after: readonly [pathNo: number, labelNo: number] | undefined
  readonly limit: number
  readonly surface?: string | undefined
  readonly kind?: string | undefined
  readonly name?: string | undefined
}

const nowOf = (db: Db, deviceNo: number) =>
  withInventory(db)
    .selectFrom('observe_present')
    .select(['path_no', 'label_no', 'content_no', 'from_ms', 'from_order', 'confirmed_ms', sql<number>`1`.as('open')])
    .where('device_no', '=', deviceNo)
    .where('content_no', 'is not', null)

/**
 * Intervals of the device that held at the moment, as one relation. What is there now, the device itself knows; what was
 * there once, a device that was merged into it may have known.
 */
const standing = (db: Db, { historyNos, asOfMs }: ListingQuery) => {
  const tables = withInventory(db)
  const [deviceNo = 0] = historyNos
  const now = nowOf(db, deviceNo)
  if (asOfMs === null) return now
  const then = tables
    .selectFrom('observe_past')
    .select(['path_no', 'label_no', 'content_no', 'from_ms', 'from_order', 'confirmed_ms', sql<number>`0`.as('open')])
    .where('device_no', 'in', historyNos)
    .where('from_ms', '<=', asOfMs)
    .where('to_ms', '>', asOfMs)
  const stood = now.where('from_ms', '<=', asOfMs).unionAll(then)
  return historyNos.length === 1 ? stood : newestOfEach(db, stood)
}

type Standing = ReturnType<typeof nowOf>

/** Two lives may have known an item at the same moment; the later one counts. */
const newestOfEach = (db: Db, stood: Standing): Standing => {
  const ranked = withInventory(db)
    .selectFrom(stood.as('stood'))
    .selectAll()
    .select(
      sql<number>`row_number() over (partition by path_no, label_no order by from_ms desc, from_order desc)`.as(
        'place',
      ),
    )
  return withInventory(db)
    .selectFrom(ranked.as('ranked'))
    .select(['path_no', 'label_no', 'content_no', 'from_ms', 'from_order', 'confirmed_ms', 'open'])
    .where('place', '=', 1) as unknown as Standing
}

/** One row more than the limit when there is more, ordered by path and label number. */
export const listStanding = async (db: Db, query: ListingQuery): Promise<readonly ListedRow[]> => {
  const { historyNos, after, limit, surface, kind, name } = query
  let rows = withInventory(db)
    .selectFrom(standing(db, query).as('held'))
    .innerJoin('observe_content as content', 'content.content_no', 'held.content_no')
    .innerJoin('observe_path as place', 'place.path_no', 'held.path_no')
    .innerJoin('observe_label as label', 'label.label_no', 'held.label_no')
    .select([
      'held.path_no',
      'held.label_no',
      'content.content_no',
      'held.from_ms',
      'held.confirmed_ms',
      'held.open',
      'place.path',
      'label.label',
      'content.surface',
      'content.kind',
      'content.name',
      'content.version',
      'content.origin',
      'content.detail',
      'content.installed_on_request',
      'content.attributes',
      sql<number>`coalesce((select min(past.from_ms) from observe_past as past where past.device_no in (${sql.join(historyNos)})
        and past.path_no = held.path_no and past.label_no = held.label_no and past.from_ms < held.from_ms),
        held.from_ms)`.as('first_ms'),
    ])
    .orderBy('held.path_no')
    .orderBy('held.label_no')
    .limit(limit + 1)
  if (after !== undefined)
    rows = rows.where(({ eb, refTuple, tuple }) =>
      eb(refTuple('held.path_no', 'held.label_no'), '>', tuple(after[0], after[1])),
    )
  if (surface !== undefined) rows = rows.where('content.surface', '=', surface)
  if (kind !== undefined) rows = rows.where('content.kind', '=', kind)
  if (name !== undefined) rows = rows.where('content.name', '=', name)
  return rows.execute()
}

/** Per path and name, when the last of its versions was confirmed: older siblings may be stale (sensor-protocol 16.2). */
export const newestConfirmations = async (
  db: Db,
  deviceNo: number,
  pathNos: readonly number[],
  names: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (pathNos.length === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_present as held')
    .innerJoin('observe_content as content', 'content.content_no', 'held.content_no')
    .select(({ fn }) => ['held.path_no', 'content.name', fn.max('held.confirmed_ms').as('newest_ms')])
    .where('held.device_no', '=', deviceNo)
    .where('held.path_no', 'in', pathNos)
    .where('content.name', 'in', names)
    .groupBy(['held.path_no', 'content.name'])
    .execute()
  return new Map(rows.map((row) => [siblingKey(row.path_no, row.name), row.newest_ms]))
}

export const siblingKey = (pathNo: number, name: string): string => `${pathNo} ${name}`
