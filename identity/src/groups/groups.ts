// Groups: named sets of devices, by explicit members, by a tag, or both (fleet-product 2).
// Which policy a group gets is the observe plane's.
import {
  type BodyOf,
  type changeGroup,
  type createGroup,
  type Group,
  ID_PREFIX,
  type listGroups,
  type QueryOf,
  type ReplyOf,
} from '@muster/contract'
import { cutPage, newId, ok, type Result, readPage, refuse, toIso } from '@muster/kernel'
import type { Tx } from '@muster/storage'
import type { Kysely } from 'kysely'
import { type Bounds, wholeTenant } from '../bounds.ts'
import { isGroupNamed } from '../operators/store.ts'
import type { By } from '../speakers.ts'
import type { IdentityTables } from '../tables.ts'
import { cleanText } from '../texts.ts'
import type { TakeTurn, Turn } from '../turns.ts'
import {
  decideGroupRemoval,
  type GroupChange,
  type GroupPlan,
  type GroupUse,
  knownNos,
  planGroupChange,
} from './decide.ts'
import {
  countMembers,
  deleteGroupRow,
  deleteMembers,
  type GroupRow,
  insertGroup,
  insertMembers,
  listGroupRows,
  loadDeviceNos,
  loadGroup,
  loadGroupByName,
  loadGroupsByIdOrName,
  loadGroupsByNo,
  updateGroup,
} from './store.ts'

export interface GroupName {
  readonly groupNo: number
  readonly id: string
  readonly name: string
}

/** Whether another room still needs the group, asked inside the transaction that would remove it. */
export type IsGroupInUse = (tx: Tx, groupNo: number) => Promise<boolean>

export interface Groups {
  list(
    bounds: Bounds,
    query: QueryOf<typeof listGroups>,
  ): Promise<Result<ReplyOf<typeof listGroups>, 'request_malformed'>>
  read(bounds: Bounds, groupId: string): Promise<Result<Group, 'not_found'>>
  create(by: By, tenantId: string, body: BodyOf<typeof createGroup>): Promise<Result<Group, 'not_found' | 'name_taken'>>
  change(
    by: By,
    tenantId: string,
    groupId: string,
    version: number,
    body: BodyOf<typeof changeGroup>,
  ): Promise<Result<Group, 'not_found' | 'name_taken' | 'version_stale'>>
  remove(
    by: By,
    tenantId: string,
    groupId: string,
    version: number,
    isInUse: IsGroupInUse,
  ): Promise<Result<{ id: string }, 'not_found' | 'state_conflict' | 'version_stale'>>
  /** Groups by id or name, in the order asked for; one that is missing refuses them all. */
  resolve(bounds: Bounds, idsOrNames: readonly string[]): Promise<Result<readonly GroupName[], 'not_found'>>
  /** Those of these groups that the tenant still has. */
  named(tenantId: string, groupNos: readonly number[]): Promise<readonly GroupName[]>
}

export interface GroupsNeeds {
  readonly db: Kysely<IdentityTables>
  readonly takeTurn: TakeTurn
}

const toName = (row: GroupRow): GroupName => ({ groupNo: row.group_no, id: row.group_id, name: row.name })

const toGroup = (row: GroupRow, memberCount: number): Group => ({
  id: row.group_id,
  name: row.name,
  description: row.description,
  tag: row.tag,
  memberCount,
  createdAt: toIso(row.created_ms),
  version: row.version,
})

const cleanChange = (body: BodyOf<typeof changeGroup>): GroupChange => ({
  ...body,
  name: body.name && cleanText(body.name),
  description: body.description && cleanText(body.description),
})

const memberOf =
  ({ group_no, tenant_id }: Pick<GroupRow, 'group_no' | 'tenant_id'>) =>
  (device_no: number) => ({ group_no, device_no, tenant_id })

const writePlan = async (tx: Kysely<IdentityTables>, row: GroupRow, plan: GroupPlan): Promise<void> => {
  await updateGroup(tx, row.group_no, plan.columns)
  await deleteMembers(tx, plan.removeNos.map(memberOf(row)))
  await insertMembers(tx, plan.addNos.map(memberOf(row)))
}

const useOf = async (turn: Turn, row: GroupRow, isInUse: IsGroupInUse): Promise<GroupUse | undefined> => {
  if (await isInUse(turn.tx, row.group_no)) return 'policy'
  return (await isGroupNamed(turn.tx, row.tenant_id, row.group_no, turn.nowMs)) ? 'operator_token' : undefined
}

export const createGroups = ({ db, takeTurn }: GroupsNeeds): Groups => {
  const present = async (rows: readonly GroupRow[]): Promise<Group[]> => {
    const counts = await countMembers(
      db,
      rows.map((row) => row.group_no),
    )
    return rows.map((row) => toGroup(row, counts.get(row.group_no) ?? 0))
  }
  const read = async (bounds: Bounds, groupId: string): Promise<Result<Group, 'not_found'>> => {
    const row = await loadGroup(db, bounds, groupId)
    return row === undefined ? refuse('not_found') : ok((await present([row]))[0] as Group)
  }
  return {
    async list(bounds, query) {
      const page = readPage(query, ['string'])
      if (!page.ok) return page
      const found = await listGroupRows(db, bounds, page.value)
      const { rows, nextCursor } = cutPage(found, page.value.limit, (row) => [row.name])
      return ok({ items: await present(rows), nextCursor })
    },
    read,
    async create(by, tenantId, body) {
      const created = await takeTurn(async (turn): Promise<Result<string, 'not_found' | 'name_taken'>> => {
        const name = cleanText(body.name)
        if (await loadGroupByName(turn.tx, tenantId, name)) return refuse('name_taken')
        const deviceIds = (body.addDeviceIds ?? []).map(cleanText)
        const added = knownNos(deviceIds, await loadDeviceNos(turn.tx, tenantId, deviceIds))
        if (!added.ok) return added
        const row = await insertGroup(turn.tx, {
          group_id: newId(ID_PREFIX.group),
          tenant_id: tenantId,
          name,
          description: cleanText(body.description ?? ''),
          tag: body.tag ?? null,
          created_ms: turn.nowMs,
          version: 1,
        })
        await insertMembers(turn.tx, added.value.map(memberOf(row)))
        const target = { type: 'group', id: row.group_id }
        const details = { name, tag: row.tag, added: added.value.length }
        turn.record({ by, tenantId, action: 'group.created', target, details })
        turn.changed('group', row.group_no)
        turn.changed('device', ...added.value)
        return ok(row.group_id)
      })
      if (!created.ok) return created
      return read(wholeTenant(tenantId), created.value)
    },
    async change(by, tenantId, groupId, version, body) {
      const changed = await takeTurn(
        async (turn): Promise<Result<GroupPlan, 'not_found' | 'name_taken' | 'version_stale'>> => {
          const row = await loadGroup(turn.tx, wholeTenant(tenantId), groupId)
          if (row === undefined) return refuse('not_found')
          const change = cleanChange(body)
          const holder = change.name === undefined ? undefined : await loadGroupByName(turn.tx, tenantId, change.name)
          const deviceIds = [...(body.addDeviceIds ?? []), ...(body.removeDeviceIds ?? [])].map(cleanText)
          const plan = planGroupChange(row, version, change, {
            isNameTaken: holder !== undefined && holder.group_no !== row.group_no,
            deviceNos: await loadDeviceNos(turn.tx, tenantId, deviceIds),
          })
          if (!plan.ok) return plan
          await writePlan(turn.tx, row, plan.value)
          const { columns, addNos, removeNos } = plan.value
          const details = { name: columns.name, tag: columns.tag, added: addNos.length, removed: removeNos.length }
          turn.record({ by, tenantId, action: 'group.changed', target: { type: 'group', id: groupId }, details })
          turn.changed('group', row.group_no)
          turn.changed('device', ...addNos, ...removeNos)
          return plan
        },
      )
      return changed.ok ? read(wholeTenant(tenantId), groupId) : changed
    },
    remove: (by, tenantId, groupId, version, isInUse) =>
      takeTurn(async (turn) => {
        const row = await loadGroup(turn.tx, wholeTenant(tenantId), groupId)
        if (row === undefined) return refuse('not_found')
        const removal = decideGroupRemoval(row, version, await useOf(turn, row, isInUse))
        if (!removal.ok) return removal
        const memberNos = await deleteGroupRow(turn.tx, row.group_no)
        const target = { type: 'group', id: groupId }
        turn.record({ by, tenantId, action: 'group.deleted', target, details: { name: row.name } })
        turn.changed('group', row.group_no)
        turn.changed('device', ...memberNos)
        return ok({ id: groupId })
      }),
    async resolve(bounds, idsOrNames) {
      const said = idsOrNames.map(cleanText)
      const rows = await loadGroupsByIdOrName(db, bounds, said)
      const found = said.map((one) => rows.find((row) => row.group_id === one) ?? rows.find((row) => row.name === one))
      const missing = said.filter((_, index) => found[index] === undefined)
      if (missing.length > 0) return refuse('not_found', `There is no group ${JSON.stringify(missing[0])}.`)
      return ok(found.map((row) => toName(row as GroupRow)))
    },
    named: async (tenantId, groupNos) => (await loadGroupsByNo(db, tenantId, groupNos)).map(toName),
  }
}
