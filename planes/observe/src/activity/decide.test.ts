// Windows of activity as a table, and that every count falls into one span or lies outside.
// That the counts are right is activity.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MOST_ACTIVITY_SPANS } from '@muster/contract'
import * as fc from 'fast-check'
import { type ActivityAsked, decideWindow, toPoints } from './decide.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
const nowMs = Date.UTC(2026, 5, 15, 13, 30)
const today = Date.UTC(2026, 5, 15)
const unsaid: ActivityAsked = { fromMs: undefined, toMs: undefined, resolution: undefined }

const windows: readonly (readonly [name: string, asked: Partial<ActivityAsked>, fromMs: number, endMs: number])[] = [
  ['nothing said', {}, today - 30 * dayMs, today + dayMs],
  ['hours since yesterday', { fromMs: nowMs - dayMs, resolution: 'hour' }, today - 11 * hourMs, today + 14 * hourMs],
  ['until then', { toMs: today - dayMs }, today - 31 * dayMs, today],
  ['a moment', { fromMs: nowMs, toMs: nowMs, resolution: 'hour' }, today + 13 * hourMs, today + 14 * hourMs],
]
for (const [name, asked, fromMs, endMs] of windows)
  test(name, () => {
    const window = decideWindow({ ...unsaid, ...asked }, nowMs)
    assert.ok(window.ok)
    assert.deepEqual([window.value.fromMs, window.value.endMs], [fromMs, endMs])
  })

test('a window that ends before it begins, and one of too many spans, are refused', () => {
  assert.equal(decideWindow({ ...unsaid, fromMs: nowMs + 1 }, nowMs).ok, false)
  assert.equal(decideWindow({ ...unsaid, fromMs: nowMs - 60 * dayMs, resolution: 'hour' }, nowMs).ok, false)
  assert.equal(decideWindow({ ...unsaid, fromMs: nowMs - 3000 * dayMs }, nowMs).ok, false)
})

test('a point for every span, in order, and every count within the window in the span it lies in', () => {
  const hours = fc.integer({ min: -40, max: 60 })
  fc.assert(
    fc.property(
      fc.constantFrom<'hour' | 'day'>('hour', 'day'),
      fc.array(fc.record({ hour: hours, count: fc.integer({ min: 1, max: 9 }) })),
      (resolution, said) => {
        const window = decideWindow({ fromMs: today, toMs: today + 47 * hourMs, resolution }, nowMs)
        assert.ok(window.ok)
        const { spanMs } = window.value
        const counts = said.map(({ hour, count }) => ({ atMs: today + hour * hourMs, count }))
        const found = counts.map((one) => ({ ...one, severity: 'notable' as const }))
        const points = toPoints(window.value, counts, found)
        assert.equal(points.length, resolution === 'hour' ? 48 : 2)
        assert.ok(points.length <= MOST_ACTIVITY_SPANS)
        const within = counts.filter(({ atMs }) => atMs >= today && atMs < today + 48 * hourMs)
        for (const [at, { from, events, findings }] of points.entries()) {
          const fromMs: number = today + at * spanMs
          assert.equal(Date.parse(from), fromMs)
          const own = within.filter(({ atMs }) => atMs >= fromMs && atMs < fromMs + spanMs)
          const sum = own.reduce((so, { count }) => so + count, 0)
          assert.deepEqual([events, findings.notable, findings.critical], [sum, sum, 0])
        }
      },
    ),
  )
})
