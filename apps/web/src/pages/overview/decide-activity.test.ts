// Activity as words, as layers and as a table.
// That it is drawn is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActivityPoint } from '@muster/contract'
import { csvHead, csvLines } from '@muster/contract/csv'
import { ACTIVITY_CSV, chartsOf, extentOf, pointWords, readOverviewView, spanWords } from './decide-activity.ts'

const quiet: ActivityPoint = {
  from: '2026-06-01T00:00:00.000Z',
  events: 1,
  findings: { info: 0, notable: 0, suspicious: 0, critical: 0 },
}
const busy: ActivityPoint = {
  from: '2026-06-02T00:00:00.000Z',
  events: 40,
  findings: { info: 0, notable: 3, suspicious: 0, critical: 2 },
}

test('a span is one sentence, worst first', () => {
  assert.equal(pointWords(busy, 'then'), 'then: 40 events, new findings: 2 critical, 3 notable')
  assert.equal(pointWords(quiet, 'then'), 'then: 1 event, no new findings')
})

test('a day is one of UTC wherever one is', () =>
  assert.match(spanWords(Date.parse(busy.from), 'day'), /\b2\b.*\(UTC\)$/))

test('severities lie on each other, the mildest below', () => {
  const [, findings] = chartsOf([quiet, busy])
  const layers = findings?.drawing.kind === 'bars' ? findings.drawing.layers : []
  assert.deepEqual(
    layers.map(({ values }) => values),
    [
      [0, 0],
      [0, 3],
      [0, 0],
      [0, 2],
    ],
  )
})

test('the charts reach to the end of the last span', () => {
  const { fromMs, toMs } = extentOf([quiet, busy], 'day')
  assert.equal(toMs - fromMs, 2 * 86_400_000)
})

test('the table has a column for each severity', () => {
  assert.match(csvHead(ACTIVITY_CSV), /"criticalFindings"/)
  assert.equal(csvLines(ACTIVITY_CSV, busy), '"2026-06-02T00:00:00.000Z",40,0,3,0,2\r\n')
})

test('an address tells hours or nothing', () =>
  assert.deepEqual([readOverviewView({ by: 'hour' }), readOverviewView({ by: 'year' })], [{ by: 'hour' }, {}]))
