// One page of devices: whose filter, whose order, where it goes on; another room may say which of the rows it keeps.
// The statement is list.ts, the orders are order.ts.
import { type Clock, cutPage, ok, type Page, type Result, readPage, refuse } from '@muster/kernel'
import type { Kysely } from 'kysely'
import type { Bounds } from '../bounds.ts'
import type { Settings } from '../settings/settings.ts'
import type { IdentityTables } from '../tables.ts'
import type { Contacts } from './contacts.ts'
import { type DeviceQuery, type ListedRow, listDeviceRows } from './list.ts'
import { type DevicePosition, type Ordering, orderingOf } from './order.ts'

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

export const createFind =
  ({ db, contacts, settings, clock }: FindNeeds): Find =>
  async (bounds, query, narrow) => {
    const ordering = orderingOf(db, query)
    const page = readPage(query, ['string', ordering.valueType, 'number'])
    if (!page.ok) return page
    const { limit, after } = page.value
    if (after !== undefined && after[0] !== ordering.label)
      return refuse('request_malformed', 'The cursor belongs to a list in another order.')
    // These are sought by rows, so the rows must say what memory says.
    if (query.liveness !== undefined || query.goneDark !== undefined || ordering.isByContact) await contacts.flushAll()
    const scope = { nowMs: clock.nowMs(), thresholds: settings.livenessOf(bounds.tenantId) }
    const list: List = (wanted) => listDeviceRows(db, bounds, query, ordering, wanted, scope)
    const found =
      narrow === undefined
        ? { rows: await list(page.value), continueAt: undefined }
        : await collect(list, ordering, page.value, narrow)
    return ok(cutPage(found.rows, limit, positionOf(ordering), found.continueAt))
  }
