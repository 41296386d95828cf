// Proof of how samples become points, hours days, and silences words.
// That rows are kept and let go is proved in roll-up.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decideAgentLiveness, decideResolution, type Measured, mergePoints, rollUp, STEP_MS } from './decide.ts'

const dayMs = STEP_MS.day
const nowMs = Date.UTC(2026, 5, 2, 12)

const spans: readonly (readonly [agoMs: number, want: string])[] = [
  [dayMs, 'minute'],
  [dayMs + 1, 'hour'],
  [30 * dayMs, 'hour'],
  [30 * dayMs + 1, 'day'],
  [500 * dayMs, 'day'],
]
for (const [agoMs, want] of spans)
  test(`${agoMs / dayMs} days ago are told by the ${want}`, () =>
    assert.equal(decideResolution(nowMs - agoMs, nowMs), want))

const silences: readonly (readonly [seconds: number | null, want: string])[] = [
  [null, 'never'],
  [0, 'online'],
  [180, 'online'],
  [181, 'late'],
  [900, 'late'],
  [901, 'offline'],
]
for (const [seconds, want] of silences)
  test(`a silence of ${seconds} seconds is ${want}`, () =>
    assert.equal(decideAgentLiveness(seconds === null ? null : nowMs - seconds * 1000, nowMs), want))

const percent = fc.option(
  fc.nat(1000).map((tenths) => tenths / 10),
  { nil: null },
)
const samples: fc.Arbitrary<readonly Measured[]> = fc.array(
  fc.record({
    receivedMs: fc.nat(3 * dayMs).map((offset) => nowMs + offset),
    cpuPercent: percent,
    memoryPercent: percent,
    diskPercent: percent,
  }),
  { maxLength: 200 },
)

test('every heartbeat is in one point, and no mean lies outside its extremes', () => {
  fc.assert(
    fc.property(samples, fc.constantFrom('minute', 'hour', 'day'), (said, resolution) => {
      const points = rollUp(said, resolution)
      assert.equal(
        points.reduce((sum, { heartbeats }) => sum + heartbeats, 0),
        said.length,
      )
      for (const { fromMs, cpuPercent } of points) {
        assert.equal(fromMs % STEP_MS[resolution], 0)
        if (cpuPercent !== null)
          assert.ok(cpuPercent.least - 0.1 <= cpuPercent.mean && cpuPercent.mean <= cpuPercent.most + 0.1)
      }
      assert.deepEqual(
        points.map(({ fromMs }) => fromMs),
        points.map(({ fromMs }) => fromMs).toSorted((left, right) => left - right),
      )
    }),
  )
})

test('days made of hours have the extremes and the counts of days made of samples', () => {
  fc.assert(
    fc.property(samples, (said) => {
      const bare = (points: ReturnType<typeof rollUp>) =>
        points.map(({ fromMs, heartbeats, cpuPercent, diskPercent }) => [
          fromMs,
          heartbeats,
          cpuPercent?.least,
          cpuPercent?.most,
          diskPercent?.most,
        ])
      assert.deepEqual(bare(mergePoints(rollUp(said, 'hour'), 'day')), bare(rollUp(said, 'day')))
    }),
  )
})
