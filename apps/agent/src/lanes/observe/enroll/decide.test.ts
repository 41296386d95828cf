// Whether to enrol, as a table, and how long to wait between attempts (sensor-agent 12.2).
// The attempt itself is tested in lane.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideEnroll, type EnrollFacts, enrollDelayMs, isRenewalDue, renewalDelayMs } from './decide.ts'

const enrollment = {
  server: 'https://s',
  tenantId: 'default',
  deviceId: 'dev_1',
  clientCertificate: 'pem',
  certificateExpiresAt: '',
  publicKeySha256: 'k',
  enrolledAt: '',
  nextLocalSequence: 1,
}
const facts: EnrollFacts = {
  server: 'https://s',
  enrollment: null,
  publicKeySha256: 'k',
  hasToken: true,
  isTokenRefused: false,
  isNamed: false,
}

const cases: { name: string; changed: Partial<EnrollFacts>; want: string }[] = [
  { name: 'a token and no identity', changed: {}, want: 'enroll' },
  { name: 'no server', changed: { server: null, enrollment }, want: 'off' },
  { name: 'an identity outweighs a token', changed: { enrollment }, want: 'enrolled' },
  { name: 'an identity at another server', changed: { enrollment, server: 'https://t' }, want: 'server_changed' },
  { name: 'an identity of another key', changed: { enrollment, publicKeySha256: 'l' }, want: 'key_changed' },
  { name: 'neither token nor identity', changed: { hasToken: false }, want: 'token_missing' },
  { name: 'no identity but the owner’s word', changed: { hasToken: false, isNamed: true }, want: 'named' },
  { name: 'a token outweighs the owner’s word', changed: { isNamed: true }, want: 'enroll' },
  { name: 'an identity outweighs both', changed: { enrollment, isNamed: true }, want: 'enrolled' },
  { name: 'a token the server refused', changed: { isTokenRefused: true }, want: 'token_refused' },
]
for (const { name, changed, want } of cases)
  test(name, () => assert.equal(decideEnroll({ ...facts, ...changed }).verdict, want))

test('attempts come after 1, 2, 5, 15 and 30 minutes, then every hour', () =>
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 60].map((failures) => enrollDelayMs(failures) / 60_000),
    [1, 2, 5, 15, 30, 60, 60],
  ))

const day = 24 * 60 * 60_000
const renewals = [
  { name: 'ninety days, one gone', days: 90, gone: 1, isAsked: false, want: false },
  { name: 'ninety days, sixty gone', days: 90, gone: 60, isAsked: false, want: true },
  { name: 'five years, all but thirty days gone', days: 1825, gone: 1795, isAsked: false, want: true },
  { name: 'five years, all but a year gone', days: 1825, gone: 1460, isAsked: false, want: false },
  { name: 'ended already', days: 90, gone: 91, isAsked: false, want: true },
  { name: 'asked for on the first day', days: 90, gone: 0, isAsked: true, want: true },
]
for (const { name, days, gone, isAsked, want } of renewals)
  test(`a renewal is ${want ? '' : 'not '}due: ${name}`, () =>
    assert.equal(isRenewalDue({ issuedMs: 0, expiresMs: days * day, nowMs: gone * day, isAsked }), want))

test('a renewal that fails is tried again after hours, and after a week where nobody knows the route', () => {
  const hours = (failures: number, isRouteUnknown = false) => renewalDelayMs(failures, isRouteUnknown) / 3_600_000
  assert.deepEqual([hours(1), hours(2), hours(3), hours(9), hours(1, true)], [1, 2, 4, 6, 168])
})
