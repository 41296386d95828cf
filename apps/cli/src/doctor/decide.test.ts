// Proof of what each look at a connection means, and that everything that is not fine names its fix.
// The looks themselves are tested against a real server in tests/flow.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Check,
  judgeClock,
  judgeReach,
  judgeReadiness,
  judgeStanding,
  judgeTransport,
  judgeVersions,
} from './decide.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)
const dayMs = 86_400_000
const known = { kind: 'known', name: 'ada', role: 'admin', tenantId: 'default', groups: null } as const
const tls = { isEncrypted: true, isExposed: false, certificateEndsMs: nowMs + 90 * dayMs }

const cases: readonly { name: string; check: Check; state: Check['state']; says: RegExp }[] = [
  { name: 'a server that answers', check: judgeReach('http://x', null), state: 'ok', says: /http:\/\/x answers/ },
  {
    name: 'a server that does not',
    check: judgeReach('http://x', 'x does not answer'),
    state: 'fail',
    says: /does not answer/,
  },
  { name: 'a server that is ready', check: judgeReadiness(200, 'ready'), state: 'ok', says: /takes requests/ },
  { name: 'a server that is not', check: judgeReadiness(503, 'database away'), state: 'warn', says: /database away/ },
  { name: 'TLS', check: judgeTransport(tls, nowMs), state: 'ok', says: /encrypted/ },
  {
    name: 'a certificate about to end',
    check: judgeTransport({ ...tls, certificateEndsMs: nowMs + 3 * dayMs }, nowMs),
    state: 'warn',
    says: /in 3 days/,
  },
  {
    name: 'plain HTTP on this machine',
    check: judgeTransport({ isEncrypted: false, isExposed: false, certificateEndsMs: null }, nowMs),
    state: 'ok',
    says: /does not leave this machine/,
  },
  {
    name: 'plain HTTP over a network',
    check: judgeTransport({ isEncrypted: false, isExposed: true, certificateEndsMs: null }, nowMs),
    state: 'fail',
    says: /can read the token/,
  },
  { name: 'no token', check: judgeStanding({ kind: 'missing' }, nowMs), state: 'fail', says: /no token/ },
  {
    name: 'a refused token',
    check: judgeStanding({ kind: 'refused', sentence: 'It expired.' }, nowMs),
    state: 'fail',
    says: /It expired/,
  },
  {
    name: 'a token for ever',
    check: judgeStanding({ ...known, endsMs: null }, nowMs),
    state: 'ok',
    says: /ada, admin of tenant default/,
  },
  {
    name: 'a token about to end',
    check: judgeStanding({ ...known, endsMs: nowMs + dayMs }, nowMs),
    state: 'warn',
    says: /in 1 day$/,
  },
  {
    name: 'a good token',
    check: judgeStanding({ ...known, endsMs: nowMs + 90 * dayMs }, nowMs),
    state: 'ok',
    says: /until 2026-08-31/,
  },
  { name: 'clocks that agree', check: judgeClock(nowMs - 900, nowMs), state: 'ok', says: /agrees/ },
  { name: 'a clock a minute ahead', check: judgeClock(nowMs - 60_000, nowMs), state: 'warn', says: /60 s ahead of/ },
  { name: 'a clock an hour behind', check: judgeClock(nowMs + 3_600_000, nowMs), state: 'fail', says: /3600 s behind/ },
  { name: 'versions of one series', check: judgeVersions('1.2.0', '1.2.9'), state: 'ok', says: /1\.2\.9/ },
  { name: 'versions of two series', check: judgeVersions('1.2.0', '1.3.0'), state: 'warn', says: /server 1\.3\.0/ },
]

for (const { name, check, state, says } of cases)
  test(`${name}: ${state}`, () => {
    assert.equal(check.state, state)
    assert.match(check.message, says)
    assert.equal(check.fix === null, state === 'ok')
  })
