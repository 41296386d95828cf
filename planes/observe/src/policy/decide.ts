// The pure decisions of the policy pipeline: generations, assignments, and which policy reaches a device.
// Facts are loaded and verdicts are kept by the shell in policy.ts.
import { ok, type Result, refuse } from '@muster/kernel'

/** The bundle in force for one capability set of a policy. */
export interface GenerationInForce {
  readonly number: number
  readonly generation: string
  readonly sha256: string
}

export interface GenerationVerdict {
  /** `kept`: these bytes are in force already, so no agent needs to restart. */
  readonly kind: 'kept' | 'new'
  readonly capabilitySet: string
  readonly number: number
  readonly generation: string
}

interface Candidate {
  readonly capabilitySet: string
  readonly sha256: string
}

/**
 * Which bundles a publication puts in force, the base first. A richer set whose bytes are those of the base has none of
 * its own and follows the base, unless one is in force for it: then its agents are to leave that one.
 */
export const decideOwnBundles = <Compiled extends Candidate>(
  compiled: readonly Compiled[],
  base: string,
  inForce: ReadonlyMap<string, unknown>,
): readonly Compiled[] => {
  const common = compiled.filter(({ capabilitySet }) => capabilitySet === base)
  const own = compiled.filter(
    ({ capabilitySet, sha256 }) =>
      capabilitySet !== base && (inForce.has(capabilitySet) || common.every((bundle) => bundle.sha256 !== sha256)),
  )
  return [...common, ...own]
}

/** What was in force once, for each set that has a bundle now too: a set that followed the base then gets its bytes. */
export const decideRestored = <Earlier extends Candidate>(
  earlier: readonly Earlier[],
  base: string,
  inForce: ReadonlyMap<string, unknown>,
): readonly Earlier[] => {
  const common = earlier.find(({ capabilitySet }) => capabilitySet === base)
  const had = new Set(earlier.map(({ capabilitySet }) => capabilitySet))
  const missing = [...inForce.keys()].filter((capabilitySet) => !had.has(capabilitySet))
  return common === undefined
    ? earlier
    : [...earlier, ...missing.map((capabilitySet) => ({ ...common, capabilitySet }))]
}

const generationOf = (number: number, sha256: string): string => `g${number}-${sha256.slice(0, 12)}`

/**
 * Bytes equal to those in force keep their generation; all others get the tenant's next number, which is never used
 * again (fleet-product 6.4, sensor-protocol 14.5). For a rollback nothing counts as in force: old bytes always get a
 * new generation.
 */
export const decideGenerations = (
  candidates: readonly Candidate[],
  inForce: ReadonlyMap<string, GenerationInForce>,
  lastNumber: number,
): readonly GenerationVerdict[] => {
  let last = lastNumber
  return candidates.map(({ capabilitySet, sha256 }) => {
    const now = inForce.get(capabilitySet)
    if (now?.sha256 === sha256)
      return { kind: 'kept', capabilitySet, number: now.number, generation: now.generation } as const
    last += 1
    return { kind: 'new', capabilitySet, number: last, generation: generationOf(last, sha256) } as const
  })
}

/** The group number of the tenant default. */
export const everyDevice = 0

export interface Assigned {
  readonly groupNo: number
  readonly policyNo: number
  readonly priority: number
}

/** The policy of the highest-priority group the device is in, else the tenant default, else none (6.7). */
export const decideAssignment = (assigned: readonly Assigned[], groupNos: readonly number[]): number | null => {
  const reaching = assigned.filter(({ groupNo }) => groupNo !== everyDevice && groupNos.includes(groupNo))
  const [highest] = reaching.toSorted((left, right) => right.priority - left.priority)
  return (highest ?? assigned.find(({ groupNo }) => groupNo === everyDevice))?.policyNo ?? null
}

/**
 * What is assigned once this policy goes to these groups, or to every device when none is named. A group that had
 * another policy keeps its priority; a new one goes above all others, in the order named.
 */
export const decidePublishedTo = (
  assigned: readonly Assigned[],
  policyNo: number,
  groupNos: readonly number[],
): readonly Assigned[] => {
  const targets = groupNos.length === 0 ? [everyDevice] : [...new Set(groupNos)]
  let top = Math.max(0, ...assigned.map(({ priority }) => priority))
  const published = targets.map((groupNo) => {
    const before = assigned.find((assignment) => assignment.groupNo === groupNo)
    const priority = before?.priority ?? (groupNo === everyDevice ? 0 : ++top)
    return { groupNo, policyNo, priority }
  })
  return [...assigned.filter(({ groupNo }) => !targets.includes(groupNo)), ...published]
}

/** Whether both give every group the same policy with the same priority. */
export const areSameAssignments = (left: readonly Assigned[], right: readonly Assigned[]): boolean => {
  const lines = (all: readonly Assigned[]) =>
    new Set(all.map(({ groupNo, policyNo, priority }) => `${groupNo} ${policyNo} ${priority}`))
  return lines(left).symmetricDifference(lines(right)).size === 0
}

/** Whether these assignments can stand together: one policy a group, one group a priority, 0 for the default alone. */
export const decideReplacement = (
  assigned: readonly Assigned[],
): Result<readonly Assigned[], 'priority_taken' | 'request_malformed'> => {
  const groups = new Set(assigned.map(({ groupNo }) => groupNo))
  if (groups.size < assigned.length) return refuse('request_malformed', 'A group can have one policy only.')
  for (const { groupNo, priority } of assigned)
    if (groupNo === everyDevice && priority !== 0)
      return refuse('request_malformed', 'The tenant default has priority 0.')
    else if (groupNo !== everyDevice && priority === 0)
      return refuse('priority_taken', 'Priority 0 belongs to the tenant default.')
  const priorities = new Set(assigned.map(({ priority }) => priority))
  return priorities.size < assigned.length ? refuse('priority_taken') : ok(assigned)
}
