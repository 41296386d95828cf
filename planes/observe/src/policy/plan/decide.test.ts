// Proof that a plan names what agents would notice, and nothing else.
// That the numbers of a plan are those of publishing is proved in plan.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PolicyChanges, Rule } from '@muster/contract'
import type { Bundle } from '../bundle/bundle.ts'
import { BASE_CAPABILITY, CAPABILITY_SETS } from '../bundle/capability.ts'
import { compileBundle } from '../bundle/compile.ts'
import { examinePolicy } from '../document/examine.ts'
import { compareBundles, setReached } from './decide.ts'

const bundleOf = (agent: string): Bundle => {
  const text = `apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: p }\nagent: ${agent}\n`
  const { document } = examinePolicy(text, { mayWidenScan: true, vocabulary: BASE_CAPABILITY.vocabulary })
  assert.ok(document !== null)
  return JSON.parse(compileBundle(document, BASE_CAPABILITY).text)
}

const rule = (id: string, more: Partial<Rule> = {}): Rule => ({
  id,
  surface: 'homebrew',
  enabled: true,
  triggers: ['added'],
  match: 'always',
  severity: 'info',
  title: 'T',
  rationale: 'R',
  ...more,
})

const usual = bundleOf('{ rules: [] }')
const withRules = (...rules: readonly Rule[]): Bundle => ({ ...usual, rules })
const none: PolicyChanges = { rules: { added: [], removed: [], changed: [], reordered: false }, settings: [] }
const named = (id: string, surface = 'homebrew') => ({ id, surface })

interface Case {
  readonly name: string
  readonly before: Bundle | null
  readonly after: Bundle
  readonly want: Partial<PolicyChanges['rules']>
  readonly settings?: PolicyChanges['settings']
}

const cases: readonly Case[] = [
  { name: 'the same bundle changes nothing', before: withRules(rule('a')), after: withRules(rule('a')), want: {} },
  {
    name: 'out of nothing, every rule is added',
    before: null,
    after: withRules(rule('a')),
    want: { added: [named('a')] },
  },
  {
    name: 'rules come and go by id and surface',
    before: withRules(rule('a'), rule('b')),
    after: withRules(rule('a'), rule('b', { surface: 'piConfig' })),
    want: { added: [named('b', 'piConfig')], removed: [named('b')] },
  },
  {
    name: 'a changed rule says in which parts, also in those it gains and loses',
    before: withRules(rule('a', { match: 'fieldContainsAny', field: 'name', values: ['x'] })),
    after: withRules(rule('a', { severity: 'critical', match: 'flagEquals', flag: 'usesRemote', expected: true })),
    want: { changed: [{ ...named('a'), parts: ['expected', 'field', 'flag', 'match', 'severity', 'values'] }] },
  },
  {
    name: 'rules that stay in another order are told',
    before: withRules(rule('a'), rule('b'), rule('c')),
    after: withRules(rule('c'), rule('a')),
    want: { removed: [named('b')], reordered: true },
  },
  {
    name: 'settings are told by their place, lists as a whole',
    before: usual,
    after: bundleOf('{ rules: [], watch: { maxDepth: 2, projectRoots: [~/work] }, sync: { maxBatchEvents: 9 } }'),
    want: {},
    settings: [
      { path: '/sync/maxBatchEvents', before: 500, after: 9 },
      { path: '/watch/maxDepth', before: 5, after: 2 },
      { path: '/watch/projectRoots', before: [...usual.watch.projectRoots], after: ['~/work'] },
    ],
  },
]

for (const { name, before, after, want, settings = [] } of cases)
  test(name, () => assert.deepEqual(compareBundles(before, after), { rules: { ...none.rules, ...want }, settings }))

test('a device is reached as the kind it is, unless another policy comes first', () => {
  const assigned = [
    { groupNo: 7, policyNo: 2, priority: 1 },
    { groupNo: 0, policyNo: 1, priority: 0 },
  ]
  const reached = (groupNos: readonly number[], sensorVersion: string, ...bundles: readonly string[]) =>
    setReached({ groupNos, sensorVersion }, 1, assigned, CAPABILITY_SETS, new Set(bundles))
  assert.equal(reached([], 'koban-agent', 'base', 'muster'), 'base')
  assert.equal(reached([], 'muster-agent/0.1.0', 'base', 'muster'), 'muster')
  assert.equal(reached([], 'muster-agent/0.1.0', 'base'), 'base')
  assert.equal(reached([7], 'koban-agent', 'base'), null)
})
