// What an agent rule is once every default is filled in (sensor-protocol 15.1), and whether an agent understands it.
// Authored rules become these in the policy feature; what they match is evidence.ts.
import type { Vocabulary } from './vocabulary.ts'

/** Flat, as agents read it. A rule carries exactly the parameters of its match kind. */
export interface Rule {
  /** Not unique by itself: one id may be used once per surface. */
  readonly id: string
  readonly surface: string
  readonly enabled: boolean
  readonly triggers: readonly string[]
  readonly match: string
  readonly severity: string
  readonly title: string
  readonly rationale: string
  readonly field?: string
  readonly values?: readonly string[]
  readonly allowed?: readonly string[]
  readonly schemes?: readonly string[]
  readonly flag?: string
  readonly expected?: boolean
}

/** What makes two rules the same rule (15.1). */
export type RuleKey = Pick<Rule, 'id' | 'surface'>

export const ruleKey = (rule: RuleKey): string => `${rule.surface}\n${rule.id}`

/** The first word of the rule that is not in the vocabulary, as `surface "x"`; null when all of them are. */
export const foreignWord = (rule: Rule, vocabulary: Vocabulary): string | null => {
  const words: readonly (readonly [string, string | undefined, readonly string[]])[] = [
    ['surface', rule.surface, vocabulary.surfaces],
    ['match', rule.match, Object.keys(vocabulary.matches)],
    ['severity', rule.severity, vocabulary.severities],
    ['field', rule.field, vocabulary.fields],
    ['flag', rule.flag, vocabulary.flags],
    ...rule.triggers.map((trigger) => ['trigger', trigger, vocabulary.triggers] as const),
  ]
  const foreign = words.find(([, word, known]) => word !== undefined && !known.includes(word))
  return foreign === undefined ? null : `${foreign[0]} "${foreign[1]}"`
}
