// Every way a certificate can be right or wrong, as a table; and how groups are derived.
// The same on real connections is tested in tls.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceStatus } from '@muster/contract'
import { decideCertificate, groupNosOf, type Peer } from './decide.ts'

const nowMs = 1000
const good: Peer = { fingerprint256Hex: 'aa', authorized: true }
const expired: Peer = { ...good, authorized: false, authorizationError: 'CERT_HAS_EXPIRED' }
const foreign: Peer = { ...good, authorized: false, authorizationError: 'DEPTH_ZERO_SELF_SIGNED_CERT' }
const purpose: Peer = { ...good, authorized: false, authorizationError: 'INVALID_PURPOSE' }
const known = (given: { status?: DeviceStatus; expiresMs?: number; revoked?: boolean } = {}) => ({
  device: { status: given.status ?? 'active' },
  expiresMs: given.expiresMs ?? nowMs + 1,
  revoked: given.revoked ?? false,
})

const cases: { name: string; peer: Peer | null; facts: ReturnType<typeof known> | undefined; want: string }[] = [
  { name: 'a known certificate of an active device speaks', peer: good, facts: known(), want: 'ok' },
  { name: 'no certificate', peer: null, facts: undefined, want: 'certificate_missing' },
  { name: 'our signature, but unknown to us', peer: good, facts: undefined, want: 'certificate_untrusted' },
  { name: 'another authority', peer: foreign, facts: undefined, want: 'certificate_untrusted' },
  { name: 'known, but its authority was retired', peer: foreign, facts: known(), want: 'certificate_untrusted' },
  { name: 'known, but for another purpose', peer: purpose, facts: known(), want: 'certificate_untrusted' },
  { name: 'a revoked device', peer: good, facts: known({ status: 'revoked' }), want: 'device_not_active' },
  { name: 'a retired device', peer: good, facts: known({ status: 'retired' }), want: 'device_not_active' },
  { name: 'a merged device', peer: good, facts: known({ status: 'merged' }), want: 'device_not_active' },
  {
    name: 'a revoked device hears so, though its certificate is revoked too',
    peer: good,
    facts: known({ status: 'revoked', revoked: true }),
    want: 'device_not_active',
  },
  { name: 'a closed certificate', peer: good, facts: known({ revoked: true }), want: 'certificate_untrusted' },
  { name: 'expired before the handshake', peer: expired, facts: known(), want: 'certificate_expired' },
  {
    name: 'expired on an open connection',
    peer: good,
    facts: known({ expiresMs: nowMs }),
    want: 'certificate_expired',
  },
]
for (const { name, peer, facts, want } of cases)
  test(name, () => {
    const verdict = decideCertificate(peer, facts, nowMs)
    assert.equal(verdict.ok ? 'ok' : verdict.refusal.code, want)
  })

test('groups are explicit or by tag, ascending and each once', () => {
  const byTag = new Map([
    ['env=prod', [7, 3]],
    ['laptop', [5]],
  ])
  assert.deepEqual(groupNosOf([3, 9], ['env=prod', 'other'], byTag), [3, 7, 9])
  assert.deepEqual(groupNosOf([3, 9], ['other'], byTag), [3, 9])
  assert.deepEqual(groupNosOf([], ['laptop'], undefined), [])
})
