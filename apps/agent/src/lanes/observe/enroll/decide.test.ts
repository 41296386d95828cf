// Whether to enrol, as a table, and how long to wait between attempts (sensor-agent 12.2).
// The attempt itself is tested in lane.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideEnroll, type EnrollFacts, enrollDelayMs } from './decide.ts'

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
}

const cases: { name: string; changed: Partial<EnrollFacts>; want: string }[] = [
  { name: 'a token and no identity', changed: {}, want: 'enroll' },
  { name: 'no server', changed: { server: null, enrollment }, want: 'off' },
  { name: 'an identity outweighs a token', changed: { enrollment }, want: 'enrolled' },
  { name: 'an identity at another server', changed: { enrollment, server: 'https://t' }, want: 'server_changed' },
  { name: 'an identity of another key', changed: { enrollment, publicKeySha256: 'l' }, want: 'key_changed' },
  { name: 'neither token nor identity', changed: { hasToken: false }, want: 'token_missing' },
  { name: 'a token the server refused', changed: { isTokenRefused: true }, want: 'token_refused' },
]
for (const { name, changed, want } of cases)
  test(name, () => assert.equal(decideEnroll({ ...facts, ...changed }).verdict, want))

test('attempts come after 1, 2, 5, 15 and 30 minutes, then every hour', () =>
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 60].map((failures) => enrollDelayMs(failures) / 60_000),
    [1, 2, 5, 15, 30, 60, 60],
  ))
