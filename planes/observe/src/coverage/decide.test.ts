// The coverage of a device as a whole, and of a fleet by surface, as tables.
// That the counts are of the right devices is tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Coverage } from '@muster/contract'
import { isHeardLately, sumCoverage, wholeCoverageOf } from './decide.ts'

const wholes: readonly (readonly [surfaces: readonly Coverage[], want: Coverage])[] = [
  [[], 'none'],
  [['complete'], 'complete'],
  [['complete', 'partial', 'complete'], 'partial'],
  [['stale', 'stale'], 'stale'],
  [['stale', 'partial'], 'partial'],
]
for (const [surfaces, want] of wholes)
  test(`surfaces that are ${surfaces.join(', ') || 'not there'} make a device ${want}`, () =>
    assert.equal(wholeCoverageOf(surfaces.map((state) => ({ state }))), want))

test('a day after the last contact what is known is old', () => {
  assert.equal(isHeardLately(0, 86_400_000), true)
  assert.equal(isHeardLately(0, 86_400_001), false)
  assert.equal(isHeardLately(null, 0), false)
})

test('every device counts once for each surface', () => {
  const count = (surface: string, hasBaseline: boolean, isHeard: boolean, devices: number) => ({
    surface,
    hasBaseline,
    isHeard,
    count: devices,
  })
  const counts = [
    count('b', true, true, 3),
    count('b', true, false, 2),
    count('b', false, false, 1),
    count('a', true, true, 4),
    count('b', true, true, 2),
  ]
  assert.deepEqual(sumCoverage(counts, 10), [
    { surface: 'a', devices: { none: 6, partial: 0, stale: 0, complete: 4 } },
    { surface: 'b', devices: { none: 2, partial: 1, stale: 2, complete: 5 } },
  ])
})
