// Which rules an item sets off (sensor-agent 9). Pure.
// What a rule matches is the contract's; what becomes of a hit is scan.
import { type Evidence, evidenceFor, type PayloadItem, type Rule } from '@muster/contract/inventory'
import { sha256Hex } from '@muster/kernel'
import type { Change } from '../diff/decide.ts'

export interface Hit extends Evidence {
  readonly rule: Rule
  readonly item: PayloadItem
}

interface Ready {
  readonly rule: Rule
  readonly evidence: (item: PayloadItem) => Evidence | null
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
    .map((rule) => ({ rule, evidence: evidenceFor(rule) }))
  const by = (trigger: string) => ready.filter(({ rule }) => rule.triggers.includes(trigger))
  const byTrigger = new Map(triggers.map((trigger) => [trigger, by(trigger)] as const))
  return { byTrigger, presentDigests: new Map(by('present').map(({ rule }) => [rule.id, digestOf(rule)])) }
}

const hitsOf = (ready: readonly Ready[], item: PayloadItem): readonly Hit[] =>
  ready.flatMap(({ rule, evidence }) => {
    const found = evidence(item)
    return found === null ? [] : [{ rule, item, ...found }]
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
