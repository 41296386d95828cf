// Proof of what sensors are told: labels echoed, hints bounded, refusal noticed (sensor-protocol 6.3, 18.3).
// That it crosses the wire so is proved in tests/wire.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  decideCheckIn,
  decideServed,
  decideSyncHints,
  isStillAsked,
  newSensor,
  policyStatusOf,
  type SensorState,
} from './decide.ts'

const minuteMs = 60_000
const said = (active: string) => ({ active, backlogEvents: 3, backlogBytes: 99 })
const backlog = { backlogEvents: 0, backlogBytes: 0 }

test('a sensor that has what is meant for it hears its own label back', () => {
  const { hints, state } = decideCheckIn(newSensor, said('g1'), 'g1', 0)
  assert.deepEqual(hints, { configGeneration: 'g1', configUpdateAvailable: false, fullResnapshotRequested: false })
  assert.equal(policyStatusOf(state, 'g1'), 'current')
})

test('a sensor for which nothing is published hears its own label back, whatever it is', () => {
  const { hints, state } = decideCheckIn(newSensor, said('old'), null, 0)
  assert.equal(hints.configGeneration, 'old')
  assert.equal(hints.configUpdateAvailable, false)
  assert.equal(policyStatusOf(state, null), 'local')
})

test('a sensor with another label is told of the one that is published', () => {
  const { hints, state } = decideCheckIn(newSensor, said('g1'), 'g2', 0)
  assert.deepEqual([hints.configGeneration, hints.configUpdateAvailable], ['g2', true])
  assert.equal(policyStatusOf(state, 'g2'), 'pending')
})

const checkIns = (from: SensorState, active: string, assigned: string, times: number) => {
  let state = from
  const told: boolean[] = []
  for (let n = 0; n < times; n += 1) {
    const hinted = decideCheckIn(state, said(active), assigned, n * minuteMs)
    state = decideServed(hinted.state, assigned, n * minuteMs + 1)
    told.push(hinted.hints.configUpdateAvailable)
  }
  return { state, told }
}

test('after five hints in a row a sensor counts as refusing and is left in peace', () => {
  const { state, told } = checkIns(newSensor, 'g1', 'g2', 8)
  assert.deepEqual(told, [true, true, true, true, true, false, false, false])
  assert.equal(policyStatusOf(state, 'g2'), 'refused')
})

test('a refusing sensor is told of the next generation, and is forgiven when it takes it', () => {
  const { state } = checkIns(newSensor, 'g1', 'g2', 8)
  const next = decideCheckIn(state, said('g1'), 'g3', 9 * minuteMs)
  assert.equal(next.hints.configUpdateAvailable, true)
  assert.equal(policyStatusOf(next.state, 'g3'), 'pending')
  assert.equal(policyStatusOf(decideCheckIn(next.state, said('g3'), 'g3', 10 * minuteMs).state, 'g3'), 'current')
})

test('a sync is told of an update once in ten minutes', () => {
  let state = decideCheckIn(newSensor, said('g1'), 'g1', 0).state
  const told: number[] = []
  for (let minute = 1; minute <= 25; minute += 1) {
    const hinted = decideSyncHints(state, backlog, 'g2', minute * minuteMs)
    state = hinted.state
    if (hinted.hints.configUpdateAvailable) told.push(minute)
  }
  assert.deepEqual(told, [1, 11, 21])
})

test('a sync is not told of what was served since the last check-in', () => {
  const checked = decideCheckIn(newSensor, said('g1'), 'g2', 0).state
  const served = decideServed(checked, 'g2', 1)
  assert.equal(decideSyncHints(served, backlog, 'g2', 2).hints.configUpdateAvailable, false)
  assert.equal(decideSyncHints(served, backlog, 'g2', 2).hints.configGeneration, 'g2')
})

test('a sync of a refusing sensor is not told either', () => {
  const { state } = checkIns(newSensor, 'g1', 'g2', 8)
  assert.equal(
    decideSyncHints({ ...state, served: null, servedMs: null }, backlog, 'g2', 99 * minuteMs).hints
      .configUpdateAvailable,
    false,
  )
})

test('a request to rescan is given once, on whichever contact comes first, and not again within ten minutes', () => {
  const asked: SensorState = { ...newSensor, resnapshotRequested: true }
  const first = decideSyncHints(asked, backlog, null, 0)
  assert.equal(first.hints.fullResnapshotRequested, true)
  assert.equal(decideCheckIn(first.state, said(''), null, 1).hints.fullResnapshotRequested, false)
  const again: SensorState = { ...first.state, resnapshotRequested: true }
  assert.equal(decideCheckIn(again, said(''), null, 9 * minuteMs).hints.fullResnapshotRequested, false)
  assert.equal(decideCheckIn(again, said(''), null, 10 * minuteMs).hints.fullResnapshotRequested, true)
})

test('a sensor that was only ever heard on sync has an unknown policy status', () => {
  assert.equal(policyStatusOf(decideSyncHints(newSensor, backlog, 'g1', 0).state, 'g1'), 'unknown')
  assert.equal(policyStatusOf(undefined, 'g1'), 'unknown')
})

test('without an update announced, a check-in always hears its own label', () => {
  const labels = fc.constantFrom('', 'g1', 'g2', 'g3')
  fc.assert(
    fc.property(fc.array(fc.tuple(labels, fc.option(fc.constantFrom('g1', 'g2', 'g3')))), (steps) => {
      let state = newSensor
      for (const [index, [active, assigned]] of steps.entries()) {
        const hinted = decideCheckIn(state, said(active), assigned, index * minuteMs)
        state = hinted.state
        assert.equal(hinted.hints.configGeneration, hinted.hints.configUpdateAvailable ? assigned : active)
        assert.ok(!hinted.hints.configUpdateAvailable || active !== assigned)
      }
    }),
  )
})

const asked: readonly [string, number | null, number | null, boolean][] = [
  ['nobody told it yet', null, null, true],
  ['it was told before, and asked again', 1000, 1000, true],
  ['this process told it, which is not stored yet', 2000, null, false],
  ['this process told it later than what is stored', 2000, 1000, false],
  ['another process told it since, and it was asked again', 1000, 2000, true],
]
for (const [name, resnapshotMs, toldMs, want] of asked)
  test(`a stored request to rescan ${want ? 'stands' : 'is over'}: ${name}`, () =>
    assert.equal(isStillAsked({ ...newSensor, resnapshotMs }, toldMs), want))
