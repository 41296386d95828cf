// Proof that an agent gets its burst, then one in ten seconds, and no more than two at once.
// That a refusal is told with the time to wait is proved on the wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createLimits } from './limits.ts'

test('five at once, then one every ten seconds', () => {
  const limits = createLimits()
  const enter = (atMs: number): boolean => {
    const room = limits.enter('agt_1', atMs)
    if (room !== undefined) limits.leave(room)
    return room !== undefined
  }
  assert.deepEqual([0, 0, 0, 0, 0, 0].map(enter), [true, true, true, true, true, false])
  assert.deepEqual([9_999, 10_000, 10_001, 20_000].map(enter), [false, true, false, true])
  assert.ok(limits.enter('agt_2', 0) !== undefined)
})

test('two may be under way', () => {
  const limits = createLimits()
  const [first, second, third] = [0, 0, 0].map((atMs) => limits.enter('agt_1', atMs))
  assert.ok(first !== undefined && second !== undefined)
  assert.equal(third, undefined)
  limits.leave(first)
  assert.ok(limits.enter('agt_1', 0) !== undefined)
})

test('whoever keeps to one a minute is never refused, and nobody gets more than the rate for long', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30_000), { maxLength: 200 }), (pauses) => {
      const limits = createLimits()
      let nowMs = 0
      let entered = 0
      for (const pauseMs of pauses) {
        nowMs += pauseMs
        const room = limits.enter('agt_1', nowMs)
        if (room !== undefined) {
          entered += 1
          limits.leave(room)
        }
        const other = limits.enter('agt_2', nowMs * 4)
        assert.ok(other !== undefined || pauseMs < 2_500)
        if (other !== undefined) limits.leave(other)
      }
      assert.ok(entered <= 5 + nowMs / 10_000)
    }),
  )
})
