// Rates and turns against a clock that is moved by hand.
// That the API asks them is tested in api.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock } from '@muster/kernel'
import * as fc from 'fast-check'
import { createRate } from './rate.ts'
import { createTurns } from './turns.ts'

test('a full bucket empties, and fills again steadily', () => {
  const clock = createFakeClock()
  const rate = createRate(60, clock)
  const taken = (): number => {
    let count = 0
    while (rate.take('a')) count += 1
    return count
  }
  assert.equal(taken(), 60)
  clock.advance(999)
  assert.equal(taken(), 0)
  clock.advance(1)
  assert.equal(taken(), 1)
  clock.advance(30_000)
  assert.equal(taken(), 30)
  clock.advance(3_600_000)
  assert.equal(taken(), 60)
})

test('one operator does not spend the tokens of another', () => {
  const rate = createRate(1, createFakeClock())
  assert.deepEqual([rate.take('a'), rate.take('a'), rate.take('b')], [true, false, true])
})

test('a clock that is set back takes nothing away', () => {
  const clock = createFakeClock()
  const rate = createRate(2, clock)
  rate.take('a')
  clock.advance(-3_600_000)
  assert.deepEqual([rate.take('a'), rate.take('a')], [true, false])
})

test('in no stretch of time are more tokens taken than a bucket and what flowed in', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(5000), fc.nat(20)), { maxLength: 40 }), (steps) => {
      const clock = createFakeClock()
      const rate = createRate(30, clock)
      let taken = 0
      let passedMs = 0
      for (const [waitMs, asks] of steps) {
        clock.advance(waitMs)
        passedMs += waitMs
        for (let ask = 0; ask < asks; ask += 1) if (rate.take('a')) taken += 1
        assert.ok(taken <= 30 + (passedMs * 30) / 60_000 + 1e-6)
      }
    }),
  )
})

test('thousands of operators who stopped asking are forgotten, those who still ask are not', () => {
  const clock = createFakeClock()
  const rate = createRate(1, clock)
  for (let one = 0; one < 10_001; one += 1) rate.take(`operator ${one}`)
  clock.advance(59_999)
  rate.take('late')
  clock.advance(1)
  assert.equal(rate.take('operator 0'), true)
  assert.equal(rate.take('late'), false)
})

test('turns are counted for each key and can be given back', () => {
  const turns = createTurns(2)
  assert.deepEqual([turns.enter('a'), turns.enter('a'), turns.enter('a'), turns.enter('b')], [true, true, false, true])
  turns.leave('a')
  assert.deepEqual([turns.enter('a'), turns.enter('a')], [true, false])
})
