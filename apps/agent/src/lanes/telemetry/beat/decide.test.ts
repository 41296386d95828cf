// The table of telemetry 14 for a running agent, row by row.
// How long each wait is, is tested in pace.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../platform.ts'
import { decideBeat, type Rhythm, rotationDueMs } from './decide.ts'

const rhythm: Rhythm = { intervalSeconds: 60, failures: 3, minimalLeft: 0 }
const facts = { rhythm, nowMs: 0, jitter: 0.5 }
const heard = (status: number, more: Partial<Answer & { isHeard: true }> = {}): Answer => ({
  isHeard: true,
  status,
  code: null,
  retryAfter: null,
  body: {},
  ...more,
})

const later = { verdict: 'later', wait: { from: 'now', ms: 20_000 }, failures: 4 }
const dropped = { verdict: 'dropped', wait: { from: 'start', ms: 60_000 }, failures: 3 }

const cases: { name: string; answer: Answer; want: object }[] = [
  { name: '202', answer: heard(202), want: { verdict: 'accepted', wait: { from: 'start', ms: 60_000 }, failures: 0 } },
  {
    name: '200 with another interval',
    answer: heard(200, { body: { next_heartbeat_seconds: 30 } }),
    want: { verdict: 'accepted', wait: { from: 'start', ms: 30_000 }, failures: 0 },
  },
  { name: '302', answer: heard(302), want: later },
  ...[400, 409, 413, 415, 422].map((status) => ({ name: `${status}`, answer: heard(status), want: dropped })),
  ...[404, 405, 408, 425, 429, 500, 502, 503, 407, 410, 418, 100].map((status) => ({
    name: `${status}`,
    answer: heard(status),
    want: later,
  })),
  {
    name: '429 with a time',
    answer: heard(429, { retryAfter: '100' }),
    want: { ...later, wait: { from: 'now', ms: 105_000 } },
  },
  {
    name: '503 with a time',
    answer: heard(503, { retryAfter: '40' }),
    want: { ...later, wait: { from: 'now', ms: 42_000 } },
  },
  { name: 'nothing', answer: { isHeard: false, code: 'ECONNREFUSED', detail: '' }, want: later },
]
for (const { name, answer, want } of cases)
  test(`an answer of ${name}`, () => {
    const decided = decideBeat(answer, facts)
    assert.ok(decided.verdict !== 'rejected')
    const { verdict, wait, rhythm: next } = decided
    assert.deepEqual({ verdict, wait, failures: next.failures }, want)
  })

test('only 401 and 403 reject, with the code or else the status', () => {
  const rejecting = Array.from({ length: 600 }, (_, status) => status).filter(
    (status) => decideBeat(heard(status), facts).verdict === 'rejected',
  )
  assert.deepEqual(rejecting, [401, 403])
  assert.deepEqual(
    [decideBeat(heard(403, { code: 'identity_revoked' }), facts), decideBeat(heard(401), facts)],
    [
      { verdict: 'rejected', status: 403, code: 'identity_revoked' },
      { verdict: 'rejected', status: 401, code: 'http_401' },
    ],
  )
})

test('after 413 and 422 an hour of minimal heartbeats follows, and ends', () => {
  for (const status of [413, 422]) {
    let decided = decideBeat(heard(status), facts)
    let minimal = 0
    while (decided.verdict !== 'rejected' && decided.rhythm.minimalLeft > 0) {
      minimal += 1
      decided = decideBeat(heard(202), { ...facts, rhythm: decided.rhythm })
    }
    assert.equal(minimal, 60)
  }
  for (const status of [400, 409, 415]) {
    const decided = decideBeat(heard(status), facts)
    assert.ok(decided.verdict === 'dropped' && decided.rhythm.minimalLeft === 0)
  }
})

test('a certificate is due in its last third, and up to a tenth of its life later', () => {
  const due = (jitter: number) => rotationDueMs({ issuedMs: 0, expiresMs: 90, jitter })
  assert.deepEqual([due(0), due(1)], [60, 69])
})
