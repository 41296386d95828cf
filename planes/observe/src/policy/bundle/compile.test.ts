// Proof that bundles are complete, canonical and byte-exact, and that no agent gets a word it does not know.
// The vector is that of fleet-product 17.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BASE_VOCABULARY, BUILT_IN_RULES, canonicalJson, MUSTER_SURFACES } from '@muster/contract'
import { examinePolicy } from '../document/examine.ts'
import type { Bundle } from './bundle.ts'
import {
  authoringVocabulary,
  BASE_CAPABILITY,
  CAPABILITY_SETS,
  type CapabilitySet,
  capabilitySetsOf,
  MUSTER_CAPABILITY,
} from './capability.ts'
import { compileBundle } from './compile.ts'

const head = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: engineering }\n'

const compile = (agent: string, set = BASE_CAPABILITY, sets: readonly CapabilitySet[] = CAPABILITY_SETS) => {
  const judging = { mayWidenScan: true, vocabulary: authoringVocabulary(sets) }
  const { document, errors } = examinePolicy(head + agent, judging)
  assert.deepEqual(errors, [])
  assert.ok(document !== null)
  return compileBundle(document, set)
}

const denylist = `agent:
  includeBuiltinRules: false
  rules:
    - id: acme.npm-denylist
      surface: javascriptPackages
      triggers: [added, modified, present]
      match: fieldContainsAny
      field: name
      values: [plain-crypto-js]
      severity: critical
      title: Denied npm package
      rationale: Named in an incident advisory.
`

test('the published vector: 1474 bytes and their hash', () => {
  const { byteCount, sha256, droppedRules } = compile(denylist)
  assert.equal(byteCount, 1474)
  assert.equal(sha256, '8438b4d6ba6863a0e311b147820209725ed675f9b68f3dd01fdf388be0bc732a')
  assert.deepEqual(droppedRules, [])
})

test('order, comments and what is only said about the document do not reach the bytes', () => {
  const reordered = `agent: # for everybody
  sync: { maxBatchEvents: 500 }
  rules:
    - { title: Denied npm package, values: [plain-crypto-js], field: name, match: fieldContainsAny,
        triggers: [added, modified, present], surface: javascriptPackages, id: acme.npm-denylist, enabled: true,
        rationale: Named in an incident advisory., severity: critical }
  watch: { maxDepth: 5 }
`
  assert.equal(compile(reordered).text, compile(denylist).text)
})

const bundleOf = (agent: string): Bundle => JSON.parse(compile(agent).text)

test('a bundle has exactly the three parts, and two keys of sync, whatever the document leaves out', () => {
  for (const agent of ['', 'agent: {}\n', 'agent: { sync: {} }\n', denylist]) {
    const bundle = bundleOf(agent)
    assert.deepEqual(Object.keys(bundle), ['rules', 'sync', 'watch'])
    assert.deepEqual(Object.keys(bundle.sync), ['maxBatchBytes', 'maxBatchEvents'])
    assert.equal(Object.keys(bundle.watch).length, 8)
    assert.equal(Object.keys(bundle.watch.homeSignalScan).length, 9)
  }
})

test('a document that says nothing compiles to the built-in rules, and so does one that asks for them', () => {
  assert.deepEqual(bundleOf('').rules, JSON.parse(canonicalJson(BUILT_IN_RULES)))
  assert.equal(compile('agent: { includeBuiltinRules: true, rules: [] }\n').text, compile('').text)
  assert.deepEqual(bundleOf('agent: { rules: [] }\n').rules, [])
  assert.deepEqual(bundleOf('agent: { includeBuiltinRules: false }\n').rules, [])
})

test('built-in rules come first, then the document’s own in the order written', () => {
  const own = (id: string) => `{ id: ${id}, surface: homebrew, match: always, severity: info, title: T, rationale: R }`
  const { rules } = bundleOf(`agent: { includeBuiltinRules: true, rules: [${own('z')}, ${own('a')}] }\n`)
  assert.deepEqual(
    rules.slice(64).map(({ id }) => id),
    ['z', 'a'],
  )
  assert.deepEqual(rules[64]?.triggers, ['added', 'modified'])
  assert.equal(rules[64]?.enabled, true)
})

test('what is authored replaces the default and nothing else', () => {
  const { watch, sync } = bundleOf(
    'agent: { watch: { pollIntervalSeconds: 60, homeSignalScan: { maxDepth: 2 } }, sync: { maxBatchEvents: 1000 } }\n',
  )
  const usual = bundleOf('')
  assert.deepEqual(watch, {
    ...usual.watch,
    pollIntervalSeconds: 60,
    homeSignalScan: { ...usual.watch.homeSignalScan, maxDepth: 2 },
  })
  assert.deepEqual(sync, { maxBatchBytes: 524_288, maxBatchEvents: 1000 })
})

const rich: CapabilitySet = {
  name: 'rich',
  covers: (sensorVersion) => sensorVersion.startsWith('rich-agent/'),
  vocabulary: {
    ...BASE_VOCABULARY,
    surfaces: [...BASE_VOCABULARY.surfaces, 'aptPackages'],
    matches: { ...BASE_VOCABULARY.matches, versionBelow: ['field', 'values'] },
  },
}
const sets = [rich, BASE_CAPABILITY]

const mixed = `agent:
  includeBuiltinRules: false
  rules:
    - { id: a, surface: aptPackages, match: always, severity: info, title: T, rationale: R }
    - { id: b, surface: homebrew, match: always, severity: info, title: T, rationale: R }
    - { id: c, surface: homebrew, match: versionBelow, field: version, values: ['2'], severity: info, title: T, rationale: R }
`

test('rules with foreign words are left out for agents that would choke on them, and listed', () => {
  const base = compile(mixed, BASE_CAPABILITY, sets)
  assert.deepEqual(base.droppedRules, [
    { id: 'a', surface: 'aptPackages', reason: 'agents of the set base do not know surface "aptPackages"' },
    { id: 'c', surface: 'homebrew', reason: 'agents of the set base do not know match "versionBelow"' },
  ])
  assert.deepEqual(
    (JSON.parse(base.text) as Bundle).rules.map(({ id }) => id),
    ['b'],
  )
  const full = compile(mixed, rich, sets)
  assert.deepEqual(full.droppedRules, [])
  assert.deepEqual(
    (JSON.parse(full.text) as Bundle).rules.map(({ id }) => id),
    ['a', 'b', 'c'],
  )
})

test('a rule that only other agents know does not change the bytes of the base', () => {
  const without = mixed.split('\n').filter((line) => !line.includes('id: a') && !line.includes('id: c'))
  assert.equal(compile(mixed, BASE_CAPABILITY, sets).text, compile(without.join('\n')).text)
})

test('agents are told apart by what they call themselves; whoever is unknown gets the base', () => {
  const named = (sensorVersion: string, known = CAPABILITY_SETS) =>
    capabilitySetsOf(sensorVersion, known)
      .map(({ name }) => name)
      .join()
  for (const version of ['koban-agent', '', 'something/else', 'muster-agent', 'muster-agent/', 'x muster-agent/1.0.0'])
    assert.equal(named(version), 'base', version)
  for (const version of ['muster-agent/0.1.0', 'muster-agent/12.3.4-rc.1']) assert.equal(named(version), 'muster,base')
  assert.deepEqual([named('rich-agent/1.2.3', sets), named('rich-agent/1.2.3', [rich])], ['rich,base', 'rich,base'])
})

test('rules for every surface of our own agent reach it, and never an agent that does not know them', () => {
  const rule = (surface: string) =>
    `    - { id: 'acme.${surface.toLowerCase()}', surface: ${surface}, match: fieldContainsAny, field: name, values: [x],
        triggers: [present], severity: info, title: T, rationale: R }`
  const text = `agent:\n  includeBuiltinRules: true\n  rules:\n${MUSTER_SURFACES.map(rule).join('\n')}\n`
  const rulesFor = (set: CapabilitySet) => (JSON.parse(compile(text, set).text) as Bundle).rules
  assert.deepEqual(
    rulesFor(MUSTER_CAPABILITY)
      .slice(64)
      .map(({ surface }) => surface),
    MUSTER_SURFACES,
  )
  assert.equal(compile(text).text, compile('').text)
  assert.equal(compile(text).droppedRules.length, MUSTER_SURFACES.length)
})
