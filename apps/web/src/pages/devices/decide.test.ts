// What addresses say about the list of devices, as a table.
// That the list follows the address is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFiltered, nameOf, readDevicesView } from './decide.ts'

const cases: readonly (readonly [name: string, words: Record<string, unknown>, want: object])[] = [
  ['nothing', {}, {}],
  [
    'filters',
    { name: ' web ', liveness: 'online', status: 'revoked' },
    { name: 'web', liveness: 'online', status: 'revoked' },
  ],
  ['words that are none', { liveness: 'asleep', status: 7, goneDark: 'maybe', other: 'x' }, {}],
  ['a name of nothing', { name: '  ' }, {}],
  ['a name that is too long', { name: 'a'.repeat(200) }, { name: 'a'.repeat(128) }],
  ['darkness', { goneDark: 'true' }, { goneDark: 'true' }],
]
for (const [name, words, want] of cases) test(name, () => assert.deepEqual(readDevicesView(words), want))

test('only words that count make a filter', () => {
  assert.equal(isFiltered(readDevicesView({ other: 'x' })), false)
  assert.equal(isFiltered(readDevicesView({ tag: 'x' })), true)
})

test('a given name comes before the one a device says of itself', () => {
  assert.equal(nameOf({ displayName: null, hostname: 'h' }), 'h')
  assert.equal(nameOf({ displayName: 'd', hostname: 'h' }), 'd')
})
