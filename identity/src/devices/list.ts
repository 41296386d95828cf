// Finding devices: filters, one stable order, pages that continue after a key (fleet-product 12).
// What belongs around a found device is details.ts.

import type { listDevices, QueryOf } from '@muster/contract'
import type { Page } from '@muster/kernel'
import { type Kysely, sql } from 'kysely'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import { livenessWindow } from './decide.ts'
import { type DeviceRow, selectDevices } from './store.ts'

type Db = Kysely<IdentityTables>
type Query = ReturnType<typeof selectDevices>

export type DeviceQuery = Omit<QueryOf<typeof listDevices>, 'policyStatus'>
export type DevicePosition = [sortName: string, deviceNo: number]

/** By members or by tag, found by id or by name; an unknown group has no devices. */
const inGroup = (db: Db, tenantId: string, group: string) => {
  const named = db
    .selectFrom('identity_group as named')
    .where('named.tenant_id', '=', tenantId)
    .where((eb) => eb.or([eb('named.group_id', '=', group), eb('named.name', '=', group)]))
  return named
    .innerJoin('identity_group_member as member', 'member.group_no', 'named.group_no')
    .select('member.device_no')
    .union(
      named
        .innerJoin('identity_device_tag as tagged', (join) =>
          join.onRef('tagged.tenant_id', '=', 'named.tenant_id').onRef('tagged.tag', '=', 'named.tag'),
        )
        .select('tagged.device_no'),
    )
}

const withTag = (db: Db, tenantId: string, tag: string) =>
  db.selectFrom('identity_device_tag').select('device_no').where('tenant_id', '=', tenantId).where('tag', '=', tag)

const byLiveness = (found: Query, liveness: NonNullable<DeviceQuery['liveness']>, nowMs: number): Query => {
  const { afterMs, throughMs } = livenessWindow(liveness, nowMs)
  const after = afterMs === null ? found : found.where('contact.last_contact_ms', '>', afterMs)
  if (throughMs === null) return after
  return after.where((eb) =>
    eb.or([
      eb('contact.last_contact_ms', '<=', throughMs),
      ...(afterMs === null ? [eb('contact.last_contact_ms', 'is', null)] : []),
    ]),
  )
}

const likePattern = (part: string): string => `%${part.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`

const filter = (db: Db, tenantId: string, query: DeviceQuery, nowMs: number): Query => {
  const { status, liveness, group, tag, name, enrollmentTokenId } = query
  let found = selectDevices(db, tenantId)
  if (status === undefined) found = found.where('device.status', 'in', ['active', 'revoked'])
  else found = found.where('device.status', '=', status)
  if (liveness !== undefined) found = byLiveness(found, liveness, nowMs)
  if (group !== undefined) found = found.where('device.device_no', 'in', inGroup(db, tenantId, cleanText(group)))
  if (tag !== undefined) found = found.where('device.device_no', 'in', withTag(db, tenantId, cleanText(tag)))
  if (name !== undefined)
    found = found.where(sql<boolean>`device.search_name like ${likePattern(cleanText(name))} escape '\\'`)
  if (enrollmentTokenId !== undefined)
    found = found.where('device.enrollment_token_id', '=', cleanText(enrollmentTokenId))
  return found
}

/** One row more than the page holds, by host name. */
export const listDeviceRows = (
  db: Db,
  tenantId: string,
  query: DeviceQuery,
  { limit, after }: Page<DevicePosition>,
  nowMs: number,
): Promise<readonly DeviceRow[]> => {
  const found = filter(db, tenantId, query, nowMs)
  const rest =
    after === undefined
      ? found
      : found.where(sql<boolean>`(device.sort_name, device.device_no) > (${after[0]}, ${after[1]})`)
  return rest
    .orderBy('device.sort_name')
    .orderBy('device.device_no')
    .limit(limit + 1)
    .execute()
}
