// What addresses say about the list of devices, as a table.
// That the list follows the address is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  filterOf,
  isFiltered,
  meantByIds,
  mostAtOnce,
  nameOf,
  readDevicesView,
  sortingOf,
  wordsOfSorting,
} from './decide.ts'

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
  ['an order', { sort: 'lastContact', order: 'desc' }, { sort: 'lastContact', order: 'desc' }],
  ['the usual order, and one that is none', { sort: 'name', order: 'up' }, {}],
  ['darkness', { goneDark: 'true' }, { goneDark: 'true' }],
]
for (const [name, words, want] of cases) test(name, () => assert.deepEqual(readDevicesView(words), want))

test('only words that count make a filter', () => {
  assert.equal(isFiltered(readDevicesView({ other: 'x' })), false)
  assert.equal(isFiltered(readDevicesView({ tag: 'x' })), true)
})

test('an order is no filter, and says itself in an address', () => {
  const view = readDevicesView({ sort: 'os', order: 'desc', tag: 'x' })
  assert.deepEqual(filterOf(view), { tag: 'x' })
  assert.equal(isFiltered(readDevicesView({ sort: 'os' })), false)
  assert.deepEqual(sortingOf(view), { column: 'os', isDescending: true })
  assert.deepEqual(wordsOfSorting(sortingOf(view)), { sort: 'os', order: 'desc' })
  assert.deepEqual(wordsOfSorting(sortingOf({})), {})
})

test('however many devices were chosen, each is meant once', () => {
  const ids = Array.from({ length: 2 * mostAtOnce + 1 }, (_one, at) => `dev_${at}`)
  const meant = meantByIds(ids)
  assert.equal(meant.length, 3)
  assert.deepEqual(
    meant.flatMap((one) => ('ids' in one ? one.ids : [])),
    ids,
  )
  assert.deepEqual(meantByIds([]), [])
})

test('a given name comes before the one a device says of itself', () => {
  assert.equal(nameOf({ displayName: null, hostname: 'h' }), 'h')
  assert.equal(nameOf({ displayName: 'd', hostname: 'h' }), 'd')
})
