// What is typed of a group, as tables.
// That groups are made with it is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bodyOfWish, idsOf, mostAtOnce, wishOf } from './decide-groups.ts'

test('ids may be parted by anything one pastes, and count once', () =>
  assert.deepEqual(idsOf(' dev_a,dev_b\n\tdev_a  dev_c '), ['dev_a', 'dev_b', 'dev_c']))

test('an empty tag means members by id only', () =>
  assert.deepEqual(bodyOfWish({ ...wishOf(null), name: ' web ', tag: ' ' }), {
    name: 'web',
    description: '',
    tag: null,
  }))

test('members are said only when some come or go', () =>
  assert.deepEqual(bodyOfWish({ ...wishOf(null), name: 'web', tag: 'team=web', added: 'dev_a', removed: 'dev_b' }), {
    name: 'web',
    description: '',
    tag: 'team=web',
    addDeviceIds: ['dev_a'],
    removeDeviceIds: ['dev_b'],
  }))

test('a group without a name, or with more than a request may carry, waits', () => {
  assert.equal(bodyOfWish(wishOf(null)), null)
  const many = Array.from({ length: mostAtOnce + 1 }, (_one, at) => `dev_${at}`).join(' ')
  assert.equal(bodyOfWish({ ...wishOf(null), name: 'web', added: many }), null)
})
