// Proof that a change sets off the rules that agents would heed, and that a finding is missed only where a rule says so.
// The changes themselves are read in recent.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Rule } from '@muster/contract'
import { type Change, isSetOff, rulesForChanges, wouldMake } from './decide-recent.ts'
import { rule } from './rule.fixture.ts'

const change = (more: Partial<Change>): Change => ({
  deviceNo: 1,
  pathNo: 1,
  labelNo: 1,
  contentNo: 1,
  began: null,
  removed: false,
  ...more,
})

const cases: readonly (readonly [Rule['triggers'], Partial<Change>, boolean])[] = [
  [['added'], { began: 'added' }, true],
  [['added'], { began: 'modified' }, false],
  [['modified'], { began: 'modified' }, true],
  [['present'], { began: 'added' }, true],
  [['present'], { removed: true }, false],
  [['removed'], { removed: true }, true],
  [['removed'], { began: 'added' }, false],
  [['added', 'removed'], { began: 'modified', removed: true }, true],
  [['added', 'modified', 'present', 'removed'], {}, false],
]
for (const [triggers, more, want] of cases)
  test(`a rule for ${triggers.join(', ')} and ${JSON.stringify(more)}: ${want}`, () =>
    assert.equal(isSetOff(rule('a', { triggers }), change(more)), want))

const axios = {
  contentNo: 1,
  surface: 'javascriptPackages',
  kind: 'package',
  name: 'axios',
  version: '1.14.1',
  origin: 'npm',
  detail: null,
  installedOnRequest: null,
}
const made = { ruleId: 'a', surface: 'javascriptPackages', path: '/home/ada', contents: [axios] }

test('a finding would be made by the rule of its name that still matches its item', () => {
  const would = (...rules: readonly Rule[]) => wouldMake(rulesForChanges(rules), made)
  assert.equal(would(rule('a')), true)
  assert.equal(would(rule('a', { values: ['left-pad'] })), false)
  assert.equal(would(rule('a', { field: 'path', values: ['ada'] })), true)
  assert.equal(would(rule('b')), false)
  assert.equal(would(rule('a', { surface: 'homebrew' })), false)
  assert.equal(would(rule('a', { enabled: false })), false)
  assert.equal(would(rule('a', { triggers: [] })), false)
})

test('of an item that nothing is known of, a rule that stays is believed', () => {
  const rules = rulesForChanges([rule('a', { values: ['left-pad'] })])
  assert.equal(wouldMake(rules, { ...made, contents: [] }), true)
})
