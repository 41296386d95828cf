// What addresses say about the audit history, and how a check of the chain reads, as tables.
// That a chain is checked is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isFiltered, queryOfView, readAuditView, verdictOf } from './decide.ts'

const cases: readonly (readonly [name: string, words: Record<string, unknown>, query: object])[] = [
  ['nothing', {}, {}],
  [
    'who did what to whom',
    { actor: 'op_1', action: 'device.revoked', target: 'dev_1', outcome: 'success' },
    { actorId: 'op_1', action: 'device.revoked', targetId: 'dev_1', outcome: 'success' },
  ],
  ['from a moment', { from: '2026-06-02T12:00Z' }, { from: '2026-06-02T12:00:00.000Z' }],
  ['words that are none', { outcome: 'perhaps', to: 'later' }, {}],
]
for (const [name, words, query] of cases) test(name, () => assert.deepEqual(queryOfView(readAuditView(words)), query))

test('an open entry filters nothing', () => {
  assert.equal(isFiltered(readAuditView({ entry: '7' })), false)
  assert.equal(isFiltered(readAuditView({ actor: 'a' })), true)
})

test('a broken chain is told with its first bad entry', () => {
  assert.match(verdictOf({ ok: false, checked: 9, firstBadSeq: 7 }).text, /broken at entry 7/)
  assert.deepEqual(verdictOf({ ok: true, checked: 9 }), {
    isWhole: true,
    text: 'The chain is whole: all 9 entries fit.',
  })
})
