// Rules of changing and removing a group: what it becomes, and what stands in the way.
// Reading and writing groups is store.ts.
import { ok, type Result, refuse } from '@muster/kernel'

export interface GroupFacts {
  readonly name: string
  readonly description: string
  readonly tag: string | null
  readonly version: number
}

export interface GroupChange {
  readonly name?: string | undefined
  readonly description?: string | undefined
  readonly tag?: string | null | undefined
  readonly addDeviceIds?: readonly string[] | undefined
  readonly removeDeviceIds?: readonly string[] | undefined
}

export interface GroupPlan {
  readonly columns: { readonly name: string; readonly description: string; readonly tag: string | null }
  readonly addNos: readonly number[]
  readonly removeNos: readonly number[]
}

export interface GroupSurroundings {
  readonly isNameTaken: boolean
  /** Numbers of the devices named in the change, as far as the tenant has them. */
  readonly deviceNos: ReadonlyMap<string, number>
}

const staleAt = ({ version }: Pick<GroupFacts, 'version'>) => refuse('version_stale', `It is at version ${version}.`)

const numbersOf = (deviceIds: readonly string[], deviceNos: ReadonlyMap<string, number>): readonly number[] => [
  ...new Set(deviceIds.flatMap((id) => deviceNos.get(id) ?? [])),
]

/** The numbers of all these devices, each once. */
export const knownNos = (
  deviceIds: readonly string[],
  deviceNos: ReadonlyMap<string, number>,
): Result<readonly number[], 'not_found'> => {
  const missing = deviceIds.filter((id) => !deviceNos.has(id)).length
  return missing === 0
    ? ok(numbersOf(deviceIds, deviceNos))
    : refuse('not_found', `${missing} of the devices to add are not known.`)
}

/** All or nothing: one unknown device to add refuses the change; one to remove is gone already. */
export const planGroupChange = (
  group: GroupFacts,
  version: number,
  change: GroupChange,
  { isNameTaken, deviceNos }: GroupSurroundings,
): Result<GroupPlan, 'not_found' | 'name_taken' | 'version_stale'> => {
  if (group.version !== version) return staleAt(group)
  if (isNameTaken) return refuse('name_taken')
  const add = knownNos(change.addDeviceIds ?? [], deviceNos)
  if (!add.ok) return add
  return ok({
    columns: {
      name: change.name ?? group.name,
      description: change.description ?? group.description,
      tag: change.tag === undefined ? group.tag : change.tag,
    },
    addNos: add.value,
    removeNos: numbersOf(change.removeDeviceIds ?? [], deviceNos),
  })
}

/** What still needs a group. */
export type GroupUse = 'policy' | 'operator_token'

const useSentences: Record<GroupUse, string> = {
  policy: 'A policy is assigned to the group.',
  operator_token: 'An operator token is limited to the group; revoke it first.',
}

/** Who decides by an old view of a group is told so before anything else. */
export const decideGroupRemoval = (
  group: Pick<GroupFacts, 'version'>,
  version: number,
  use: GroupUse | undefined,
): Result<undefined, 'state_conflict' | 'version_stale'> => {
  if (group.version !== version) return staleAt(group)
  return use === undefined ? ok(undefined) : refuse('state_conflict', useSentences[use])
}
