// Reads of exposure: coordinates by name, intervals by content, devices by surface.
// What they add up to is decided in decide.ts.
import type { Ecosystem } from '@muster/contract'
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongDevices } from '../among.ts'
import { isStillHeld } from '../holdings/store.ts'
import { withInventory } from '../tables.ts'
import type { Seen, Window } from './decide.ts'
import type { Subject } from './question.ts'

export interface CoordinateRow {
  readonly ecosystem: string
  readonly name: string
  readonly version: string
  readonly content_no: number
}

/** Whether one of these devices has or had the content; to who sees no other, the rest has no name. */
const isHeldBy = (db: Db, deviceNos: readonly number[]) => sql<boolean>`(
  exists (select 1 from observe_holding as holding where holding.content_no = observe_coordinate.content_no
    and ${amongDevices(db, 'holding.device_no', deviceNos)})
  or exists (select 1 from observe_past as past where past.tenant_id = observe_coordinate.tenant_id
    and past.content_no = observe_coordinate.content_no and ${amongDevices(db, 'past.device_no', deviceNos)}))`

export const findCoordinates = (
  db: Db,
  tenantId: string,
  subject: Subject,
  exact: readonly string[] | undefined,
  seenNos: readonly number[] | undefined,
): Promise<readonly CoordinateRow[]> => {
  let rows = withInventory(db)
    .selectFrom('observe_coordinate')
    .select(['ecosystem', 'name', 'version', 'content_no'])
    .where('tenant_id', '=', tenantId)
    .where('ecosystem', '=', subject.ecosystem)
    .where('name', 'in', subject.names)
  if (exact !== undefined) rows = rows.where('version', 'in', exact)
  if (seenNos !== undefined) rows = rows.where(isHeldBy(db, seenNos))
  return rows.execute()
}

/** Other names that begin so, when nobody has exactly this one. */
export const suggestNames = async (
  db: Db,
  tenantId: string,
  subjects: readonly Subject[],
  seenNos: readonly number[] | undefined,
): Promise<string[]> => {
  const found = await Promise.all(
    subjects.flatMap(({ ecosystem, names }) =>
      names.slice(0, 5).map((name) =>
        withInventory(db)
          .selectFrom('observe_coordinate')
          .select('name')
          .distinct()
          .where('tenant_id', '=', tenantId)
          .where('ecosystem', '=', ecosystem)
          .where('name', '>=', name)
          .where('name', '<', `${name}\u{10ffff}`)
          .$if(seenNos !== undefined, (query) => query.where(isHeldBy(db, seenNos ?? [])))
          .orderBy('name')
          .limit(10)
          .execute(),
      ),
    ),
  )
  return [...new Set(found.flat().map((row) => row.name))].slice(0, 10)
}

export interface Filter {
  readonly tenantId: string
  readonly contentNos: readonly number[]
  readonly window: Window | undefined
  readonly pathPrefix: string | undefined
  readonly surfaces: readonly string[] | undefined
  readonly state: 'any' | 'present' | 'removed'
  /** Undefined for the whole tenant. */
  readonly deviceNos: readonly number[] | undefined
}

const numbers = (list: readonly number[]) => sql.join(list.map((no) => sql.lit(no)))

/** `by`: the relation that leads from contents to devices. */
const places = (filter: Filter, by: 'holding' | 'held') => {
  const parts = [
    sql`held.tenant_id = ${filter.tenantId} and ${sql.ref(by)}.content_no in (${numbers(filter.contentNos)})`,
  ]
  if (filter.deviceNos !== undefined) parts.push(sql`${sql.ref(by)}.device_no in (${numbers(filter.deviceNos)})`)
  if (filter.surfaces !== undefined)
    parts.push(sql`held.content_no in (select content_no from observe_content where content_no = held.content_no
      and surface in (${sql.join(filter.surfaces)}))`)
  if (filter.pathPrefix !== undefined)
    parts.push(sql`held.path_no in (select path_no from observe_path where path_no = held.path_no
      and path >= ${filter.pathPrefix} and path < ${`${filter.pathPrefix}\u{10ffff}`})`)
  return sql.join(parts, sql` and `)
}

/** What is there now, found by content. */
const present = sql`observe_holding as holding join observe_present as held on ${isStillHeld}`

/**
 * Matching intervals, open and closed, as one relation; an open one has no end. Without a window the question is about
 * now, when only open ones are there; what was removed has no now, so that question is about ever.
 */
const matching = (filter: Filter) => {
  const { window, state } = filter
  const open = sql`select held.device_no, held.path_no, held.content_no, held.from_ms, held.from_order, held.from_baseline,
    held.confirmed_ms, cast(null as bigint) as to_ms, cast(null as bigint) as to_order, cast(null as bigint) as to_kind
    from ${present} where ${places(filter, 'holding')}
    ${window === undefined ? sql`` : sql`and held.from_ms <= ${window.toMs}`}`
  const closed = sql`select held.device_no, held.path_no, held.content_no, held.from_ms, held.from_order, held.from_baseline,
    held.confirmed_ms, held.to_ms, held.to_order, held.to_kind
    from observe_past as held where ${places(filter, 'held')}
    ${window === undefined ? sql`` : sql`and held.from_ms <= ${window.toMs} and held.to_ms >= ${window.fromMs}`}`
  if (state === 'removed') return closed
  return state === 'present' || window === undefined ? open : sql`${open} union all ${closed}`
}

export interface DeviceMatch {
  readonly device_no: number
  readonly open: number
  readonly first_ms: number
  readonly last_ms: number
}

/** One row for each device with a match. */
export const matchDevices = async (db: Db, filter: Filter): Promise<readonly DeviceMatch[]> => {
  const { rows } = await sql<DeviceMatch>`select device_no, max(case when to_ms is null then 1 else 0 end) as open,
    min(from_ms) as first_ms, max(coalesce(to_ms, confirmed_ms)) as last_ms
    from (${matching(filter)}) as matched group by device_no order by device_no`.execute(db)
  return rows
}

/** How many devices matched each content. */
export const countByContent = async (db: Db, filter: Filter): Promise<ReadonlyMap<number, number>> => {
  const { rows } = await sql<{ content_no: number; devices: number }>`select content_no,
    count(distinct device_no) as devices from (${matching(filter)}) as matched group by content_no`.execute(db)
  return new Map(rows.map((row) => [row.content_no, row.devices]))
}

export interface ContentMatch {
  readonly device_no: number
  readonly content_no: number
}

/** One row for each device and content that matched. */
export const matchContents = async (db: Db, filter: Filter): Promise<readonly ContentMatch[]> => {
  const { rows } = await sql<ContentMatch>`select distinct device_no, content_no
    from (${matching(filter)}) as matched`.execute(db)
  return rows
}

export interface IntervalRow {
  readonly device_no: number
  readonly path_no: number
  readonly content_no: number
  readonly from_ms: number
  readonly from_order: number
  readonly from_baseline: number
  readonly confirmed_ms: number
  readonly to_ms: number | null
  readonly to_order: number | null
  readonly to_kind: number | null
  readonly path: string
  readonly surface: string
  readonly kind: string
  readonly name: string
}

/** The intervals of one page's devices, newest first, at most so many. */
export const listIntervals = async (db: Db, filter: Filter, most: number): Promise<readonly IntervalRow[]> => {
  const { rows } = await sql<IntervalRow>`select matched.*, place.path, content.surface, content.kind, content.name
    from (${matching(filter)}) as matched
    join observe_path as place on place.path_no = matched.path_no
    join observe_content as content on content.content_no = matched.content_no
    order by matched.device_no, matched.from_ms desc limit ${most}`.execute(db)
  return rows
}

/** Which devices were seen on any of these surfaces, whether a first scan was among what they sent, and since when. */
export const loadSeen = async (
  db: Db,
  tenantId: string,
  surfaces: readonly string[],
): Promise<ReadonlyMap<number, Seen>> => {
  const rows = await withInventory(db)
    .selectFrom('observe_coverage')
    .select(({ fn }) => ['device_no', fn.max('baseline').as('baseline'), fn.min('first_collected_ms').as('since_ms')])
    .where('tenant_id', '=', tenantId)
    .where('surface', 'in', surfaces)
    .groupBy('device_no')
    .execute()
  return new Map(
    rows.map((row) => [
      row.device_no,
      { extent: row.baseline === 1 ? 'complete' : 'partial', sinceMs: row.since_ms } as const,
    ]),
  )
}

/**
 * Per device, path and raw name, when the last of its versions was confirmed: an older sibling may be stale
 * (sensor-protocol 16.2).
 */
export const loadSiblingConfirmations = async (
  db: Db,
  tenantId: string,
  rows: readonly CoordinateRow[],
  deviceNos: readonly number[],
): Promise<ReadonlyMap<string, number>> => {
  if (rows.length === 0 || deviceNos.length === 0) return new Map()
  const siblings = await withInventory(db)
    .selectFrom('observe_coordinate')
    .select('content_no')
    .where('tenant_id', '=', tenantId)
    .where('ecosystem', 'in', [...new Set(rows.map((row) => row.ecosystem))])
    .where('name', 'in', [...new Set(rows.map((row) => row.name))])
    .execute()
  const found = await sql<{ device_no: number; path_no: number; name: string; newest_ms: number }>`select
    held.device_no, held.path_no, content.name, max(held.confirmed_ms) as newest_ms
    from ${present} join observe_content as content on content.content_no = holding.content_no
    where held.tenant_id = ${tenantId} and holding.content_no in (${numbers(siblings.map((row) => row.content_no))})
    and holding.device_no in (${numbers(deviceNos)}) group by held.device_no, held.path_no, content.name`.execute(db)
  return new Map(found.rows.map((row) => [siblingKey(row), row.newest_ms]))
}

export const siblingKey = (row: Pick<IntervalRow, 'device_no' | 'path_no' | 'name'>): string =>
  `${row.device_no} ${row.path_no} ${row.name}`

export const ecosystemOf = (row: CoordinateRow): Ecosystem => row.ecosystem as Ecosystem
