// What addresses say about a policy, and how its texts stand to each other, as tables.
// That it is published is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { groupsOf, readPolicyView, standingOf } from './decide.ts'

test('an address names a tab or none', () => {
  assert.deepEqual(readPolicyView({ tab: 'generations' }), { tab: 'generations' })
  assert.deepEqual(readPolicyView({ tab: 'other' }), {})
})

const standings = [
  { name: 'in force as it is', text: 'a', latest: 'a', published: 'a', want: [false, false] },
  { name: 'changed', text: 'b', latest: 'a', published: 'a', want: [true, false] },
  { name: 'kept and not in force', text: 'b', latest: 'b', published: 'a', want: [false, true] },
  { name: 'not kept yet', text: 'a', latest: null, published: null, want: [true, false] },
] as const
for (const { name, text, latest, published, want } of standings)
  test(name, () => {
    const { isChanged, isUnpublished } = standingOf(text, latest, published)
    assert.deepEqual([isChanged, isUnpublished], want)
  })

test('it goes where it went before', () => {
  const assignments = [
    { policyId: 'p', group: 'pilot', priority: 5 },
    { policyId: 'p', group: null, priority: 0 },
    { policyId: 'q', group: 'web', priority: 1 },
  ]
  assert.deepEqual(groupsOf(assignments, 'p'), ['pilot'])
})
