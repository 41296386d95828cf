// What counts as a change, and in which order changes come (sensor-agent 8).
// Whether a change is told to the server is decided in scan.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { packageItem as item } from '../testing/stores.ts'
import { decideChanges } from './decide.ts'

const cases = [
  { name: 'nothing changed', before: [item('a', '1')], now: [item('a', '1')], want: [] },
  {
    name: 'another order is no change',
    before: [item('b', '1'), item('a', '1')],
    now: [item('a', '1'), item('b', '1')],
    want: [],
  },
  { name: 'added', before: [], now: [item('a', '1')], want: ['added a 1'] },
  {
    name: 'removed, as it was last known',
    before: [item('a', '1', { detail: 'x' })],
    now: [],
    want: ['removed a 1 x'],
  },
  {
    name: 'another detail is a modification',
    before: [item('a', '1')],
    now: [item('a', '1', { detail: 'y' })],
    want: ['modified a 1 y'],
  },
  {
    name: 'another origin too',
    before: [item('a', '1')],
    now: [item('a', '1', { origin: 'bun' })],
    want: ['modified a 1'],
  },
  {
    name: 'and another answer to whether it was asked for',
    before: [item('a', '1')],
    now: [item('a', '1', { installedOnRequest: false })],
    want: ['modified a 1'],
  },
  {
    name: 'a new version is one removed and one added',
    before: [item('a', '1')],
    now: [item('a', '2')],
    want: ['added a 2', 'removed a 1'],
  },
  {
    name: 'two versions side by side are two items',
    before: [item('a', '1')],
    now: [item('a', '1'), item('a', '2')],
    want: ['added a 2'],
  },
  {
    name: 'added, then removed, then modified, each by id',
    before: [item('m', '1'), item('r', '1'), item('k', '1'), item('q', '1')],
    now: [item('a', '1'), item('k', '1', { detail: 'd' }), item('m', '1', { detail: 'd' }), item('z', '1')],
    want: ['added a 1', 'added z 1', 'removed q 1', 'removed r 1', 'modified k 1 d', 'modified m 1 d'],
  },
  {
    name: 'of one identity twice the first counts',
    before: [],
    now: [item('a', '1', { detail: '1st' }), item('a', '1', { detail: '2nd' })],
    want: ['added a 1 1st'],
  },
]
for (const { name, before, now, want } of cases)
  test(name, () => {
    const spelled = decideChanges(before, now).map(({ kind, item }) =>
      [kind, item.name, item.version, item.detail].filter((part) => part !== null).join(' '),
    )
    assert.deepEqual(spelled, want)
  })

test('what the changes say, applied to what was, is what is', () => {
  const some = fc
    .uniqueArray(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c', 'd'),
        version: fc.constantFrom('1', '2'),
        detail: fc.constantFrom(null, 'x'),
      }),
      {
        selector: ({ name, version }) => `${name}@${version}`,
      },
    )
    .map((made) => made.map(({ name, version, detail }) => item(name, version, { detail })))
  fc.assert(
    fc.property(some, some, (before, now) => {
      const held = new Map(before.map((one) => [one.itemId, one]))
      for (const { kind, item } of decideChanges(before, now)) {
        assert.equal(held.has(item.itemId), kind !== 'added')
        if (kind === 'removed') held.delete(item.itemId)
        else held.set(item.itemId, item)
      }
      assert.deepEqual(held, new Map([...held.keys()].map((id) => [id, now.find(({ itemId }) => itemId === id)])))
      assert.equal(held.size, now.length)
    }),
  )
})
