// Finding devices: filters, one stable order, pages that continue after a key (fleet-product 12).
// What belongs around a found device is details.ts.

import type { LivenessThresholds, listDevices, QueryOf } from '@muster/contract'
import type { Page } from '@muster/kernel'
import { type Kysely, type RawBuilder, sql } from 'kysely'
import { type Bounds, noGroup, selectGrouped } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { livenessWindow } from './decide.ts'
import { type DeviceRow, selectDevices } from './store.ts'

type Db = Kysely<IdentityTables>
type Query = ReturnType<typeof selectDevices>

export type DeviceQuery = Omit<QueryOf<typeof listDevices>, 'policyStatus'>
export type DevicePosition = [sortName: string, deviceNo: number]

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
  readonly sortName: RawBuilder<string>
}

const byIndex = sql<string>`device.sort_name`
/** The same text, and no index gives its order: PostgreSQL would rather walk all names than sort a few. */
const bySorting = sql<string>`device.sort_name || ''`

/** The relation to search, beginning where there is least to look at. */
const begin = async (db: Db, bounds: Bounds, { liveness }: DeviceQuery, scope: ListScope): Promise<Beginning> => {
  const { tenantId } = bounds
  if (liveness === undefined) return { found: selectDevices(db, bounds), sortName: byIndex }
  const window = livenessWindow(liveness, scope.nowMs, scope.thresholds)
  const isRare = await areFew(db, tenantId, window)
  const found = selectDevices(db, bounds, isRare ? 'contacts' : 'devices').where(heardIn(window))
  return isRare
    ? { found: found.where('contact.tenant_id', '=', tenantId), sortName: bySorting }
    : { found, sortName: byIndex }
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

/** One row more than the page holds, by host name. */
export const listDeviceRows = async (
  db: Db,
  bounds: Bounds,
  query: DeviceQuery,
  { limit, after }: Page<DevicePosition>,
  scope: ListScope,
): Promise<readonly DeviceRow[]> => {
  const begun = await begin(db, bounds, query, scope)
  const found = filter(db, bounds, begun.found, query)
  const rest =
    after === undefined
      ? found
      : found.where(sql<boolean>`(device.sort_name, device.device_no) > (${after[0]}, ${after[1]})`)
  return rest
    .orderBy(begun.sortName)
    .orderBy('device.device_no')
    .limit(limit + 1)
    .execute()
}
