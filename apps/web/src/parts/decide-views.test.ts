// A view and its text are the same thing in two forms.
// That it is kept and found again is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { textOfView, wordsOfText } from './decide-views.ts'

test('the order in which a view was put together does not matter', () => {
  assert.equal(textOfView({ b: '2', a: '1' }), 'a=1&b=2')
  assert.equal(textOfView({ a: '1', c: undefined, b: '2' }), 'a=1&b=2')
  assert.equal(textOfView({}), '')
})

test('any view comes back from its text', () => {
  const view = fc.dictionary(fc.constantFrom('name', 'tag', 'sort', 'x y'), fc.string({ unit: 'grapheme' }))
  fc.assert(
    fc.property(view, (words) => {
      const back = wordsOfText(textOfView(words))
      assert.deepEqual({ ...back }, { ...words })
    }),
  )
})
