// Which rules an item sets off, and with what evidence (sensor-agent 9). Pure.
// What an item's fields and flags are is fields.ts; what becomes of a hit is scan.
import type { PayloadItem, Rule } from '@muster/contract/device'
import { sha256Hex } from '@muster/kernel'
import type { Change } from '../diff/decide.ts'
import { fieldOf, flagOf, hasScheme } from './fields.ts'

export interface Hit {
  readonly rule: Rule
  readonly item: PayloadItem
  readonly matchedField: string | null
  readonly matchedValue: string | null
}

type Evidence = Pick<Hit, 'matchedField' | 'matchedValue'>
type Predicate = (item: PayloadItem) => Evidence | null

const nothingMatched: Evidence = { matchedField: null, matchedValue: null }

const onField = (field: string, holds: (value: string) => boolean): Predicate => {
  return (item) => {
    const value = fieldOf(item, field)
    return value !== null && holds(value) ? { matchedField: field, matchedValue: value } : null
  }
}

const containsAny = (field: string, values: readonly string[]): Predicate => {
  const needles = values.filter((value) => value !== '').map((value) => value.toLowerCase())
  return onField(field, (value) => {
    const hay = value.toLowerCase()
    return needles.some((needle) => hay.includes(needle))
  })
}

const notInList = (field: string, allowed: readonly string[]): Predicate => {
  const known = new Set(allowed)
  return onField(field, (value) => value !== '' && !known.has(value))
}

const flagEquals =
  (flag: string, expected: boolean): Predicate =>
  (item) =>
    flagOf(item, flag) === expected ? { matchedField: flag, matchedValue: String(expected) } : null

const predicateOf = ({ match, field = '', flag = '', values, allowed, schemes, expected }: Rule): Predicate => {
  if (match === 'always') return () => nothingMatched
  if (match === 'fieldContainsAny') return containsAny(field, values ?? [])
  if (match === 'fieldNotInList') return notInList(field, allowed ?? [])
  if (match === 'flagEquals' && expected !== undefined) return flagEquals(flag, expected)
  const wanted = new Set((schemes ?? []).map((scheme) => scheme.toLowerCase()))
  return match === 'fieldHasURLScheme' ? onField(field, (value) => hasScheme(value, wanted)) : () => null
}

interface Ready {
  readonly rule: Rule
  readonly matches: Predicate
}

/** The enabled rules of one surface, made ready to be asked about many items. */
export interface RuleSet {
  /** In list order, by what sets them off: a kind of change, or being there. */
  readonly byTrigger: ReadonlyMap<string, readonly Ready[]>
  /** Of each rule that looks at what is there, by its id: changes when anything about the rule does. */
  readonly presentDigests: ReadonlyMap<string, string>
}

const digestOf = (rule: Rule): string =>
  sha256Hex(JSON.stringify(Object.entries(rule).toSorted(([left], [right]) => (left < right ? -1 : 1))))

const triggers = ['added', 'modified', 'removed', 'present'] as const

export const readyRules = (rules: readonly Rule[], surface: string): RuleSet => {
  const ready = rules
    .filter((rule) => rule.enabled && rule.surface === surface)
    .map((rule) => ({ rule, matches: predicateOf(rule) }))
  const by = (trigger: string) => ready.filter(({ rule }) => rule.triggers.includes(trigger))
  const byTrigger = new Map(triggers.map((trigger) => [trigger, by(trigger)] as const))
  return { byTrigger, presentDigests: new Map(by('present').map(({ rule }) => [rule.id, digestOf(rule)])) }
}

const hitsOf = (ready: readonly Ready[], item: PayloadItem): readonly Hit[] =>
  ready.flatMap(({ rule, matches }) => {
    const evidence = matches(item)
    return evidence === null ? [] : [{ rule, item, ...evidence }]
  })

/** For each change in order, for each rule in list order; a removal is judged by the item that vanished. */
export const decideChangeHits = ({ byTrigger }: RuleSet, changes: readonly Change[]): readonly Hit[] =>
  changes.flatMap(({ kind, item }) => hitsOf(byTrigger.get(kind) ?? [], item))

/** What marks a hit as told: the same rule on the same item is told once. */
export const hitKey = (itemId: string, ruleId: string): string => `${itemId}\n${ruleId}`

/**
 * For each item in snapshot order, each rule that looks at what is there; neither what was told before nor what a
 * change rule tells now.
 */
export const decidePresentHits = (
  { byTrigger }: RuleSet,
  items: readonly PayloadItem[],
  told: ReadonlySet<string>,
): readonly Hit[] => {
  const ready = byTrigger.get('present') ?? []
  if (ready.length === 0) return []
  const seen = new Set<string>()
  return items.flatMap((item) =>
    hitsOf(ready, item).filter(({ rule }) => {
      const key = hitKey(item.itemId, rule.id)
      if (told.has(key) || seen.has(key)) return false
      seen.add(key)
      return true
    }),
  )
}
