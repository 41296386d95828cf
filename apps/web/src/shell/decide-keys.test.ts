// What keys mean, as a table, and that no two places share one.
// Real presses in a real browser are tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Press, wishOf } from './decide-keys.ts'
import { places } from './places.ts'

const press: Press = { key: 'd', isAfterPrefix: false, isWriting: false, hasModifier: false }
const cases: readonly (readonly [name: string, press: Partial<Press>, want: ReturnType<typeof wishOf>])[] = [
  ['g', { key: 'g' }, { kind: 'prefix' }],
  ['d alone', {}, null],
  ['g d', { isAfterPrefix: true }, { kind: 'go', path: '/devices' }],
  ['g and a key of nothing', { key: 'q', isAfterPrefix: true }, null],
  ['/', { key: '/' }, { kind: 'search' }],
  ['?', { key: '?' }, { kind: 'help' }],
  ['? while writing', { key: '?', isWriting: true }, null],
  ['control and g', { key: 'g', hasModifier: true }, null],
]
for (const [name, given, want] of cases)
  test(`${name}: ${want?.kind ?? 'nothing'}`, () => assert.deepEqual(wishOf({ ...press, ...given }, places), want))

test('every place has a key and a path of its own', () => {
  assert.equal(new Set(places.map(({ key }) => key)).size, places.length)
  assert.equal(new Set(places.map(({ path }) => path)).size, places.length)
})
