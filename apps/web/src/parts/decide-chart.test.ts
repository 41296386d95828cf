// Where lines break, what lies on what, and that keys never lead out of a chart.
// That a chart is drawn and read is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { breakMs, pointAfter, stacked } from './decide-chart.ts'

test('a line breaks where much longer than usual nothing was heard', () => {
  const atMs = [0, 60, 120, 180, 240, 600, 660]
  assert.ok(breakMs(atMs) > 60 && breakMs(atMs) < 360)
  assert.equal(breakMs([]), Number.POSITIVE_INFINITY)
  assert.equal(breakMs([7]), Number.POSITIVE_INFINITY)
})

test('layers lie on each other, and what is not known has no height', () => {
  assert.deepEqual(
    stacked([
      [1, null, 3],
      [2, 5, null],
    ]),
    [
      [1, 0, 3],
      [3, 5, 3],
    ],
  )
})

const cases: readonly (readonly [name: string, key: string, at: number | null, want: number | null])[] = [
  ['from nowhere to the newest', 'ArrowLeft', null, 99],
  ['from nowhere to the oldest', 'Home', null, 0],
  ['one earlier', 'ArrowLeft', 50, 49],
  ['one later', 'ArrowRight', 50, 51],
  ['a leap earlier', 'PageDown', 50, 40],
  ['a leap later', 'PageUp', 50, 60],
  ['the oldest', 'Home', 50, 0],
  ['the newest', 'End', 50, 99],
  ['no further than the oldest', 'ArrowLeft', 0, 0],
  ['a key of others', 'j', 50, null],
]
for (const [name, key, at, want] of cases) test(name, () => assert.equal(pointAfter(key, at, 100), want))

test('no key leads out of a chart, and none anywhere when there is nothing', () => {
  const key = fc.constantFrom('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End')
  fc.assert(
    fc.property(key, fc.integer({ min: 1, max: 2000 }), fc.nat(), (one, count, seed) => {
      const to = pointAfter(one, seed % count, count)
      assert.ok(to !== null && to >= 0 && to < count)
      assert.equal(pointAfter(one, null, 0), null)
    }),
  )
})
