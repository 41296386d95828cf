// What addresses say about searches, and how hits read, as tables.
// That the API answers is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SearchInterval } from '@muster/contract'
import { bodyOf, isWindow, readSearchView, spanOf, versionsOf } from './decide.ts'

const now = '2026-06-02T12:00:00.000Z'
const before = '2026-05-01T00:00:00.000Z'

const cases: readonly (readonly [name: string, words: Record<string, unknown>, want: object])[] = [
  ['nothing', {}, {}],
  ['a query', { q: ' axios@1.14.1 ' }, { q: 'axios@1.14.1' }],
  ['an end without a beginning', { q: 'a', to: now }, { q: 'a' }],
  ['words that are none', { verdict: 'maybe', ecosystem: 'apt', state: 'gone', from: 'then' }, {}],
  ['a verdict', { verdict: 'unknown', state: 'removed' }, { verdict: 'unknown', state: 'removed' }],
]
for (const [name, words, want] of cases) test(name, () => assert.deepEqual(readSearchView(words), want))

test('without a beginning the question is about now', () => assert.deepEqual(bodyOf({ q: 'a' }, now), { q: 'a' }))

test('a window without an end reaches to now', () =>
  assert.deepEqual(bodyOf({ q: 'a', from: before, verdict: 'past' }, now), {
    q: 'a',
    window: { from: before, to: now },
    verdicts: ['past'],
  }))

test('a window that ends before it begins is none', () => {
  assert.equal(isWindow({ from: now, to: before }), false)
  assert.equal(isWindow({ from: before, to: now }), true)
  assert.equal(isWindow({ from: now }), true)
})

const interval = (version: string | null, from: string, to: string | null): SearchInterval => ({
  surface: 's',
  name: 'n',
  version,
  versionUnparsed: false,
  path: '/p',
  from,
  to,
  fromKind: 'change',
  toKind: to === null ? null : 'removed',
  lastConfirmedAt: from,
  possiblyStale: false,
})

test('versions are told once each, as numbers', () => {
  const intervals = ['1.10.0', '1.9.0', '1.10.0', null].map((version) => interval(version, before, now))
  assert.deepEqual(versionsOf({ intervals }), ['1.9.0', '1.10.0'])
})

test('one place that still has it keeps the hit open', () => {
  const gone = interval('1', before, now)
  assert.deepEqual(spanOf({ intervals: [gone, interval('1', now, null)] }), { from: before, to: null })
  assert.deepEqual(spanOf({ intervals: [gone] }), { from: before, to: now })
  assert.equal(spanOf({ intervals: [] }), null)
})
