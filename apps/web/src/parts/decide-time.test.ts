// How moments and spans read, as tables.
// Local times depend on who looks, so only their zone is held here.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { distance, inputTime, localTime, span, utcTime } from './decide-time.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)
const minuteMs = 60_000

const distances: readonly (readonly [ms: number, want: string | null])[] = [
  [0, 'just now'],
  [-59_999, 'just now'],
  [-minuteMs, '1 min ago'],
  [-59 * minuteMs, '59 min ago'],
  [-60 * minuteMs, '1 h ago'],
  [-24 * 60 * minuteMs, '1 d ago'],
  [-14 * 24 * 60 * minuteMs, null],
  [90 * minuteMs, 'in 1 h'],
]
for (const [ms, want] of distances)
  test(`${ms} ms away: ${want}`, () => assert.equal(distance(nowMs + ms, nowMs), want))

test('UTC is to the second', () => assert.equal(utcTime(nowMs), '2026-06-02 12:00:00 UTC'))

test('local time is that of the zone', () => {
  assert.match(localTime(nowMs, 'Asia/Tokyo'), /21:00|09:00/)
  assert.match(localTime(nowMs, 'UTC'), /12:00/)
})

const spans: readonly (readonly [seconds: number, want: string])[] = [
  [5, '5 s'],
  [60, '1 min'],
  [900, '15 min'],
  [3660, '1 h 1 min'],
  [86_400, '1 d'],
  [7 * 86_400 + 7200, '7 d 2 h'],
]
for (const [seconds, want] of spans) test(`${seconds} s is ${want}`, () => assert.equal(span(seconds), want))

test('a field for local moments gives back what it was given', () => {
  const atMs = Date.parse('2026-06-02T12:34:00.000Z')
  assert.equal(Date.parse(inputTime(atMs)), atMs)
})
