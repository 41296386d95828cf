// How much of a device was scanned, and of a fleet by surface, as tables.
// That the counts are of the right devices is tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Scanned } from '@muster/identity'
import { isHeardLately, scannedOf, sumCoverage } from './decide.ts'

const scans: readonly (readonly [baselines: readonly boolean[], want: Scanned])[] = [
  [[], 'not'],
  [[true], 'wholly'],
  [[true, true], 'wholly'],
  [[true, false, true], 'partly'],
  [[false], 'partly'],
]
for (const [baselines, want] of scans)
  test(`${baselines.filter(Boolean).length} first scans of ${baselines.length} surfaces make a device ${want} scanned`, () =>
    assert.equal(scannedOf(baselines.map((baseline) => ({ baseline }))), want))

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
