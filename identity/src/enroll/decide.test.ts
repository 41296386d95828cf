// The rules of coming in, as tables, and the one law they serve: no token lets in more keys than it has uses.
// Races between processes are tested in enroll.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceStatus } from '@muster/contract'
import * as fc from 'fast-check'
import { decideEnrollments, deviceKey, type EnrollFacts, repeatWindowMs, type TokenFacts, useKey } from './decide.ts'

const nowMs = 1_000_000_000
const token = (given: Partial<TokenFacts> = {}): TokenFacts => ({
  tokenNo: 1,
  tenantId: 't',
  maxUses: 1,
  useCount: 0,
  expiresMs: nowMs + 1,
  revokedMs: null,
  planes: ['observe', 'telemetry'],
  allowReenroll: false,
  ...given,
})

interface Given {
  readonly token?: Partial<TokenFacts>
  readonly status?: DeviceStatus
  readonly usedAgoMs?: number
  readonly isDeleting?: boolean
}

const factsOf = ({ token: given, status, usedAgoMs, isDeleting = false }: Given): EnrollFacts => ({
  nowMs,
  tokens: new Map([['digest', token(given)]]),
  devices: new Map(status === undefined ? [] : [[deviceKey('t', 'key'), { deviceId: 'dev_old', status, isDeleting }]]),
  usedMs: new Map(usedAgoMs === undefined ? [] : [[useKey(1, 'key'), nowMs - usedAgoMs]]),
})

const request = { tokenDigest: 'digest', keyFingerprint: 'key', plane: 'observe' as const, freshDeviceId: 'dev_new' }

const summary = (given: Given): string => {
  const [verdict] = decideEnrollments(factsOf(given), [request])
  if (verdict === undefined) return 'nothing'
  if (verdict.outcome === 'refused') return verdict.reason
  const marks = [verdict.isRepeat ? ' repeat' : '', verdict.reactivates ? ' back' : '']
  return `${verdict.deviceId}${marks.join('')}`
}

const spent = { useCount: 1 }
const cases: { name: string; given: Given; want: string }[] = [
  { name: 'a good token lets a new key in', given: {}, want: 'dev_new' },
  { name: 'a spent token does not', given: { token: spent }, want: 'token_exhausted' },
  { name: 'an expired token does not', given: { token: { expiresMs: nowMs } }, want: 'token_expired' },
  { name: 'a revoked token does not', given: { token: { revokedMs: 5 } }, want: 'token_revoked' },
  { name: 'a known key is the same device', given: { status: 'active' }, want: 'dev_old' },
  {
    name: 'a lost response is repeated on a spent token',
    given: { token: spent, status: 'active', usedAgoMs: repeatWindowMs - 1 },
    want: 'dev_old repeat',
  },
  {
    name: 'a repeat after the window needs a use',
    given: { token: spent, status: 'active', usedAgoMs: repeatWindowMs },
    want: 'token_exhausted',
  },
  {
    name: 'a repeat does not outlive a revocation of the token',
    given: { token: { ...spent, revokedMs: 5 }, status: 'active', usedAgoMs: 1 },
    want: 'token_revoked',
  },
  {
    name: 'a repeat does not undo a revocation of the device',
    given: { token: spent, status: 'revoked', usedAgoMs: 1 },
    want: 'device_revoked',
  },
  { name: 'a revoked device stays revoked', given: { status: 'revoked' }, want: 'device_revoked' },
  { name: 'a retired device stays retired', given: { status: 'retired' }, want: 'device_retired' },
  {
    name: 'a revoked device comes back if the token allows it',
    given: { token: { allowReenroll: true }, status: 'revoked' },
    want: 'dev_old back',
  },
  {
    name: 'a retired device comes back if the token allows it',
    given: { token: { allowReenroll: true }, status: 'retired' },
    want: 'dev_old back',
  },
  {
    name: 'a device whose data is being deleted has to wait',
    given: { token: { allowReenroll: true }, status: 'retired', isDeleting: true },
    want: 'device_data_deleting',
  },
  {
    name: 'a merged device never comes back',
    given: { token: { allowReenroll: true }, status: 'merged' },
    want: 'device_merged',
  },
]
for (const { name, given, want } of cases) test(name, () => assert.equal(summary(given), want))

test('an unknown token is refused', () => {
  const [verdict] = decideEnrollments(factsOf({}), [{ ...request, tokenDigest: 'other' }])
  assert.deepEqual(verdict, { outcome: 'refused', reason: 'token_unknown', token: undefined })
})

test('the same key in another tenant is another device', () => {
  const facts = factsOf({ token: { tenantId: 'u' }, status: 'active' })
  const [verdict] = decideEnrollments(facts, [request])
  assert.ok(verdict?.outcome === 'admitted' && verdict.isNew && verdict.deviceId === 'dev_new')
})

test('no token lets in more than its uses, and one key is one device, in any group', () => {
  const requests = fc.array(
    fc.record({ tokenDigest: fc.constantFrom('a', 'b'), keyFingerprint: fc.constantFrom('k', 'l', 'm', 'n') }),
    { maxLength: 30 },
  )
  fc.assert(
    fc.property(requests, fc.nat({ max: 4 }), fc.nat({ max: 4 }), (sent, usesOfA, usesOfB) => {
      const tokens = new Map([
        ['a', token({ tokenNo: 1, maxUses: usesOfA })],
        ['b', token({ tokenNo: 2, maxUses: usesOfB })],
      ])
      const verdicts = decideEnrollments(
        { nowMs, tokens, devices: new Map(), usedMs: new Map() },
        sent.map((one, index) => ({ ...one, plane: 'observe' as const, freshDeviceId: `dev_${index}` })),
      )
      const admitted = verdicts.flatMap((verdict, index) =>
        verdict.outcome === 'admitted' ? [{ ...verdict, key: sent[index]?.keyFingerprint }] : [],
      )
      for (const [digest, { tokenNo, maxUses }] of tokens) {
        const uses = admitted.filter((one) => one.token.tokenNo === tokenNo && !one.isRepeat)
        assert.ok(uses.length <= maxUses, `token ${digest}`)
      }
      const idsByKey = Map.groupBy(admitted, (one) => one.key)
      for (const ofKey of idsByKey.values()) assert.equal(new Set(ofKey.map((one) => one.deviceId)).size, 1)
    }),
  )
})
