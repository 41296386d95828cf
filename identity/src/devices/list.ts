// Finding devices: filters, stable orders, pages that continue after a key (fleet-product 12).
// Which orders there are is order.ts, whether few are left few.ts; what belongs around a found device is details.ts.

import type { LivenessThresholds, listDevices, QueryOf } from '@muster/contract'
import type { Page } from '@muster/kernel'
import { engineOf } from '@muster/storage'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Bounds } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { coverageParts, livenessWindow } from './decide.ts'
import { type FilterParts, findFew, heardIn, inGroup, isNamed, withTag } from './few.ts'
import type { DevicePosition, Ordering } from './order.ts'
import { type DeviceRow, selectDevices } from './store.ts'

type Db = Kysely<IdentityTables>
type Query = ReturnType<typeof selectDevices>

/** Without what only the planes can tell of. */
export type DeviceQuery = Omit<QueryOf<typeof listDevices>, 'policyStatus'>

/** Who is asking, and since when who counts as how lively. */
export interface ListScope {
  readonly nowMs: number
  readonly thresholds: LivenessThresholds
}

interface Beginning {
  readonly found: Query
  /** Whether the rows are few enough to be sorted once they are found. */
  readonly isRare: boolean
}

/** The same value, and no index gives its order: PostgreSQL would rather walk all devices than sort a few. */
const bySorting = ({ value, valueType }: Ordering): RawBuilder<unknown> =>
  valueType === 'string' ? sql`${value} || ''` : sql`${value} + 0`

/** The numbers as one value, however many there are. */
const among = (db: Db, deviceNos: readonly number[]): RawBuilder<boolean> =>
  engineOf(db) === 'sqlite'
    ? sql`device.device_no in (select value from json_each(${JSON.stringify(deviceNos)}))`
    : sql`device.device_no = any(${`{${deviceNos.join(',')}}`}::bigint[])`

const partsOf = ({ liveness, coverage }: DeviceQuery, { nowMs, thresholds }: ListScope): FilterParts => {
  const { scanned, heard } = coverage === undefined ? {} : coverageParts(coverage, nowMs)
  const lively = liveness === undefined ? [] : [livenessWindow(liveness, nowMs, thresholds)]
  return { scanned, windows: heard === undefined ? lively : [heard, ...lively] }
}

/** The relation to search, beginning where there is least to look at. */
const begin = async (
  db: Db,
  bounds: Bounds,
  query: DeviceQuery,
  { isByContact, isByName }: Ordering,
  scope: ListScope,
): Promise<Beginning> => {
  const parts = partsOf(query, scope)
  const few = await findFew(db, bounds, query, parts)
  const isFromContacts = few === undefined && isByContact
  let found = selectDevices(db, bounds, isFromContacts ? 'contacts' : 'devices')
  if (few !== undefined) found = found.where(among(db, few))
  if (isFromContacts) found = found.where('contact.tenant_id', '=', bounds.tenantId)
  for (const window of parts.windows) found = found.where(heardIn(window))
  // Its index gives the order of names; in another order SQLite would rather sort all devices of a kind than walk.
  const scanned = isByName ? sql`device.scanned` : sql`(device.scanned || '')`
  if (parts.scanned !== undefined) found = found.where(sql<boolean>`${scanned} = ${parts.scanned}`)
  return { found, isRare: few !== undefined }
}

/** A mark that is older than the last contact waits to be taken away and means nothing. */
const byDarkness = (found: Query, isDark: boolean): Query => {
  const dark = sql<boolean>`device.gone_dark_ms is not null and contact.last_contact_ms <= device.gone_dark_ms`
  return found.where(isDark ? dark : sql<boolean>`not (${dark})`)
}

const filter = (db: Db, bounds: Bounds, begun: Query, query: DeviceQuery): Query => {
  const { tenantId } = bounds
  const { status, group, tag, name, enrollmentTokenId, goneDark } = query
  let found = begun
  if (status === undefined) found = found.where('device.status', 'in', ['active', 'revoked'])
  else found = found.where('device.status', '=', status)
  if (group !== undefined) found = found.where('device.device_no', 'in', inGroup(db, bounds, group))
  if (tag !== undefined) found = found.where('device.device_no', 'in', withTag(db, tenantId, tag))
  if (name !== undefined) found = found.where(isNamed('device.search_name', name))
  if (enrollmentTokenId !== undefined)
    found = found.where('device.enrollment_token_id', '=', cleanText(enrollmentTokenId))
  if (goneDark !== undefined) found = byDarkness(found, goneDark === 'true')
  return found
}

const continueAfter = (
  found: Query,
  { keys, direction }: Ordering,
  { tenantId }: Bounds,
  after: DevicePosition,
): Query => {
  const [, value, deviceNo] = after
  const values = sql.join(keys.length === 2 ? [value, deviceNo] : [value, tenantId, deviceNo])
  const place = sql.join(keys)
  return found.where(
    direction === 'asc' ? sql<boolean>`(${place}) > (${values})` : sql<boolean>`(${place}) < (${values})`,
  )
}

export type ListedRow = DeviceRow & { readonly sort_value: string | number }

/** One row more than the page holds. */
export const listDeviceRows = async (
  db: Db,
  bounds: Bounds,
  query: DeviceQuery,
  ordering: Ordering,
  { limit, after }: Page<DevicePosition>,
  scope: ListScope,
): Promise<readonly ListedRow[]> => {
  const { keys, direction, value } = ordering
  const begun = await begin(db, bounds, query, ordering, scope)
  const found = filter(db, bounds, begun.found, query)
  const rest = after === undefined ? found : continueAfter(found, ordering, bounds, after)
  const ordered = begun.isRare ? [bySorting(ordering), ...keys.slice(1)] : keys
  return ordered
    .reduce<Query>((so, key) => so.orderBy(key, direction), rest)
    .select(value.as('sort_value'))
    .limit(limit + 1)
    .execute()
}
