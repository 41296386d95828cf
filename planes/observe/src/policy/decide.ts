// The pure decisions of the policy pipeline: which generation bytes go under, and which policy a device gets.
// Facts are loaded and verdicts are kept by store.ts.

/** A bundle in force for one capability set of one policy. */
export interface GenerationInForce {
  readonly generation: string
  readonly sha256: string
}

export type GenerationVerdict =
  | { readonly kind: 'kept'; readonly generation: string }
  | { readonly kind: 'new'; readonly number: number; readonly generation: string }

const label = (number: number, sha256: string): string => `g${number}-${sha256.slice(0, 12)}`

/**
 * Bytes equal to those in force keep their generation, so that an edited comment restarts no agent; all others get the
 * tenant's next number, which is never used again (fleet-product 6.4, sensor-protocol 14.5).
 */
export const decideGeneration = (
  inForce: GenerationInForce | null,
  lastNumber: number,
  sha256: string,
): GenerationVerdict =>
  inForce?.sha256 === sha256 ? { kind: 'kept', generation: inForce.generation } : decideNext(lastNumber, sha256)

/** A rollback always gets a new generation, though its bytes are old. */
export const decideNext = (lastNumber: number, sha256: string): GenerationVerdict & { readonly kind: 'new' } => ({
  kind: 'new',
  number: lastNumber + 1,
  generation: label(lastNumber + 1, sha256),
})

export interface GroupAssignment {
  readonly policyId: string
  /** Null for the tenant default. */
  readonly groupId: string | null
  readonly priority: number
}

/** The policy of the highest-priority group the device is in, else the tenant default, else none (6.7). */
export const decideAssignment = (
  assignments: readonly GroupAssignment[],
  groupIds: ReadonlySet<string>,
): string | null => {
  const ofGroups = assignments
    .filter(({ groupId }) => groupId !== null && groupIds.has(groupId))
    .toSorted((left, right) => right.priority - left.priority)
  return (ofGroups[0] ?? assignments.find(({ groupId }) => groupId === null))?.policyId ?? null
}
