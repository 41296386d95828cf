// Proves how long the agent waits before it lives again on a disk that failed it.
// What becomes of its database meanwhile is main-damage.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSetbacks, type Setback } from './setbacks.ts'

/** What is waited after lives that each lasted so long and ended so. */
const waitsOf = (lives: readonly (readonly [lastedMs: number, end: Setback | null])[]): readonly number[] => {
  let nowMs = 0
  const setbacks = createSetbacks(() => nowMs)
  return lives.map(([lastedMs, end]) => {
    setbacks.begin()
    nowMs += lastedMs
    return setbacks.end(end)
  })
}

test('a database that was lost is made anew at once, and less and less often where that does not help', () =>
  assert.deepEqual(
    waitsOf(Array.from({ length: 10 }, () => [100, 'damaged'])),
    [0, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000],
  ))

test('a disk that takes no writes is left alone from the first time on', () =>
  assert.deepEqual(waitsOf(Array.from({ length: 3 }, () => [0, 'starved'])), [2_000, 4_000, 8_000]))

test('a life that lasted makes up for what was before it, and one that its owner ended costs no wait', () =>
  assert.deepEqual(
    waitsOf([
      [0, 'damaged'],
      [0, 'damaged'],
      [300_001, 'damaged'],
      [0, null],
      [0, 'damaged'],
    ]),
    [0, 4_000, 0, 0, 4_000],
  ))
