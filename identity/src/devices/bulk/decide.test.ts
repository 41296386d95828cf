// What tags a device has after a request for many, as a table and for any request.
// Verdicts over devices that exist and do not are bulk.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decideTags } from './decide.ts'

const many = Array.from({ length: 64 }, (_, at) => `t${at}`)

const cases = [
  { name: 'a new tag', held: ['b'], add: ['a'], remove: [], want: { added: ['a'], removed: [], tags: ['a', 'b'] } },
  { name: 'a tag it has', held: ['a'], add: ['a', 'a'], remove: [], want: { added: [], removed: [], tags: ['a'] } },
  { name: 'a tag less', held: ['a', 'b'], add: [], remove: ['a'], want: { added: [], removed: ['a'], tags: ['b'] } },
  { name: 'a tag it has not', held: ['b'], add: [], remove: ['a'], want: { added: [], removed: [], tags: ['b'] } },
] as const
for (const { name, held, add, remove, want } of cases)
  test(name, () => {
    const decided = decideTags(held, { add, remove })
    assert.deepEqual(decided.ok && decided.value, want)
  })

test('a device never gets more tags than it may have, and may always lose one', () => {
  const over = decideTags(many, { add: ['one more'], remove: [] })
  assert.equal(over.ok ? 'ok' : over.refusal.code, 'state_conflict')
  assert.equal(decideTags([...many, 'one more'], { add: [], remove: ['t0'] }).ok, true)
})

test('doing it again changes nothing', () => {
  const tags = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
  fc.assert(
    fc.property(tags, tags, fc.boolean(), (held, some, isAdding) => {
      const deed = isAdding ? { add: some, remove: [] } : { add: [], remove: some }
      const first = decideTags(held, deed)
      assert.ok(first.ok)
      const again = decideTags(first.value.tags, deed)
      assert.deepEqual(again.ok && again.value, { added: [], removed: [], tags: first.value.tags })
    }),
  )
})
