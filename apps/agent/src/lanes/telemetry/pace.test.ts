// How long is waited, as tables.
// What an answer means is tested beside beat/decide.ts and join/decide.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { backOffMs, hasSlept, intervalOf, retryAfterMs, spreadMs } from './pace.ts'

test('a server’s interval is taken, within bounds, and only if it is a number', () => {
  const said = [60, 1, 99_999, 30.4, '30', null, undefined, Number.NaN]
  assert.deepEqual(
    said.map((one) => intervalOf(one, 120)),
    [60, 15, 3600, 30, 120, 120, 120, 120],
  )
})

test('an interval is spread by a tenth either way', () => {
  assert.deepEqual(
    [0, 0.5, 1].map((jitter) => spreadMs(60, jitter)),
    [54_000, 60_000, 66_000],
  )
})

test('backing off grows to five minutes with full jitter, and is never shorter than a second', () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backOffMs(failures, 1)),
    [5_000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000],
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (failures, jitter) => {
      const ms = backOffMs(failures, jitter)
      return ms >= 1_000 && ms <= 300_000
    }),
  )
})

const now = Date.UTC(2026, 5, 2, 12)
const told = [
  ['30', 0, 30_000],
  ['30', 1, 33_000],
  ['0', 0, 1_000],
  ['86400', 0, 900_000],
  ['Tue, 02 Jun 2026 12:02:00 GMT', 0, 120_000],
  ['Tue, 02 Jun 2026 11:00:00 GMT', 0, 1_000],
  ['soon', 0, null],
  ['', 0, null],
  [null, 0, null],
] as const
for (const [header, jitter, want] of told)
  test(`Retry-After ${header ?? 'left out'} is ${want} ms`, () => assert.equal(retryAfterMs(header, now, jitter), want))

test('a machine slept when far more time passed than was waited for, on either clock', () => {
  const passed = (wallMs: number, monotonicMs: number) => hasSlept({ askedMs: 10_000, wallMs, monotonicMs }, 60)
  assert.deepEqual(
    [
      passed(10_100, 10_100),
      passed(129_000, 10_000),
      passed(131_000, 10_000),
      passed(10_000, 131_000),
      passed(-9e9, 10_000),
    ],
    [false, false, true, true, false],
  )
})
