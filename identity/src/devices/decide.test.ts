// The life of a device as tables, and liveness at its edges.
// That a step reaches the wire within a second is tested in devices.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DEFAULT_LIVENESS, DEVICE_STATUSES, type DeviceStatus, LIVENESSES } from '@muster/contract'
import * as fc from 'fast-check'
import { decideDataDeletion, decideLiveness, decideMerge, decideStep, livenessWindow, STEPS } from './decide.ts'

const steps: Record<(typeof STEPS)[number], Record<DeviceStatus, DeviceStatus | 'state_conflict'>> = {
  revoke: { active: 'revoked', revoked: 'state_conflict', retired: 'revoked', merged: 'state_conflict' },
  retire: { active: 'retired', revoked: 'state_conflict', retired: 'state_conflict', merged: 'state_conflict' },
  reactivate: { active: 'state_conflict', revoked: 'active', retired: 'active', merged: 'state_conflict' },
}
for (const step of STEPS)
  for (const status of DEVICE_STATUSES)
    test(`${step} of a device that is ${status}: ${steps[step][status]}`, () => {
      const decided = decideStep({ status, isDeleting: false }, step)
      assert.equal(decided.ok ? decided.value.status : decided.refusal.code, steps[step][status])
    })

const side = (deviceId: string, status: DeviceStatus) => ({ deviceId, status })
const merges: [string, ReturnType<typeof side>, ReturnType<typeof side>, boolean][] = [
  ['an old record into the living one', side('a', 'active'), side('b', 'active'), true],
  ['a retired record', side('a', 'retired'), side('b', 'active'), true],
  ['a revoked record', side('a', 'revoked'), side('b', 'active'), true],
  ['a device into itself', side('a', 'active'), side('a', 'active'), false],
  ['a record merged before', side('a', 'merged'), side('b', 'active'), false],
  ['into a revoked device', side('a', 'active'), side('b', 'revoked'), false],
  ['into a merged record', side('a', 'active'), side('b', 'merged'), false],
]
for (const [name, device, into, want] of merges)
  test(`merging ${name} is ${want ? 'allowed' : 'refused'}`, () => assert.equal(decideMerge(device, into).ok, want))

test('a device does not come back while its data goes, and may be revoked meanwhile', () => {
  const codeOf = (step: (typeof STEPS)[number]): string => {
    const decided = decideStep({ status: 'retired', isDeleting: true }, step)
    return decided.ok ? 'ok' : decided.refusal.code
  }
  assert.equal(codeOf('reactivate'), 'state_conflict')
  assert.equal(codeOf('revoke'), 'ok')
})

const deletions: [DeviceStatus, string, string][] = [
  ['active', 'a', 'state_conflict'],
  ['merged', 'a', 'state_conflict'],
  ['revoked', 'a', 'ok'],
  ['retired', 'a', 'ok'],
  ['retired', 'A', 'request_malformed'],
  ['retired', '', 'request_malformed'],
]
for (const [status, confirm, want] of deletions)
  test(`deleting the data of a device that is ${status}, confirmed with "${confirm}": ${want}`, () => {
    const decided = decideDataDeletion({ ...side('a', status), mergedIntoId: 'b' }, confirm)
    assert.equal(decided.ok ? 'ok' : decided.refusal.code, want)
  })

const minuteMs = 60_000
const nowMs = 1_800_000_000_000
const silences: [number | null, string][] = [
  [0, 'online'],
  [3 * minuteMs - 1, 'online'],
  [3 * minuteMs, 'idle'],
  [15 * minuteMs - 1, 'idle'],
  [15 * minuteMs, 'offline'],
  [7 * 24 * 60 * minuteMs - 1, 'offline'],
  [7 * 24 * 60 * minuteMs, 'dormant'],
  [null, 'dormant'],
]
for (const [agoMs, want] of silences)
  test(`silent for ${agoMs} ms is ${want}`, () =>
    assert.equal(decideLiveness(agoMs === null ? null : nowMs - agoMs, nowMs, DEFAULT_LIVENESS), want))

test('the window of a liveness holds exactly the contacts that are that lively', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1000, max: 9 * 24 * 60 * minuteMs }), (agoMs) => {
      const contactMs = nowMs - agoMs
      const matching = LIVENESSES.filter((liveness) => {
        const { afterMs, throughMs } = livenessWindow(liveness, nowMs, DEFAULT_LIVENESS)
        return (afterMs === null || contactMs > afterMs) && (throughMs === null || contactMs <= throughMs)
      })
      assert.deepEqual(matching, [decideLiveness(contactMs, nowMs, DEFAULT_LIVENESS)])
    }),
  )
})
