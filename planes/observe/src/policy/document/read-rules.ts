// The `rules` of a policy: each as an agent takes it, in the closed vocabulary, with exactly its match's parameters.
// Faults between rules (duplicates, too many) are validate.ts; advice about sound rules is advise.ts.
import { PARAMETERS, type Parameter, type Rule, type RuleKey, type Vocabulary } from '@muster/contract'
import type { Report } from './fault.ts'
import { type Form, openForm, quote, readWord, type TextJudge } from './form.ts'
import type { PolicyNode } from './node.ts'

/** One rule as far as it could be read. */
export interface RuleReading {
  readonly form: Form
  /** Undefined while its id or surface is at fault. */
  readonly key: RuleKey | undefined
  /** Complete, with defaults; null when anything about it is at fault. */
  readonly rule: Rule | null
}

const ruleId = /^[a-z0-9][a-z0-9._-]{0,127}$/
const urlScheme = /^[A-Za-z][A-Za-z0-9+.-]*$/
const mostTitleCharacters = 256
const mostRationaleCharacters = 4096
const mostListEntries = 5000
const defaultTriggers: readonly string[] = ['added', 'modified']

export const readRules = (
  nodes: readonly PolicyNode[],
  vocabulary: Vocabulary,
  report: Report,
): readonly RuleReading[] => nodes.map((node) => readRule(openForm(node, node, report), vocabulary, report))

const readRule = (form: Form, vocabulary: Vocabulary, report: Report): RuleReading => {
  const errorsBefore = report.errorCount()
  for (const key of ['id', 'surface', 'match', 'severity', 'title', 'rationale']) form.need(key)
  const id = readId(form, report)
  const surface = form.word('surface', vocabulary.surfaces, 'unknown_surface')
  const match = form.word('match', Object.keys(vocabulary.matches), 'unknown_match')
  const rule: Rule = {
    id: id ?? '',
    surface: surface ?? '',
    enabled: form.boolean('enabled') ?? true,
    triggers: readTriggers(form, vocabulary, report),
    match: match ?? '',
    severity: form.word('severity', vocabulary.severities, 'unknown_severity') ?? '',
    title: form.text('title', mostTitleCharacters) ?? '',
    rationale: form.text('rationale', mostRationaleCharacters) ?? '',
    ...readParameters(form, match, vocabulary),
  }
  form.close()
  const key = id === undefined || surface === undefined ? undefined : { id, surface }
  return { form, key, rule: report.errorCount() === errorsBefore ? rule : null }
}

const readId = (form: Form, report: Report): string | undefined => {
  const id = form.text('id', mostTitleCharacters)
  if (id === undefined || ruleId.test(id)) return id
  const message = `${quote(id)} must be 1 to 128 of a-z, 0-9, dot, dash and underscore, and start with a letter or digit`
  report.error(form.placeOf('id'), 'malformed_rule_id', message)
  return id
}

const readTriggers = (form: Form, { triggers: words }: Vocabulary, report: Report): readonly string[] => {
  const nodes = form.list('triggers', words.length)
  if (nodes === undefined) return defaultTriggers
  const triggers = nodes.flatMap((node) => readWord(node, words, 'unknown_trigger', report) ?? [])
  return [...new Set(triggers)]
}

type Parameters = Pick<Rule, Parameter>

const readParameters = (form: Form, match: string | undefined, vocabulary: Vocabulary): Parameters => {
  const wanted = match === undefined ? undefined : vocabulary.matches[match]
  for (const key of PARAMETERS) {
    if (wanted?.includes(key)) form.need(key, 'missing_parameter')
    else if (wanted !== undefined) form.forbid(key, 'irrelevant_parameter', `match ${match} does not use "${key}"`)
  }
  const readable = wanted ?? PARAMETERS
  const read = Object.fromEntries(readable.map((key) => [key, readers[key](form, vocabulary)]))
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

const anyText: TextJudge = () => null

const judgeScheme: TextJudge = (text) =>
  urlScheme.test(text)
    ? null
    : { code: 'malformed_scheme', message: `${quote(text)} must be a bare URL scheme such as https` }

const readers: Readonly<Record<Parameter, (form: Form, vocabulary: Vocabulary) => Rule[Parameter]>> = {
  field: (form, { fields }) => form.word('field', fields, 'unknown_field'),
  values: (form) => form.texts('values', mostListEntries, anyText),
  allowed: (form) => form.texts('allowed', mostListEntries, anyText),
  schemes: (form) => form.texts('schemes', mostListEntries, judgeScheme),
  flag: (form, { flags }) => form.word('flag', flags, 'unknown_flag'),
  expected: (form) => form.boolean('expected'),
}
