// How points of a device's load read, as words, as columns and as a table.
// That they are drawn is tests/browser.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HeartbeatPoint } from '@muster/contract'
import { csvLines } from '@muster/contract/csv'
import { columnsOf, extentOf, HEARTBEATS_CSV, pointWords } from './decide-load.ts'

const point: HeartbeatPoint = {
  from: '2026-06-02T12:00:00.000Z',
  heartbeats: 60,
  cpuPercent: { least: 3, mean: 12, most: 40 },
  memoryPercent: { least: 38, mean: 38, most: 38 },
  diskPercent: null,
}
const fromMs = Date.parse(point.from)

test('a point is one sentence, and what nobody knows is called so', () =>
  assert.equal(
    pointWords(point, 'noon'),
    'noon: processors 12 % (3 to 40), memory 38 %, the fullest disk unknown; 60 heartbeats',
  ))

test('one heartbeat is one', () => assert.match(pointWords({ ...point, heartbeats: 1 }, 'noon'), /; 1 heartbeat$/))

test('columns keep the place of what nobody knows', () => {
  const points = [{ ...point, cpuPercent: null }, point]
  assert.deepEqual(columnsOf(points, 'cpuPercent'), { least: [null, 3], values: [null, 12], most: [null, 40] })
})

test('a chart is as wide as what was asked for, and wider when another clock says so', () => {
  assert.deepEqual(extentOf([point], 1000, fromMs + 500), { fromMs: fromMs - 500, toMs: fromMs + 500 })
  assert.deepEqual(extentOf([point], 1000, fromMs - 500), { fromMs: fromMs - 1500, toMs: fromMs })
  assert.deepEqual(extentOf([], 1000, 5000), { fromMs: 4000, toMs: 5000 })
})

test('the table has three columns for each measure', () =>
  assert.equal(csvLines(HEARTBEATS_CSV, point), '"2026-06-02T12:00:00.000Z",60,3,12,40,38,38,38,,,\r\n'))
