// How far an operator sees: a tenant, or some groups of it. What lies beyond is not there for them (fleet-product 3.2).
// Which credential is limited how is operators/; every read and every change of devices and groups asks here.
import type { Kysely } from 'kysely'
import type { IdentityTables } from './tables.ts'

export interface Bounds {
  readonly tenantId: string
  /** Null for the whole tenant; of a group that is gone nothing is seen. */
  readonly groupNos: readonly number[] | null
}

/** For what the server does by itself, and for whoever is not limited to groups. */
export const wholeTenant = (tenantId: string): Bounds => ({ tenantId, groupNos: null })

interface Grouped {
  readonly tenantId: string
  readonly groupNos: readonly number[]
}

export const liesWithinBounds = ({ tenantId, groupNos }: Bounds, device: Grouped): boolean =>
  device.tenantId === tenantId && (groupNos === null || device.groupNos.some((no) => groupNos.includes(no)))

/** No group has this number; a list without any would be no SQL. */
export const noGroup = 0

const groupsNamed = (db: Kysely<IdentityTables>) => db.selectFrom('identity_group as named')
type Named = ReturnType<typeof groupsNamed>

/** Numbers of the devices in the groups that are picked, by membership or by tag. */
export const selectGrouped = (db: Kysely<IdentityTables>, pick: (named: Named) => Named) => {
  const named = pick(groupsNamed(db))
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

/** Numbers of the devices in these groups. */
export const selectInGroups = (db: Kysely<IdentityTables>, groupNos: readonly number[]) =>
  selectGrouped(db, (named) => named.where('named.group_no', 'in', [noGroup, ...groupNos]))
