// What is known to have changed, from one scan to the next.
// Merging itself is tested in watch.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTouchedFiles } from './touched.ts'

test('files gather until a scan takes them, each surface by itself', () => {
  const touched = createTouchedFiles()
  touched.note('a', new Set(['/x']))
  touched.note('a', new Set(['/y']))
  touched.note('b', new Set(['/z']))
  assert.deepEqual([...(touched.take('a') ?? [])], ['/x', '/y'])
  assert.deepEqual([...(touched.take('b') ?? [])], ['/z'])
})

test('a scan of which nobody said why looks at everything, and so does one of which somebody said everything', () => {
  const touched = createTouchedFiles()
  assert.equal(touched.take('a'), null)
  touched.note('a', null)
  touched.note('a', new Set(['/x']))
  assert.equal(touched.take('a'), null)
})
