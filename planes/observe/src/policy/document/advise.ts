// Warnings about rules that are sound but will disappoint: storms, rules that cannot fire, rules that repeat others.
// What is an error is decided in read-rules.ts and validate.ts.
import {
  AGENT_SURFACES,
  BUILT_IN_RULES,
  canonicalJson,
  MUSTER_SURFACES,
  NEVER_KNOWN_FLAGS,
  PACKAGE_SURFACES,
  type PolicyFault,
  type Rule,
  type RuleKey,
  ruleKey,
} from '@muster/contract'
import type { Place, Report, WarningCode } from './fault.ts'
import { type Form, quote } from './form.ts'

export interface SoundRule {
  readonly form: Form
  readonly rule: Rule
}

/** Fewer allowed entries than this leave most packages of a device outside the list. */
const shortListEntries = 100
const fewNewRules = 20

const includes = (words: readonly string[], word: string | undefined): boolean =>
  word !== undefined && words.includes(word)

export const adviseOnRules = (readings: readonly SoundRule[], withBuiltIns: boolean, report: Report): void => {
  const enabled = readings.filter(({ rule }) => rule.enabled)
  for (const reading of enabled) adviseOnRule(reading, report)
  adviseOnShadows(enabled, withBuiltIns ? BUILT_IN_RULES : [], report)
}

/** What only the policy in force can tell: whether too much changes at once. */
export const adviseOnNewRules = (
  rules: readonly Rule[],
  listPlace: Place,
  inForce: readonly RuleKey[],
): readonly PolicyFault[] => {
  const known = new Set(inForce.map(ruleKey))
  const added = rules.filter((rule) => rule.enabled && !known.has(ruleKey(rule))).length
  if (added <= fewNewRules) return []
  const code: WarningCode = 'many_new_rules'
  return [{ ...listPlace, code, message: `${added} rules are new at once; start narrow, then widen` }]
}

const adviseOnRule = ({ rule, form }: SoundRule, report: Report): void => {
  if (rule.triggers.includes('present') && isBroad(rule))
    report.warn(
      form.place,
      'broad_present_rule',
      'matches nearly every item at every scan; past 1000 matches agents raise the same findings again and again',
    )
  if (includes(NEVER_KNOWN_FLAGS, rule.flag))
    report.warn(form.placeOf('flag'), 'flag_never_known', `no sensor knows ${rule.flag}, so this rule never matches`)
  if (rule.match === 'fieldNotInList' && rule.field === 'name' && includes(AGENT_SURFACES, rule.surface))
    report.warn(
      form.place,
      'list_without_kind',
      'judges every item of the surface, not only MCP servers: a rule on the agent cannot also ask for the kind. ' +
        'An exact allowlist of MCP servers is the server-side rule type mcpAllowlist',
    )
  if (includes(MUSTER_SURFACES, rule.surface))
    report.warn(
      form.placeOf('surface'),
      'own_agents_only',
      `only Muster's own agents look at ${rule.surface}; other sensors get this policy without the rule`,
    )
  const empty = emptyKey(rule)
  if (empty !== undefined) report.warn(form.placeOf(empty), 'rule_never_fires', `an empty ${empty} list never fires`)
}

/** Surfaces with as many items as there are packages. */
const packageSurfaces: readonly string[] = [
  ...PACKAGE_SURFACES,
  ...MUSTER_SURFACES.filter((surface) => surface !== 'claudeDesktopConfig'),
]

const isBroad = (rule: Rule): boolean => {
  if (rule.match === 'always') return true
  if (!includes(packageSurfaces, rule.surface)) return false
  if (rule.match === 'fieldNotInList') return (rule.allowed?.length ?? 0) < shortListEntries
  if (rule.match === 'flagEquals') return rule.flag === 'isDirectDependency' && rule.expected === true
  return rule.match === 'fieldContainsAny' && (rule.field === 'kind' || rule.field === 'packageManager')
}

const emptyKey = (rule: Rule): 'triggers' | 'values' | 'schemes' | undefined =>
  (['triggers', 'values', 'schemes'] as const).find((key) => rule[key]?.length === 0)

/** What a rule looks for, spelled so that equal searches are equal texts. */
const searchOf = ({ surface, match, field, values, allowed, schemes, flag, expected }: Rule): string => {
  const inAnyOrder = (words: readonly string[] | undefined) => words && [...new Set(words)].sort()
  const lists = { values: inAnyOrder(values), allowed: inAnyOrder(allowed), schemes: inAnyOrder(schemes) }
  return canonicalJson({ surface, match, field, flag, expected, ...lists })
}

const adviseOnShadows = (readings: readonly SoundRule[], builtIns: readonly Rule[], report: Report): void => {
  const earlier = Map.groupBy(builtIns, searchOf)
  for (const { rule, form } of readings) {
    const search = searchOf(rule)
    const twins = earlier.get(search) ?? []
    const twin = twins.find(({ triggers }) => triggers.some((trigger) => rule.triggers.includes(trigger)))
    if (twin !== undefined) report.warn(form.place, 'shadowed_rule', `${quote(twin.id)} already matches exactly this`)
    earlier.set(search, [...twins, rule])
  }
}
