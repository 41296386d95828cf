// Which silences are news, day by day, and that days in contact add up in any order.
// That it is announced once, here and by other processes, is tested in silence.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { type Heard, heardAt, isGoneDark, mergeHeard, workingMsBetween } from './decide.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const at = (text: string): number => Date.parse(`${text}Z`)

/** Heard at noon of each of these days of June 2026, whose first is a Monday. */
const heardOn = (...days: readonly number[]): Heard =>
  days
    .map((day) => heardAt(at(`2026-06-${String(day).padStart(2, '0')}T12:00`)))
    .reduce((one, other) => mergeHeard(one, other))

const silences: readonly [name: string, heard: Heard, now: string, want: boolean][] = [
  ['a working week, then two working days', heardOn(1, 2, 3, 4, 5), '2026-06-09T12:00', true],
  ['a working week, then the weekend', heardOn(1, 2, 3, 4, 5), '2026-06-08T11:00', false],
  ['a working week, then a second short of two working days', heardOn(1, 2, 3, 4, 5), '2026-06-09T11:59:59', false],
  ['every day, then two days in the week', heardOn(1, 2, 3, 4, 5, 6, 7, 8, 9), '2026-06-11T12:00', true],
  ['four days of seven', heardOn(1, 2, 4, 5), '2026-06-30T12:00', false],
  ['five days, two of them too long ago', heardOn(1, 2, 8, 9, 10), '2026-06-30T12:00', false],
  ['a silence of months', heardOn(1, 2, 3, 4, 5), '2026-12-01T00:00', true],
  ['heard a moment ago', heardOn(1, 2, 3, 4, 5), '2026-06-05T12:01', false],
]
for (const [name, heard, now, want] of silences)
  test(`${name}: ${want ? 'gone dark' : 'nothing to tell'}`, () => assert.equal(isGoneDark(heard, at(now)), want))

test('working time leaves Saturdays and Sundays out', () => {
  assert.equal(workingMsBetween(at('2026-06-05T18:00'), at('2026-06-08T06:00')), 12 * hourMs)
  assert.equal(workingMsBetween(at('2026-06-06T01:00'), at('2026-06-07T23:00')), 0)
  assert.equal(workingMsBetween(at('2026-06-01T00:00'), at('2026-06-15T00:00')), 10 * dayMs)
})

test('days in contact come out the same in whatever order and grouping they are heard', () => {
  const moment = fc.integer({ min: 0, max: 30 * dayMs }).map((ms) => at('2026-06-01T00:00') + ms)
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 20 }), fc.integer({ min: 0, max: 20 }), (moments, cut) => {
      const merge = (list: readonly number[]): Heard | undefined =>
        list.map(heardAt).reduce<Heard | undefined>((one, other) => mergeHeard(one, other), undefined)
      const [left, right] = [merge(moments.slice(0, cut)), merge(moments.slice(cut))]
      const grouped = right === undefined ? left : mergeHeard(left, right)
      assert.deepEqual(grouped, merge(moments.toSorted((one, other) => other - one)))
    }),
  )
})
