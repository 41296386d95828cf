// Finding devices: filters, stable orders, pages that continue after a key (fleet-product 12).
// Which orders there are is order.ts; what belongs around a found device is details.ts.

import type { LivenessThresholds, listDevices, QueryOf } from '@muster/contract'
import type { Page } from '@muster/kernel'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Bounds, noGroup, selectGrouped } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { livenessWindow } from './decide.ts'
import type { DevicePosition, Ordering } from './order.ts'
import { type DeviceRow, selectDevices } from './store.ts'

type Db = Kysely<IdentityTables>
type Query = ReturnType<typeof selectDevices>

/** Without what only the planes can tell of. */
export type DeviceQuery = Omit<QueryOf<typeof listDevices>, 'policyStatus' | 'coverage'>

/** Found by id or by name; an unknown group, or one out of bounds, has no devices. */
const inGroup = (db: Db, { tenantId, groupNos }: Bounds, group: string) =>
  selectGrouped(db, (named) =>
    named
      .where('named.tenant_id', '=', tenantId)
      .$if(groupNos !== null, (query) => query.where('named.group_no', 'in', [noGroup, ...(groupNos ?? [])]))
      .where((eb) => eb.or([eb('named.group_id', '=', group), eb('named.name', '=', group)])),
  )

const withTag = (db: Db, tenantId: string, tag: string) =>
  db.selectFrom('identity_device_tag').select('device_no').where('tenant_id', '=', tenantId).where('tag', '=', tag)

/** Who is asking, and since when who counts as how lively. */
export interface ListScope {
  readonly nowMs: number
  readonly thresholds: LivenessThresholds
}

/** Enrolling is a contact, so every device has one. */
const heardIn = (window: ReturnType<typeof livenessWindow>) => {
  const { afterMs, throughMs } = window
  const contact = sql.ref('contact.last_contact_ms')
  const after = afterMs === null ? sql<boolean>`true` : sql<boolean>`${contact} > ${afterMs}`
  return throughMs === null ? after : sql<boolean>`${after} and ${contact} <= ${throughMs}`
}

/**
 * Up to this many devices that lively are looked up and sorted; where there are more, a walk by name soon fills a page,
 * while a rare few would be found at the end of it.
 */
const fewHeard = 10_000

const areFew = async (db: Db, tenantId: string, window: ReturnType<typeof livenessWindow>): Promise<boolean> => {
  const heard = db
    .selectFrom('identity_contact as contact')
    .select('contact.device_no')
    .where('contact.tenant_id', '=', tenantId)
    .where(heardIn(window))
    .limit(fewHeard + 1)
  const row = await db
    .selectFrom(heard.as('heard'))
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return row.count <= fewHeard
}

interface Beginning {
  readonly found: Query
  /** Whether the rows are few enough to be sorted once they are found. */
  readonly isRare: boolean
}

/** The same value, and no index gives its order: PostgreSQL would rather walk all devices than sort a few. */
const bySorting = ({ value, valueType }: Ordering): RawBuilder<unknown> =>
  valueType === 'string' ? sql`${value} || ''` : sql`${value} + 0`

/** The relation to search, beginning where there is least to look at. */
const begin = async (
  db: Db,
  bounds: Bounds,
  { liveness }: DeviceQuery,
  { isByContact }: Ordering,
  scope: ListScope,
): Promise<Beginning> => {
  const { tenantId } = bounds
  const window = liveness && livenessWindow(liveness, scope.nowMs, scope.thresholds)
  const heard = (from: 'contacts' | 'devices'): Query => {
    const found = selectDevices(db, bounds, from)
    const own = from === 'contacts' ? found.where('contact.tenant_id', '=', tenantId) : found
    return window === undefined ? own : own.where(heardIn(window))
  }
  if (isByContact) return { found: heard('contacts'), isRare: false }
  const isRare = window !== undefined && (await areFew(db, tenantId, window))
  return { found: heard(isRare ? 'contacts' : 'devices'), isRare }
}

/** A mark that is older than the last contact waits to be taken away and means nothing. */
const byDarkness = (found: Query, isDark: boolean): Query => {
  const dark = sql<boolean>`device.gone_dark_ms is not null and contact.last_contact_ms <= device.gone_dark_ms`
  return found.where(isDark ? dark : sql<boolean>`not (${dark})`)
}

const likePattern = (part: string): string => `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

const filter = (db: Db, bounds: Bounds, begun: Query, query: DeviceQuery): Query => {
  const { tenantId } = bounds
  const { status, group, tag, name, enrollmentTokenId, goneDark } = query
  let found = begun
  if (status === undefined) found = found.where('device.status', 'in', ['active', 'revoked'])
  else found = found.where('device.status', '=', status)
  if (group !== undefined) found = found.where('device.device_no', 'in', inGroup(db, bounds, cleanText(group)))
  if (tag !== undefined) found = found.where('device.device_no', 'in', withTag(db, tenantId, cleanText(tag)))
  if (name !== undefined)
    found = found.where(sql<boolean>`device.search_name like ${likePattern(cleanText(name))} escape '\\'`)
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
