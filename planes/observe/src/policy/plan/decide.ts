// What differs between the bundle in force and the one that would take its place, and whom it would reach. Pure.
// Texts are compared in text-diff.ts; facts are loaded in plan.ts.
import { canonicalJson, type PolicyChanges, type Rule, ruleKey } from '@muster/contract'
import type { Bundle } from '../bundle/bundle.ts'
import { type CapabilitySet, capabilitySetsOf } from '../bundle/capability.ts'
import { type Assigned, decideAssignment } from '../decide.ts'

const named = ({ id, surface }: Rule) => ({ id, surface })

const partsOf = (rule: Rule): ReadonlyMap<string, string> =>
  new Map(Object.entries(rule).map(([part, value]) => [part, canonicalJson(value)]))

const differingParts = (before: Rule, after: Rule): string[] => {
  const [left, right] = [partsOf(before), partsOf(after)]
  return [...new Set([...left.keys(), ...right.keys()])].filter((part) => left.get(part) !== right.get(part)).toSorted()
}

const byKey = (rules: readonly Rule[]): ReadonlyMap<string, Rule> => new Map(rules.map((rule) => [ruleKey(rule), rule]))

const compareRules = (before: readonly Rule[], after: readonly Rule[]): PolicyChanges['rules'] => {
  const [left, right] = [byKey(before), byKey(after)]
  const kept = before.filter((rule) => right.has(ruleKey(rule))).map(ruleKey)
  const stayed = after.filter((rule) => left.has(ruleKey(rule)))
  return {
    added: after.filter((rule) => !left.has(ruleKey(rule))).map(named),
    removed: before.filter((rule) => !right.has(ruleKey(rule))).map(named),
    changed: stayed.flatMap((rule) => {
      const earlier = left.get(ruleKey(rule))
      const parts = earlier === undefined ? [] : differingParts(earlier, rule)
      return parts.length === 0 ? [] : { ...named(rule), parts }
    }),
    reordered: stayed.some((rule, at) => ruleKey(rule) !== kept[at]),
  }
}

type Setting = PolicyChanges['settings'][number]['after']

/** Every value in a tree of settings with its place; a list is one value. */
const leavesOf = (tree: object, path: string): readonly (readonly [string, Setting])[] =>
  Object.entries(tree).flatMap(([key, value]: [string, Setting | object]) =>
    typeof value === 'object' && !Array.isArray(value)
      ? leavesOf(value, `${path}/${key}`)
      : [[`${path}/${key}`, value as Setting] as const],
  )

const settingsOf = ({ watch, sync }: Bundle) => leavesOf({ sync, watch }, '')

/** A setting that only one of them has differs in nothing that agents heed. */
const compareSettings = (before: Bundle, after: Bundle): PolicyChanges['settings'] => {
  const earlier = new Map(settingsOf(before))
  return settingsOf(after).flatMap(([path, value]) => {
    const was = earlier.get(path)
    return was === undefined || canonicalJson(was) === canonicalJson(value) ? [] : { path, before: was, after: value }
  })
}

/** From what is in force, or from nothing, where every rule counts as added. */
export const compareBundles = (before: Bundle | null, after: Bundle): PolicyChanges => ({
  rules: compareRules(before?.rules ?? [], after.rules),
  settings: before === null ? [] : compareSettings(before, after),
})

export interface ReachableDevice {
  readonly groupNos: readonly number[]
  readonly sensorVersion: string
}

/**
 * The set whose bundle a device would be given, the base where it has no other; null when these assignments give it
 * another policy or none.
 */
export const setReached = (
  { groupNos, sensorVersion }: ReachableDevice,
  policyNo: number,
  assigned: readonly Assigned[],
  sets: readonly CapabilitySet[],
  withBundle: ReadonlySet<string>,
): string | null =>
  decideAssignment(assigned, groupNos) === policyNo
    ? (capabilitySetsOf(sensorVersion, sets).find(({ name }) => withBundle.has(name))?.name ?? null)
    : null
