// What the last days changed: intervals that began or ended since, page by page, and the findings of that time.
// What rules make of them is decided in decide-recent.ts.
import type { Db } from '@muster/storage'
import { sql } from 'kysely'
import { amongListed } from '../../among.ts'
import { TO_KINDS } from '../../inventory/decide.ts'
import type { Place } from '../../inventory/store.ts'
import { withInventory } from '../../tables.ts'
import type { StoredContent } from './decide.ts'
import type { Change } from './decide-recent.ts'
import { contentColumns, toContent } from './store.ts'

/** Of one tenant. */
export interface Since {
  readonly tenantId: string
  readonly sinceMs: number
}

/** So few that a statement, and what it answers, hold up nobody. */
const rowsPerPage = 5000
/** What is there is read device by device; so many of them at a time have some ten thousand items. */
const devicesPerRead = 32

const [removed, replaced] = [TO_KINDS.indexOf('removed'), TO_KINDS.indexOf('replaced')]

interface Row {
  readonly device_no: number
  readonly path_no: number
  readonly label_no: number
  readonly content_no: number
  readonly is_modified: number
}

const isModified = sql`case when exists (select 1 from observe_past as former where former.device_no = held.device_no
  and former.path_no = held.path_no and former.label_no = held.label_no and former.to_order = held.from_order
  and former.to_kind = ${sql.lit(replaced)}) then 1 else 0 end as is_modified`

const placeOf = ({ device_no, path_no, label_no, content_no }: Row) => ({
  deviceNo: device_no,
  pathNo: path_no,
  labelNo: label_no,
  contentNo: content_no,
})

const beganOf = (row: Row): 'added' | 'modified' => (row.is_modified === 1 ? 'modified' : 'added')

/** What arrived since and is still there, on these devices; their numbers in ascending order. */
export async function* loadArrivals(
  db: Db,
  { tenantId, sinceMs }: Since,
  deviceNos: readonly number[],
): AsyncGenerator<readonly Change[]> {
  for (let at = 0; at < deviceNos.length; at += devicesPerRead) {
    const lastNo = deviceNos[Math.min(at + devicesPerRead, deviceNos.length) - 1] ?? 0
    let after: Pick<Row, 'device_no' | 'path_no' | 'label_no'> = {
      device_no: deviceNos[at] ?? 0,
      path_no: 0,
      label_no: 0,
    }
    for (;;) {
      const { rows } = await sql<Row>`select held.device_no, held.path_no, held.label_no, held.content_no, ${isModified}
        from observe_present as held where held.tenant_id = ${tenantId}
        and (held.device_no, held.path_no, held.label_no) > (${after.device_no}, ${after.path_no}, ${after.label_no})
        and held.device_no <= ${lastNo} and held.from_ms >= ${sinceMs} and held.from_baseline = 0
        and held.content_no is not null
        order by held.device_no, held.path_no, held.label_no limit ${rowsPerPage}`.execute(db)
      yield rows.map((row) => ({ ...placeOf(row), began: beganOf(row), removed: false }))
      const last = rows.at(-1)
      if (last === undefined || rows.length < rowsPerPage) break
      after = last
    }
  }
}

interface EndedRow extends Row {
  readonly past_no: number
  readonly to_ms: number
  readonly from_ms: number
  readonly from_baseline: number
  readonly to_kind: number
}

/** What went since, of the whole tenant; some of it had come since as well. */
export async function* loadDepartures(db: Db, { tenantId, sinceMs }: Since): AsyncGenerator<readonly Change[]> {
  let after: Pick<EndedRow, 'to_ms' | 'past_no'> = { to_ms: sinceMs, past_no: 0 }
  for (;;) {
    const { rows } =
      await sql<EndedRow>`select held.past_no, held.to_ms, held.from_ms, held.from_baseline, held.to_kind,
      held.device_no, held.path_no, held.label_no, held.content_no, ${isModified}
      from observe_past as held where held.tenant_id = ${tenantId}
      and (held.to_ms, held.past_no) > (${after.to_ms}, ${after.past_no})
      order by held.to_ms, held.past_no limit ${rowsPerPage}`.execute(db)
    yield rows.map((row) => ({
      ...placeOf(row),
      began: row.from_ms >= sinceMs && row.from_baseline === 0 ? beganOf(row) : null,
      removed: row.to_kind === removed,
    }))
    const last = rows.at(-1)
    if (last === undefined || rows.length < rowsPerPage) return
    after = last
  }
}

/** By number. */
export const loadContentsOf = async (
  db: Db,
  contentNos: readonly number[],
): Promise<ReadonlyMap<number, StoredContent>> => {
  if (contentNos.length === 0) return new Map()
  const rows = await withInventory(db)
    .selectFrom('observe_content')
    .select(contentColumns)
    .where(amongListed(db, 'content_no', contentNos))
    .execute()
  return new Map(rows.map((row) => [row.content_no, toContent(row)]))
}

const findingsPerPage = 500

export interface FindingRow {
  readonly finding_no: number
  readonly finding_id: string
  readonly device_no: number
  readonly surface: string
  readonly item_id: string
  readonly rule_id: string
  /** JSON object. */
  readonly evidence: string
  readonly last_observed_ms: number
}

/** Findings that were made, or made again, since; newest first. */
export async function* loadMade(db: Db, { tenantId, sinceMs }: Since): AsyncGenerator<readonly FindingRow[]> {
  let after: Pick<FindingRow, 'last_observed_ms' | 'finding_no'> | undefined
  for (;;) {
    const before = after
    const rows: readonly FindingRow[] = await withInventory(db)
      .selectFrom('observe_finding')
      .select([
        'finding_no',
        'finding_id',
        'device_no',
        'surface',
        'item_id',
        'rule_id',
        'evidence',
        'last_observed_ms',
      ])
      .where('tenant_id', '=', tenantId)
      .where('last_observed_ms', '>=', sinceMs)
      .$if(before !== undefined, (query) =>
        query.where(({ eb, refTuple, tuple }) =>
          eb(
            refTuple('last_observed_ms', 'finding_no'),
            '<',
            tuple(before?.last_observed_ms ?? 0, before?.finding_no ?? 0),
          ),
        ),
      )
      .orderBy('last_observed_ms', 'desc')
      .orderBy('finding_no', 'desc')
      .limit(findingsPerPage)
      .execute()
    yield rows
    after = rows.at(-1)
    if (rows.length < findingsPerPage) return
  }
}

/** In the order of the places: the contents each has, or had since. */
export const loadContentNos = async (
  db: Db,
  { sinceMs }: Since,
  places: readonly Place[],
): Promise<readonly ReadonlySet<number>[]> => {
  if (places.length === 0) return []
  const asked = sql.join(
    places.map(
      ({ deviceNo, pathNo, labelNo }, at) =>
        sql`(${sql.join([at, deviceNo, pathNo, labelNo].map((no) => sql.lit(no)))})`,
    ),
  )
  const { rows } = await sql<{
    place: number
    content_no: number
  }>`with asked as (select * from (values ${asked}) as listed)
    select asked.column1 as place, held.content_no from asked join observe_present as held
      on held.device_no = asked.column2 and held.path_no = asked.column3 and held.label_no = asked.column4
      where held.content_no is not null
    union select asked.column1 as place, held.content_no from asked join observe_past as held
      on held.device_no = asked.column2 and held.path_no = asked.column3 and held.label_no = asked.column4
      where held.to_ms >= ${sinceMs}`.execute(db)
  const byPlace = Map.groupBy(rows, ({ place }) => place)
  return places.map((_, at) => new Set(byPlace.get(at)?.map(({ content_no }) => content_no)))
}
