// How what happened reads: what a change says, and what reads the same in one line.
// What is kept and listed is store.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packageItem } from '../testing/stores.ts'
import { changeDetail, gather } from './decide.ts'

const item = packageItem('a', '2', { origin: 'npm' })
const details: { name: string; before: Parameters<typeof changeDetail>[1]; want: string }[] = [
  { name: 'another version', before: { ...item, version: '1', origin: 'pnpm' }, want: '1 -> 2' },
  { name: 'a version where none was', before: { ...item, version: null }, want: '? -> 2' },
  { name: 'another origin', before: { ...item, origin: 'pnpm' }, want: 'pnpm -> npm' },
  { name: 'something new', before: null, want: 'npm' },
]
for (const { name, before, want } of details)
  test(`a change reads: ${name}`, () => assert.equal(changeDetail(item, before), want))

test('what reads the same is one line: the newest stands for all, where the first of them stood', () => {
  const said = [
    { rule: 'a', at: 4 },
    { rule: 'b', at: 3 },
    { rule: 'a', at: 2 },
    { rule: 'c', at: 1 },
  ]
  assert.deepEqual(
    gather(said, ({ rule }) => [rule]),
    [
      { rule: 'a', at: 4, times: 2 },
      { rule: 'b', at: 3, times: 1 },
      { rule: 'c', at: 1, times: 1 },
    ],
  )
})
