// Proves how waits grow, where they end, and how far chance may move them.
// What is waited for, and whether it is worth it, is the callers'.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { backoffMs } from './backoff.ts'

const rule = { baseMs: 1000, maxMs: 30_000 }

test('each wait is twice the one before, up to the longest', () => {
  const waits = [0, 1, 2, 4, 5, 1000].map((attempts) => backoffMs(rule, attempts))
  assert.deepEqual(waits, [1000, 2000, 4000, 16_000, 30_000, 30_000])
})

test('chance moves a wait by a tenth to either side, the longest too', () => {
  assert.deepEqual(
    [0, 0.25, 0.5, 0.999_999].map((jitter) => backoffMs(rule, 0, jitter)),
    [900, 950, 1000, 1100],
  )
  assert.equal(backoffMs(rule, 20, 0), 27_000)
})

test('no wait is outside its bounds, and later ones are no shorter', () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  fc.assert(
    fc.property(fc.nat(100), chance, (attempts, jitter) => {
      const [wait, next] = [backoffMs(rule, attempts, jitter), backoffMs(rule, attempts + 1, jitter)]
      assert.ok(wait >= 900 && wait <= 33_000 && next >= wait)
    }),
  )
})
