// Rows of groups and their members; every query names the tenant.
// Which devices carry a tag is kept with the devices.
import type { Page } from '@muster/kernel'
import { bulkDelete, bulkInsert } from '@muster/storage'
import type { Insertable, Kysely, Selectable } from 'kysely'
import { sql } from 'kysely'
import { type Bounds, noGroup } from '../bounds.ts'
import type { IdentityTables } from '../tables.ts'

type Db = Kysely<IdentityTables>
export type GroupRow = Selectable<IdentityTables['identity_group']>

const groupsOf = (db: Db, tenantId: string) =>
  db.selectFrom('identity_group').selectAll().where('tenant_id', '=', tenantId)

const groupsWithin = (db: Db, { tenantId, groupNos }: Bounds) =>
  groupsOf(db, tenantId).$if(groupNos !== null, (query) =>
    query.where('group_no', 'in', [...(groupNos ?? []), noGroup]),
  )

/** One row more than the page holds, by name. */
export const listGroupRows = (db: Db, bounds: Bounds, { limit, after }: Page<[string]>): Promise<GroupRow[]> =>
  groupsWithin(db, bounds)
    .$if(after !== undefined, (query) => query.where('name', '>', (after as [string])[0]))
    .orderBy('name')
    .limit(limit + 1)
    .execute()

export const loadGroup = (db: Db, bounds: Bounds, groupId: string): Promise<GroupRow | undefined> =>
  groupsWithin(db, bounds).where('group_id', '=', groupId).executeTakeFirst()

export const loadGroupByName = (db: Db, tenantId: string, name: string): Promise<GroupRow | undefined> =>
  groupsOf(db, tenantId).where('name', '=', name).executeTakeFirst()

export const loadGroupsByNo = async (db: Db, tenantId: string, groupNos: readonly number[]): Promise<GroupRow[]> =>
  groupNos.length === 0 ? [] : groupsOf(db, tenantId).where('group_no', 'in', groupNos).execute()

export const loadGroupsByIdOrName = async (db: Db, bounds: Bounds, said: readonly string[]): Promise<GroupRow[]> =>
  said.length === 0
    ? []
    : groupsWithin(db, bounds)
        .where((eb) => eb.or([eb('group_id', 'in', said), eb('name', 'in', said)]))
        .execute()

/** Devices that are neither retired nor merged, by members and by tag, each counted once. */
export const countMembers = async (db: Db, groupNos: readonly number[]): Promise<ReadonlyMap<number, number>> => {
  if (groupNos.length === 0) return new Map()
  const byTag = db
    .selectFrom('identity_group as named')
    .innerJoin('identity_device_tag as tagged', (join) =>
      join.onRef('tagged.tenant_id', '=', 'named.tenant_id').onRef('tagged.tag', '=', 'named.tag'),
    )
    .select(['named.group_no', 'tagged.device_no'])
    .where('named.group_no', 'in', groupNos)
  const everyone = db
    .selectFrom('identity_group_member')
    .select(['group_no', 'device_no'])
    .where('group_no', 'in', groupNos)
    .union(byTag)
  const rows = await db
    .selectFrom(everyone.as('belongs'))
    .innerJoin('identity_device as device', 'device.device_no', 'belongs.device_no')
    .select((eb) => ['belongs.group_no', eb.fn.countAll<number>().as('devices')])
    .where('device.status', 'in', ['active', 'revoked'])
    .groupBy('belongs.group_no')
    .execute()
  return new Map(rows.map((row) => [row.group_no, row.devices]))
}

export const insertGroup = (tx: Db, row: Insertable<IdentityTables['identity_group']>): Promise<GroupRow> =>
  tx.insertInto('identity_group').values(row).returningAll().executeTakeFirstOrThrow()

/** Writes the columns and counts the version up. */
export const updateGroup = async (
  tx: Db,
  groupNo: number,
  changes: Pick<GroupRow, 'name' | 'description' | 'tag'>,
): Promise<void> => {
  await tx
    .updateTable('identity_group')
    .set({ ...changes, version: sql`version + 1` })
    .where('group_no', '=', groupNo)
    .execute()
}

export const deleteGroupRow = async (tx: Db, groupNo: number): Promise<readonly number[]> => {
  const members = await tx
    .deleteFrom('identity_group_member')
    .where('group_no', '=', groupNo)
    .returning('device_no')
    .execute()
  await tx.deleteFrom('identity_group').where('group_no', '=', groupNo).execute()
  return members.map((row) => row.device_no)
}

export const loadDeviceNos = async (
  db: Db,
  tenantId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, number>> => {
  if (deviceIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('identity_device')
    .select(['device_id', 'device_no'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', 'in', deviceIds)
    .execute()
  return new Map(rows.map((row) => [row.device_id, row.device_no]))
}

export const insertMembers = bulkInsert({
  into: 'identity_group_member',
  columns: { group_no: 'int', device_no: 'int', tenant_id: 'text' },
  onConflict: 'ignore',
})

export const deleteMembers = bulkDelete({
  from: 'identity_group_member',
  where: { group_no: 'int', device_no: 'int' },
})
