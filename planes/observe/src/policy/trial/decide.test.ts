// Proof that only rules for what is present are tried, on what they look at, and that orphans are those of rules that go.
// What a rule matches is proved in the contract; the counting over a database in trial.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rule } from '@muster/contract'
import {
  countMatch,
  decideCandidates,
  decideOrphaning,
  newTally,
  rulesToTry,
  type StoredContent,
  topDevices,
} from './decide.ts'
import { rule } from './rule.fixture.ts'

const content = (contentNo: number, name: string, surface = 'javascriptPackages'): StoredContent => ({
  contentNo,
  surface,
  kind: 'package',
  name,
  version: '1.0.0',
  origin: 'npm',
  detail: null,
  installedOnRequest: null,
})

const idsTried = (...rules: readonly Rule[]) => [...rulesToTry(rules).values()].flat().map((tried) => tried.rule.id)

test('rules that are off, or wait for a change, are not tried', () => {
  const rules = [rule('a'), rule('off', { enabled: false }), rule('waits', { triggers: ['added', 'removed'] })]
  assert.deepEqual(idsTried(...rules, rule('both', { triggers: ['added', 'present'] })), ['a', 'both'])
})

test('a content is a candidate where a rule of its surface matches it, or would in some place', () => {
  const rules = rulesToTry([rule('name'), rule('place', { field: 'path', values: ['/tmp'] })])
  const candidates = decideCandidates(
    [content(1, 'axios'), content(2, 'left-pad'), content(3, 'axios', 'homebrew')],
    rules,
  )
  assert.deepEqual(
    candidates.map((candidate) => [candidate.content.contentNo, candidate.rules.map((tried) => tried.rule.id)]),
    [
      [1, ['name', 'place']],
      [2, ['place']],
    ],
  )
})

test('matches are counted by rule and by device, and no more than ten are kept of each', () => {
  const rules = rulesToTry([rule('a')])
  const [tried] = [...rules.values()].flat()
  assert.ok(tried !== undefined)
  const tally = newTally(rules)
  for (let at = 0; at < 30; at++)
    countMatch(tally, tried, { content: content(1, 'axios'), deviceNo: at % 3 === 0 ? 7 : at, pathNo: at })
  const [counted] = [...tally.byRule.values()]
  assert.deepEqual(
    [tally.matches, counted?.matches, counted?.deviceNos.size, counted?.samples.length],
    [30, 30, 20, 10],
  )
  assert.deepEqual(
    topDevices(tally)
      .slice(0, 2)
      .map(([deviceNo, { matches, samples }]) => [deviceNo, matches, samples.length]),
    [
      [7, 11, 10],
      [1, 1, 1],
    ],
  )
  assert.equal(topDevices(tally).length, 10)
})

test('rules that go, or are switched off, leave their findings behind', () => {
  const ids = (rules: readonly Rule[]) => rules.map(({ id }) => id)
  const before = [rule('stays'), rule('goes'), rule('off'), rule('was-off', { enabled: false })]
  const after = [
    rule('stays', { severity: 'info' }),
    rule('off', { enabled: false }),
    rule('goes', { surface: 'homebrew' }),
  ]
  assert.deepEqual(ids(decideOrphaning(before, after)), ['goes', 'off'])
  assert.deepEqual(decideOrphaning([], after), [])
})
