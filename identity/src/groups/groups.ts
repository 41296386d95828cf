// Groups: named sets of devices, by explicit members, by a tag, or both (fleet-product 2).
// Which policy a group gets is the observe plane's.
import type { BodyOf, changeGroup, createGroup, Group, listGroups, QueryOf, ReplyOf } from '@muster/contract'
import type { Result } from '@muster/kernel'
import type { Transaction } from 'kysely'
import type { By } from '../speakers.ts'

export interface GroupName {
  readonly groupNo: number
  readonly id: string
  readonly name: string
}

/** Whether another room still needs the group, asked inside the transaction that would remove it. */
// biome-ignore lint/suspicious/noExplicitAny: the other room's tables
export type IsGroupInUse = (tx: Transaction<any>, groupNo: number) => Promise<boolean>

export interface Groups {
  list(
    tenantId: string,
    query: QueryOf<typeof listGroups>,
  ): Promise<Result<ReplyOf<typeof listGroups>, 'request_malformed'>>
  read(tenantId: string, groupId: string): Promise<Result<Group, 'not_found'>>
  create(by: By, tenantId: string, body: BodyOf<typeof createGroup>): Promise<Result<Group, 'name_taken'>>
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
    isInUse: IsGroupInUse,
  ): Promise<Result<{ id: string }, 'not_found' | 'state_conflict'>>
  /** Groups by id or name, in the order asked for; one that is missing refuses them all. */
  resolve(tenantId: string, idsOrNames: readonly string[]): Promise<Result<readonly GroupName[], 'not_found'>>
  named(tenantId: string, groupNos: readonly number[]): Promise<readonly GroupName[]>
}
