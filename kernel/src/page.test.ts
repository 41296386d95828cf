// Cursors: what goes out comes back, and nothing else does.
// Lists that use them are tested with their features.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cutPage, readPage } from './page.ts'

type Key = [text: string, no: number]

const walk = (keys: readonly Key[], limit: number, cursor?: string): readonly Key[] => {
  const page = readPage({ limit: String(limit), cursor }, ['string', 'number'])
  assert.ok(page.ok)
  const { after } = page.value
  const from = after === undefined ? 0 : keys.findIndex(([text, no]) => text === after[0] && no === after[1]) + 1
  const cut = cutPage(keys.slice(from, from + limit + 1), limit, (key) => key)
  return cut.nextCursor === null ? cut.rows : [...cut.rows, ...walk(keys, limit, cut.nextCursor)]
}

test('walking a list page by page sees every row once, in order', () => {
  const keys = fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([text, no]) => `${no} ${text}` })
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 7 }), (list, limit) => assert.deepEqual(walk(list, limit), list)),
  )
})

test('a cursor of anybody else is a malformed request', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (cursor) => {
      const page = readPage({ cursor }, ['string', 'number'])
      assert.ok(!page.ok && page.refusal.code === 'request_malformed')
    }),
  )
})
