// Which texts are moments, and which moment each is.
// Ordering and plausibility are not judged anywhere.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseInstantMs } from './instant.ts'

const noonMs = Date.UTC(2026, 5, 2, 12)
const cases: { text: string; want: number | null }[] = [
  { text: '2026-06-02T12:00:00.000Z', want: noonMs },
  { text: '2026-06-02T12:00:00Z', want: noonMs },
  { text: '2026-06-02t12:00:00z', want: noonMs },
  { text: '2026-06-02 12:00:00Z', want: noonMs },
  { text: '2026-06-02T14:30:00+02:30', want: noonMs },
  { text: '2026-06-02T09:30:00-02:30', want: noonMs },
  { text: '2026-06-02T12:00:00.123999999Z', want: noonMs + 123 },
  { text: '2026-06-02T12:00:00.1Z', want: noonMs + 100 },
  { text: '2024-02-29T00:00:00Z', want: Date.UTC(2024, 1, 29) },
  { text: '2016-12-31T23:59:60Z', want: Date.UTC(2016, 11, 31, 23, 59, 59) },
  { text: '0001-01-01T00:00:00Z', want: Date.parse('0001-01-01T00:00:00Z') },
  { text: '2026-02-29T00:00:00Z', want: null },
  { text: '2026-13-01T00:00:00Z', want: null },
  { text: '2026-00-01T00:00:00Z', want: null },
  { text: '2026-06-00T00:00:00Z', want: null },
  { text: '2026-06-02T24:00:00Z', want: null },
  { text: '2026-06-02T12:60:00Z', want: null },
  { text: '2026-06-02T12:00:61Z', want: null },
  { text: '2026-06-02T12:00:00+24:00', want: null },
  { text: '2026-06-02T12:00:00', want: null },
  { text: '2026-06-02', want: null },
  { text: '20260602T120000Z', want: null },
  { text: ' 2026-06-02T12:00:00Z', want: null },
  { text: '2026-06-02T12:00:00Z\n', want: null },
  { text: 'aaaa-06-02T12:00:00.000Z', want: null },
  { text: '2026-06-02T12:00:00.00aZ', want: null },
  { text: '2026-06-02T12:00:00.Z', want: null },
  { text: '2026-06-02T12:00:00+aa:00', want: null },
  { text: '', want: null },
]
for (const { text, want } of cases)
  test(`${JSON.stringify(text)} is ${want === null ? 'no moment' : want}`, () =>
    assert.equal(parseInstantMs(text), want))

test('every moment written by a Date is read to the millisecond', () => {
  const moment = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(moment, (at) => assert.equal(parseInstantMs(at.toISOString()), at.getTime())),
    { numRuns: 2000 },
  )
})

test('chance texts near the shape of a moment are a number or null, never NaN', () => {
  const near = fc
    .tuple(fc.nat(30), fc.string({ maxLength: 3 }))
    .map(
      ([at, noise]) =>
        '2026-06-02T12:00:00.123Z'.slice(0, at) + noise + '2026-06-02T12:00:00.123Z'.slice(at + noise.length),
    )
  fc.assert(
    fc.property(near, (text) => {
      const atMs = parseInstantMs(text)
      assert.ok(atMs === null || Number.isInteger(atMs))
    }),
    { numRuns: 5000 },
  )
})
