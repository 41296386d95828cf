// Proof of the pure decisions: when bytes keep their generation, and which policy reaches a device.
// The same through the database is tested in policy.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decideAssignment,
  decideGeneration,
  decideNext,
  type GenerationInForce,
  type GenerationVerdict,
  type GroupAssignment,
} from './decide.ts'

const hashA = 'a'.repeat(64)
const hashB = 'b'.repeat(64)
const inForce = { generation: 'g4-aaaaaaaaaaaa', sha256: hashA }

const generations = [
  { name: 'the first bytes of a tenant', facts: [null, 0, hashA], want: ['new', 'g1-aaaaaaaaaaaa'] },
  { name: 'equal bytes keep their generation', facts: [inForce, 7, hashA], want: ['kept', 'g4-aaaaaaaaaaaa'] },
  { name: 'other bytes get the next number', facts: [inForce, 7, hashB], want: ['new', 'g8-bbbbbbbbbbbb'] },
  {
    name: 'equal bytes of another policy are not looked at',
    facts: [null, 7, hashA],
    want: ['new', 'g8-aaaaaaaaaaaa'],
  },
] as const

for (const { name, facts, want } of generations)
  test(name, () => {
    const [current, lastNumber, sha256] = facts
    const verdict = decideGeneration(current, lastNumber, sha256)
    assert.deepEqual([verdict.kind, verdict.generation], want)
  })

test('a rollback gets the next number even for the bytes in force', () => {
  assert.deepEqual(decideNext(7, hashA), { kind: 'new', number: 8, generation: 'g8-aaaaaaaaaaaa' })
})

test('no sequence of publications gives one generation to two texts', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.boolean())), (publications) => {
      const textOf = new Map<string, string>()
      let last = 0
      let now: GenerationInForce | null = null
      for (const [text, isRollback] of publications) {
        const sha256 = String(text).repeat(64)
        const verdict: GenerationVerdict = isRollback ? decideNext(last, sha256) : decideGeneration(now, last, sha256)
        if (verdict.kind === 'new') last = verdict.number
        assert.equal(textOf.get(verdict.generation) ?? sha256, sha256)
        textOf.set(verdict.generation, sha256)
        now = { generation: verdict.generation, sha256 }
      }
    }),
  )
})

const assigned = (policyId: string, groupId: string | null, priority: number): GroupAssignment => ({
  policyId,
  groupId,
  priority,
})
const fleet = [assigned('pol_all', null, 0), assigned('pol_dev', 'grp_dev', 10), assigned('pol_sec', 'grp_sec', 20)]

const devices = [
  { name: 'in no group: the tenant default', assignments: fleet, groups: [], want: 'pol_all' },
  { name: 'in a group without a policy: the tenant default', assignments: fleet, groups: ['grp_x'], want: 'pol_all' },
  { name: 'in one group: its policy', assignments: fleet, groups: ['grp_dev'], want: 'pol_dev' },
  { name: 'in two groups: the higher priority', assignments: fleet, groups: ['grp_dev', 'grp_sec'], want: 'pol_sec' },
  { name: 'no default and no group: none', assignments: fleet.slice(1), groups: [], want: null },
  { name: 'nothing assigned: none', assignments: [], groups: ['grp_dev'], want: null },
  {
    name: 'a default of high priority still yields to a group',
    assignments: [assigned('pol_all', null, 99), assigned('pol_dev', 'grp_dev', 1)],
    groups: ['grp_dev'],
    want: 'pol_dev',
  },
]

for (const { name, assignments, groups, want } of devices)
  test(name, () => {
    assert.equal(decideAssignment(assignments, new Set(groups)), want)
    assert.equal(decideAssignment(assignments.toReversed(), new Set(groups)), want)
  })
