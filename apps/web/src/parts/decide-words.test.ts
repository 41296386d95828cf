// What an address may say, as tables.
// What each page makes of it is beside that page.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { momentOf, oneOf, pairs, textOf, withoutUnsaid } from './decide-words.ts'

test('a text has something in it and is not endless', () => {
  assert.deepEqual([textOf(' a '), textOf('  '), textOf(7), textOf('abc', 2)], ['a', undefined, undefined, 'ab'])
})

test('a word is one of those there are', () => {
  assert.deepEqual([oneOf('a', ['a', 'b']), oneOf('c', ['a', 'b'])], ['a', undefined])
})

test('a moment is written as the API writes it', () => {
  assert.deepEqual(
    [momentOf('2026-06-02T14:00:00+02:00'), momentOf('soon'), momentOf(3)],
    ['2026-06-02T12:00:00.000Z', undefined, undefined],
  )
})

test('what was not said is not there', () => {
  assert.deepEqual(Object.keys(withoutUnsaid<{ a?: string; b?: string }>({ a: undefined, b: 'x' })), ['b'])
})

test('a choice reads without underscores', () =>
  assert.deepEqual(pairs(['not_observed']), [['not_observed', 'not observed']]))
