// The document shape of fleet-product 6.2 and every check of 6.3, all at once, for the part that agents receive.
// Rules evaluated on the server are not served yet: asking for them is an error of its own, never silently ignored.
import { BUILT_IN_RULES, type Rule, ruleKey, type Vocabulary } from '@muster/contract'
import { LIST_BOUNDS, type SYNC_BOUNDS, type Watch, type Whole } from '../bundle/bundle.ts'
import { adviseOnRules } from './advise.ts'
import type { Place, Report } from './fault.ts'
import { type Form, openForm, quote } from './form.ts'
import type { PolicyNode } from './node.ts'
import { type RuleReading, readRules } from './read-rules.ts'
import { readSync, readWatch } from './read-watch.ts'

export interface PolicyDocument {
  readonly name: string
  readonly description: string
  /** Whether the 64 built-in rules come before the policy's own. */
  readonly withBuiltIns: boolean
  readonly rules: readonly Rule[]
  /** Where the list of rules stands. */
  readonly rulesPlace: Place
  readonly watch: Watch
  readonly sync: Whole<typeof SYNC_BOUNDS>
}

export interface Judging {
  /** Whether the author has the capability `policy:scan-scope` (sensor-protocol D27). */
  readonly mayWidenScan: boolean
  /** Every word that at least one kind of agent understands. */
  readonly vocabulary: Vocabulary
}

const mostNameCharacters = 128
const mostDescriptionCharacters = 1024

/** The document with every default filled in. It means nothing while the report has errors. */
export const validatePolicy = (root: PolicyNode, judging: Judging, report: Report): PolicyDocument => {
  const form = openForm(root, root, report)
  for (const key of ['apiVersion', 'kind', 'metadata']) form.need(key)
  form.word('apiVersion', ['fleet/v1'], 'wrong_value')
  form.word('kind', ['Policy'], 'wrong_value')
  const metadata = readMetadata(form.form('metadata'), report)
  const agent = readAgent(form.form('agent'), judging, report)
  refuseFleetRules(form, report)
  form.close()
  return { ...metadata, ...agent }
}

const readMetadata = (form: Form, report: Report): Pick<PolicyDocument, 'name' | 'description'> => {
  form.need('name')
  const name = form.text('name', mostNameCharacters) ?? ''
  if (name !== name.trim() || name.includes('\n'))
    report.error(form.placeOf('name'), 'wrong_value', 'a name is one line without spaces around it')
  const description = form.text('description', mostDescriptionCharacters) ?? ''
  form.close()
  return { name, description }
}

type AgentPart = Omit<PolicyDocument, 'name' | 'description'>

// As in an agent's own file, a list of rules replaces the built-in ones unless the document asks for both.
const readAgent = (form: Form, judging: Judging, report: Report): AgentPart => {
  const watch = readWatch(form.form('watch'), judging.mayWidenScan, report)
  const sync = readSync(form.form('sync'))
  const hasRules = form.has('rules')
  const withBuiltIns = form.boolean('includeBuiltinRules') ?? !hasRules
  const readings = readRules(form.list('rules', LIST_BOUNDS.rules) ?? [], judging.vocabulary, report)
  form.close()
  const listPlace = form.placeOf('rules')
  refuseDuplicates(readings, withBuiltIns, report)
  if (withBuiltIns && readings.length + BUILT_IN_RULES.length > LIST_BOUNDS.rules)
    report.error(listPlace, 'too_many_entries', `with the built-in rules there are more than ${LIST_BOUNDS.rules}`)
  if (hasRules && !form.has('includeBuiltinRules')) report.warn(listPlace, 'built_in_rules_left_out', builtInAdvice)
  const sound = readings.flatMap(({ form, rule }) => (rule === null ? [] : { form, rule }))
  adviseOnRules(sound, withBuiltIns, report)
  return { watch, sync, withBuiltIns, rules: sound.map(({ rule }) => rule), rulesPlace: listPlace }
}

const builtInAdvice =
  'this list replaces the 64 built-in rules; say includeBuiltinRules: true to keep them, or false if that is meant'

const refuseDuplicates = (readings: readonly RuleReading[], withBuiltIns: boolean, report: Report): void => {
  const seen = new Set(withBuiltIns ? BUILT_IN_RULES.map(ruleKey) : [])
  for (const { key, form } of readings) {
    if (key === undefined) continue
    const message = `${quote(key.id)} is already the id of a rule for ${key.surface}`
    if (seen.has(ruleKey(key))) report.error(form.placeOf('id'), 'duplicate_rule', message)
    seen.add(ruleKey(key))
  }
}

const unsupported = 'rules evaluated on the server are not served by this version'

const refuseFleetRules = (form: Form, report: Report): void => {
  for (const key of ['mcp_servers', 'npm_packages']) form.forbid(key, 'fleet_rules_unsupported', unsupported)
  const fleet = form.form('fleet')
  const rules = fleet.list('rules', Number.POSITIVE_INFINITY) ?? []
  if (rules.length > 0) report.error(fleet.placeOf('rules'), 'fleet_rules_unsupported', unsupported)
  fleet.close()
}
