// Every place has its keys listed once, and a place with a list has those of a list.
// That the keys do what is said is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { pageKeys } from './decide-page-keys.ts'
import { places } from './places.ts'

for (const path of [...places.map((place) => place.path), '/devices/dev_1', '/policies/new'])
  test(`no key of ${path} is listed twice`, () => {
    const keys = pageKeys(path).flatMap(([names]) => names)
    assert.equal(new Set(keys).size, keys.length)
  })

test('lists have their keys, the page of a policy has those of its editor, and no page has others', () => {
  assert.ok(pageKeys('/devices').some(([keys]) => keys.includes('x')))
  assert.ok(pageKeys('/policies/new').some(([keys]) => keys.includes('Ctrl+Space')))
  assert.deepEqual(pageKeys('/'), [])
  assert.deepEqual(pageKeys('/nowhere'), [])
})
