// Proof of what a list of assignments becomes when one policy is given to one group.
// That the server accepts it is tested in tests/flow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Assignment } from '@muster/contract'
import { reassigned } from './policy-change.ts'

const all: readonly Assignment[] = [
  { policyId: 'pol_a', group: 'eng', priority: 20 },
  { policyId: 'pol_b', group: 'ops', priority: 5 },
  { policyId: 'pol_a', group: null, priority: 0 },
]

const cases: readonly {
  name: string
  group: string | null
  flags: { priority?: number; remove?: true }
  want: readonly (Assignment | undefined)[]
}[] = [
  {
    name: 'a group keeps its priority',
    group: 'ops',
    flags: {},
    want: [all[0], all[2], { policyId: 'pol_c', group: 'ops', priority: 5 }],
  },
  {
    name: 'a new group goes above the others',
    group: 'new',
    flags: {},
    want: [...all, { policyId: 'pol_c', group: 'new', priority: 30 }],
  },
  {
    name: 'a priority may be chosen',
    group: 'eng',
    flags: { priority: 7 },
    want: [all[1], all[2], { policyId: 'pol_c', group: 'eng', priority: 7 }],
  },
  {
    name: 'the default has none',
    group: null,
    flags: { priority: 7 },
    want: [all[0], all[1], { policyId: 'pol_c', group: null, priority: 0 }],
  },
  { name: 'an assignment is taken away', group: 'eng', flags: { remove: true }, want: [all[1], all[2]] },
]

for (const { name, group, flags, want } of cases)
  test(name, () => assert.deepEqual(reassigned(all, 'pol_c', group, flags), want))
