// Changing and removing a group as tables.
// Membership by tag is tested in groups.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideGroupRemoval, type GroupChange, type GroupSurroundings, planGroupChange } from './decide.ts'

const group = { name: 'laptops', description: 'of people', tag: 'laptop', version: 3 }
const around = (given: Partial<GroupSurroundings> = {}): GroupSurroundings => ({
  isNameTaken: false,
  deviceNos: new Map([
    ['dev_1', 1],
    ['dev_2', 2],
  ]),
  ...given,
})

const refusals: {
  name: string
  version: number
  change: GroupChange
  given?: Partial<GroupSurroundings>
  want: string
}[] = [
  { name: 'a stale version', version: 2, change: { name: 'x' }, want: 'version_stale' },
  { name: 'a name somebody has', version: 3, change: { name: 'x' }, given: { isNameTaken: true }, want: 'name_taken' },
  { name: 'an unknown device to add', version: 3, change: { addDeviceIds: ['dev_1', 'dev_9'] }, want: 'not_found' },
]
for (const { name, version, change, given, want } of refusals)
  test(`${name} refuses the change`, () => {
    const plan = planGroupChange(group, version, change, around(given))
    assert.equal(plan.ok ? 'ok' : plan.refusal.code, want)
  })

test('what is not said stays as it is', () => {
  const plan = planGroupChange(group, 3, {}, around())
  assert.deepEqual(plan.ok && plan.value.columns, { name: 'laptops', description: 'of people', tag: 'laptop' })
})

test('a tag can be taken away, and an unknown device to remove is gone already', () => {
  const change = { tag: null, addDeviceIds: ['dev_1', 'dev_1'], removeDeviceIds: ['dev_2', 'dev_9'] }
  const plan = planGroupChange(group, 3, change, around())
  assert.ok(plan.ok)
  assert.equal(plan.value.columns.tag, null)
  assert.deepEqual(plan.value.addNos, [1])
  assert.deepEqual(plan.value.removeNos, [2])
})

const removals = [
  { name: 'at its version, used by nobody', version: 3, use: undefined, want: 'ok' },
  { name: 'at its version, used by a policy', version: 3, use: 'policy' as const, want: 'state_conflict' },
  { name: 'at its version, seen by a token', version: 3, use: 'operator_token' as const, want: 'state_conflict' },
  { name: 'at an older version', version: 2, use: undefined, want: 'version_stale' },
  { name: 'at an older version, used by a policy', version: 2, use: 'policy' as const, want: 'version_stale' },
]
for (const { name, version, use, want } of removals)
  test(`removing a group ${name}: ${want}`, () => {
    const removal = decideGroupRemoval(group, version, use)
    assert.equal(removal.ok ? 'ok' : removal.refusal.code, want)
  })
