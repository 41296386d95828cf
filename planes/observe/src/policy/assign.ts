// Who gets which policy: groups by priority, the tenant default, and what publishing adds to them (fleet-product 6.7).
// Groups are identity's; this feature keeps their numbers only.
import type { Assignment, BodyOf, listAssignments, ReplyOf, replaceAssignments } from '@muster/contract'
import { type Bounds, wholeTenant } from '@muster/identity'
import { ok, type Result, refuse } from '@muster/kernel'
import type { Transaction } from 'kysely'
import { loadAssigned, loadAssignmentsVersion, storeAssigned } from './assignment-store.ts'
import { type Assigned, areSameAssignments, decidePublishedTo, decideReplacement, everyDevice } from './decide.ts'
import { type By, type PolicyParts, stateAudit } from './needs.ts'
import { beginChange, loadPolicyNos } from './store.ts'
import type { PolicyTables } from './tables.ts'

/** What the tenant default is called where groups are called by their names. */
const defaultName = 'default'

const loadGroupNames = async (
  { groups }: PolicyParts,
  tenantId: string,
  groupNos: readonly number[],
): Promise<ReadonlyMap<number, string>> => {
  const named = await groups.named(tenantId, groupNos)
  return new Map(named.map(({ groupNo, name }) => [groupNo, name]))
}

/** The groups a policy goes to by name, `default` for every device, highest priority first. */
export const loadTargetNames = async (parts: PolicyParts, tenantId: string, policyNo: number): Promise<string[]> =>
  namesOf(parts, tenantId, await loadAssigned(parts.storage.db, tenantId), policyNo)

/** As `loadTargetNames`, once these are the assignments. */
export const namesOf = async (
  parts: PolicyParts,
  tenantId: string,
  assigned: readonly Assigned[],
  policyNo: number,
): Promise<string[]> => {
  const targets = assigned
    .filter((one) => one.policyNo === policyNo)
    .toSorted((left, right) => right.priority - left.priority)
  const groupNos = targets.map(({ groupNo }) => groupNo)
  const names = await loadGroupNames(parts, tenantId, groupNos)
  return groupNos.flatMap((groupNo) => (groupNo === everyDevice ? defaultName : (names.get(groupNo) ?? [])))
}

export const publishTo = async (
  tx: Transaction<PolicyTables>,
  tenantId: string,
  policyNo: number,
  groupNos: readonly number[],
): Promise<void> => {
  const before = await loadAssigned(tx, tenantId)
  const after = decidePublishedTo(before, policyNo, groupNos)
  if (!areSameAssignments(before, after)) await storeAssigned(tx, tenantId, after)
}

type Assignments = ReplyOf<typeof listAssignments>

/** Highest priority first; a group that is gone, or out of bounds, is left out. */
export const createListAssignments =
  (parts: PolicyParts) =>
  async ({ tenantId, groupNos }: Bounds): Promise<Result<Assignments, never>> => {
    const { db } = parts.storage
    const isSeen = ({ groupNo }: Assigned): boolean =>
      groupNos === null || groupNo === everyDevice || groupNos.includes(groupNo)
    // Before the items: whoever changes older items than this version says is refused, and not the other way round.
    const version = await loadAssignmentsVersion(db, tenantId)
    const assigned = (await loadAssigned(db, tenantId)).filter(isSeen)
    const names = await loadGroupNames(
      parts,
      tenantId,
      assigned.map(({ groupNo }) => groupNo),
    )
    const items = assigned.flatMap(({ groupNo, policyId, priority }): Assignment | [] => {
      const group = groupNo === everyDevice ? null : names.get(groupNo)
      return group === undefined ? [] : { policyId, group, priority }
    })
    return ok({ items, nextCursor: null, version })
  }

type Items = BodyOf<typeof replaceAssignments>['items']

/** The items with numbers in place of names; one unknown policy or group refuses them all. */
const resolveItems = async (
  parts: PolicyParts,
  tenantId: string,
  items: Items,
): Promise<Result<readonly Assigned[], 'not_found'>> => {
  const names = items.flatMap(({ group }) => group ?? [])
  const groups = await parts.groups.resolve(wholeTenant(tenantId), names)
  if (!groups.ok) return groups
  const groupNos = new Map(names.map((name, at) => [name, groups.value[at]?.groupNo]))
  const policyIds = items.map(({ policyId }) => policyId)
  const policyNos = await loadPolicyNos(parts.storage.db, tenantId, policyIds)
  const assigned: Assigned[] = []
  for (const { policyId, group, priority } of items) {
    const policyNo = policyNos.get(policyId)
    if (policyNo === undefined) return refuse('not_found', `There is no policy ${policyId}.`)
    const groupNo = group === null ? everyDevice : groupNos.get(group)
    if (groupNo === undefined) throw new Error(`resolve group ${group}: identity answered without it`)
    assigned.push({ groupNo, policyNo, priority })
  }
  return ok(assigned)
}

/** Replaces all assignments of the tenant at once, if they are still those of this version. */
export const createReplaceAssignments =
  (parts: PolicyParts) =>
  async (
    by: By,
    tenantId: string,
    version: number,
    body: BodyOf<typeof replaceAssignments>,
  ): Promise<Result<Assignments, 'not_found' | 'priority_taken' | 'request_malformed' | 'version_stale'>> => {
    const resolved = await resolveItems(parts, tenantId, body.items)
    if (!resolved.ok) return resolved
    const decided = decideReplacement(resolved.value)
    if (!decided.ok) return decided
    const stored = await parts.storage.write(async (tx) => {
      await beginChange(tx, tenantId)
      if ((await loadAssignmentsVersion(tx, tenantId)) !== version) return refuse('version_stale')
      await storeAssigned(tx, tenantId, decided.value)
      const target = { type: 'tenant', id: tenantId }
      await parts.audit(tx, [
        stateAudit(parts, by, tenantId, { action: 'policy.assigned', target, details: { ...body } }),
      ])
      return ok(null)
    })
    if (!stored.ok) return stored
    await parts.bundles.refresh()
    return createListAssignments(parts)(wholeTenant(tenantId))
  }
