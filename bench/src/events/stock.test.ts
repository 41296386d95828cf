// Proof that what is taken from a stock is what was put there.
// What the requests say is shown in bodies.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stockUp } from './stock.ts'

test('each request is its own bytes, and after the last there is none', () => {
  const requests = ['one', '', 'three'].map((text) => Buffer.from(text))
  const stock = stockUp(requests.map((request) => ({ request, payloadBytes: 1, lastSequence: 1 })))
  assert.deepEqual([0, 1, 2].map(stock.at), requests)
  assert.equal(stock.at(3), undefined)
})
