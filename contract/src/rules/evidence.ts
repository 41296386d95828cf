// What in an item makes a rule match it (sensor-protocol 15.2): the same for the agent that tells and the server that asks
// what a rule would tell. When a rule is asked at all is theirs.
import { fieldOf, flagOf, hasScheme, type RuledItem } from './fields.ts'
import type { Rule } from './rule.ts'

export interface Evidence {
  readonly matchedField: string | null
  readonly matchedValue: string | null
}

type Predicate = (item: RuledItem) => Evidence | null

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

/** What an item shows of what the rule looks for; null when the rule has nothing to say about it. */
export const evidenceFor = ({ match, field = '', flag = '', values, allowed, schemes, expected }: Rule): Predicate => {
  if (match === 'always') return () => nothingMatched
  if (match === 'fieldContainsAny') return containsAny(field, values ?? [])
  if (match === 'fieldNotInList') return notInList(field, allowed ?? [])
  if (match === 'flagEquals' && expected !== undefined) return flagEquals(flag, expected)
  const wanted = new Set((schemes ?? []).map((scheme) => scheme.toLowerCase()))
  return match === 'fieldHasURLScheme' ? onField(field, (value) => hasScheme(value, wanted)) : () => null
}
