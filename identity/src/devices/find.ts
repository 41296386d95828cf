// One page of devices: whose filter, whose order, where it goes on; another room may say which of the rows it keeps.
// The statement is list.ts, the orders are order.ts.
import { type Clock, cutPage, ok, type Page, type Result, readPage, refuse } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Bounds } from '../bounds.ts'
import type { Settings } from '../settings/settings.ts'
import type { IdentityTables } from '../tables.ts'
import type { Contacts } from './contacts.ts'
import { type DeviceQuery, type ListedRow, listDeviceRows } from './list.ts'
import { type DevicePosition, type Ordering, type Stretch, stretchesOf } from './order.ts'

/** Of these devices, those to keep: how another room takes part in a filter without sharing tables. */
export type Narrow = (deviceNos: readonly number[]) => Promise<ReadonlySet<number>>

export interface FindNeeds {
  readonly db: Kysely<IdentityTables>
  readonly contacts: Pick<Contacts, 'flushAll'>
  readonly settings: Pick<Settings, 'livenessOf'>
  readonly clock: Clock
}

export interface FoundPage {
  readonly rows: readonly ListedRow[]
  readonly nextCursor: string | null
}

export type Find = (
  bounds: Bounds,
  query: DeviceQuery,
  narrow?: Narrow,
) => Promise<Result<FoundPage, 'request_malformed'>>

/** Rows looked at for one page of a narrowed list; a rare property ends a page early rather than the server. */
const maxLooked = 20_000
const lookedAtOnce = 1000

/** One row more than the page holds, from wherever the page begins. */
type List = (page: Page<DevicePosition>) => Promise<readonly ListedRow[]>

const positionOf =
  ({ label }: Ordering) =>
  (row: ListedRow): DevicePosition => [label, row.sort_value, row.device_no]

const collect = async (list: List, ordering: Ordering, page: Page<DevicePosition>, narrow: Narrow) => {
  const kept: ListedRow[] = []
  let { after } = page
  for (let looked = 0; looked < maxLooked && kept.length <= page.limit; looked += lookedAtOnce) {
    const rows = await list({ limit: lookedAtOnce - 1, after })
    const wanted = await narrow(rows.map((row) => row.device_no))
    kept.push(...rows.filter((row) => wanted.has(row.device_no)))
    const last = rows.at(-1)
    if (last === undefined || rows.length < lookedAtOnce) return { rows: kept, continueAt: undefined }
    after = positionOf(ordering)(last)
  }
  return { rows: kept, continueAt: after }
}

/** Whether when devices were heard decides what is found. */
const isByMoment =
  ({ liveness, goneDark }: DeviceQuery) =>
  ({ ordering, coverage }: Stretch): boolean =>
    liveness !== undefined || goneDark !== undefined || coverage !== undefined || ordering.isByContact

/** The rows of a page, and the place that goes on after each; from as many stretches of the list as it takes. */
const readStretches = async (
  stretches: readonly Stretch[],
  page: Page<DevicePosition>,
  list: (stretch: Stretch) => List,
  narrow: Narrow | undefined,
) => {
  const found: { readonly row: ListedRow; readonly position: DevicePosition }[] = []
  let { after } = page
  for (const stretch of stretches) {
    const rest = { limit: page.limit - found.length, after }
    const { ordering } = stretch
    const { rows, continueAt } =
      narrow === undefined
        ? { rows: await list(stretch)(rest), continueAt: undefined }
        : await collect(list(stretch), ordering, rest, narrow)
    found.push(...rows.map((row) => ({ row, position: positionOf(ordering)(row) })))
    if (found.length > page.limit || continueAt !== undefined) return { found, continueAt }
    after = undefined
  }
  return { found, continueAt: undefined }
}

export const createFind =
  ({ db, contacts, settings, clock }: FindNeeds): Find =>
  async (bounds, query, narrow) => {
    const stretches = stretchesOf(db, query)
    const page = readPage(query, ['string', stretches[0].ordering.valueType, 'number'])
    if (!page.ok) return page
    const { limit, after } = page.value
    const at = after === undefined ? 0 : stretches.findIndex(({ ordering }) => ordering.label === after[0])
    if (at < 0) return refuse('request_malformed', 'The cursor belongs to a list in another order.')
    // These are sought by rows, so the rows must say what memory says.
    if (stretches.some(isByMoment(query))) await contacts.flushAll()
    const scope = { nowMs: clock.nowMs(), thresholds: settings.livenessOf(bounds.tenantId) }
    const list =
      ({ ordering, coverage }: Stretch): List =>
      (wanted) =>
        listDeviceRows(db, bounds, { ...query, coverage }, ordering, wanted, scope)
    const { found, continueAt } = await readStretches(stretches.slice(at), page.value, list, narrow)
    const { rows, nextCursor } = cutPage(found, limit, ({ position }) => position, continueAt)
    return ok({ rows: rows.map(({ row }) => row), nextCursor })
  }
