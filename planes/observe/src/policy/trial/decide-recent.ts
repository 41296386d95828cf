// Which rules a change would have set off, and which findings no rule would have made. Pure; the changes are read in
// recent-store.ts.
import { type Rule, type RuledItem, ruleKey } from '@muster/contract'
import { evidenceOf, type StoredContent, type TriedRule } from './decide.ts'

/** What happened to an item at one place, out of an interval that began or ended in the time that is told again. */
export interface Change {
  readonly deviceNo: number
  readonly pathNo: number
  readonly labelNo: number
  readonly contentNo: number
  /** Null when it began earlier, or was there at the first scan. */
  readonly began: 'added' | 'modified' | null
  readonly removed: boolean
}

/** Every rule that is on, by surface. */
export const rulesForChanges = (rules: readonly Rule[]): ReadonlyMap<string, readonly TriedRule[]> =>
  Map.groupBy(
    rules.filter(({ enabled, triggers }) => enabled && triggers.length > 0).map(evidenceOf),
    ({ rule }) => rule.surface,
  )

/** What arrives is present at the next scan as well (sensor-protocol 15.5). */
export const isSetOff = ({ triggers }: Rule, { began, removed }: Change): boolean =>
  (began !== null && (triggers.includes(began) || triggers.includes('present'))) ||
  (removed && triggers.includes('removed'))

/** A finding that was made, with every content its item had in that time. */
export interface MadeFinding {
  readonly ruleId: string
  readonly surface: string
  readonly path: string
  readonly contents: readonly StoredContent[]
}

/** Of an item that nothing is known of any more, a rule that stays is believed to find what it found. */
export const wouldMake = (
  rules: ReadonlyMap<string, readonly TriedRule[]>,
  { ruleId, surface, path, contents }: MadeFinding,
): boolean => {
  const tried = rules.get(surface)?.find(({ rule }) => ruleKey(rule) === ruleKey({ id: ruleId, surface }))
  if (tried === undefined) return false
  const items: readonly RuledItem[] = contents.map((content) => ({ ...content, path }))
  return items.length === 0 || items.some((item) => tried.evidence(item) !== null)
}
