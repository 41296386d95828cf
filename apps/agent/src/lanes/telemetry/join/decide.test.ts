// The table of telemetry 14 for a device that wants to join, and what it has to join with.
// How long each wait is, is tested in pace.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Answer } from '../platform.ts'
import { decideExchange, decideJoin, type JoinFacts } from './decide.ts'

const outsider: JoinFacts = {
  server: 'https://h',
  identity: null,
  hasToken: true,
  isTokenRefused: false,
}
const agent = { server: 'https://h' }
const joins: { want: string; facts: Partial<JoinFacts> }[] = [
  { want: 'join', facts: {} },
  { want: 'token_missing', facts: { hasToken: false } },
  { want: 'token_refused', facts: { isTokenRefused: true } },
  { want: 'joined', facts: { identity: agent } },
  { want: 'joined', facts: { identity: agent, hasToken: false } },
  { want: 'server_changed', facts: { identity: { server: 'https://other' } } },
]
for (const { want, facts } of joins)
  test(`${want}: ${JSON.stringify(facts)}`, () => assert.equal(decideJoin({ ...outsider, ...facts }), want))

const heard = (status: number, more: Partial<Answer & { isHeard: true }> = {}): Answer => ({
  isHeard: true,
  status,
  code: null,
  retryAfter: null,
  body: {},
  ...more,
})
const facts = { failures: 1, conflicts: 0, nowMs: 0, jitter: 0.5 }
const later = { verdict: 'later', waitMs: 5_000 }
const refused = (status: number) => ({ verdict: 'refused', status, code: `http_${status}` })

const cases: { name: string; answer: Answer; want: object; conflicts?: number }[] = [
  { name: '200', answer: heard(200), want: { verdict: 'granted' } },
  { name: '201', answer: heard(201), want: { verdict: 'granted' } },
  {
    name: '202',
    answer: heard(202, { body: { poll_after_seconds: 100 } }),
    want: { verdict: 'pending', waitMs: 110_000 },
  },
  { name: '202 without a time', answer: heard(202), want: { verdict: 'pending', waitMs: 66_000 } },
  {
    name: '202 with a time too short',
    answer: heard(202, { body: { poll_after_seconds: 1 } }),
    want: { verdict: 'pending', waitMs: 16_500 },
  },
  {
    name: '200 that says pending',
    answer: heard(200, { body: { status: 'pending' } }),
    want: { verdict: 'pending', waitMs: 66_000 },
  },
  ...[300, 301, 302, 400, 401, 403, 404, 405, 413, 415, 422].map((status) => ({
    name: `${status}`,
    answer: heard(status),
    want: refused(status),
  })),
  { name: 'the first 409', answer: heard(409), want: { verdict: 'again' } },
  { name: 'the second 409', answer: heard(409), conflicts: 1, want: refused(409) },
  ...[408, 425, 429, 500, 503].map((status) => ({ name: `${status}`, answer: heard(status), want: later })),
  { name: '429 with a time', answer: heard(429, { retryAfter: '20' }), want: { verdict: 'later', waitMs: 21_000 } },
  { name: 'nothing', answer: { isHeard: false, code: 'ENOTFOUND', detail: '' }, want: later },
]
for (const { name, answer, want, conflicts = 0 } of cases)
  test(`an exchange answered with ${name}`, () =>
    assert.deepEqual(decideExchange(answer, { ...facts, conflicts }), want))

test('a refusal keeps its code', () => {
  assert.deepEqual(decideExchange(heard(401, { code: 'enrollment_rejected' }), facts), {
    verdict: 'refused',
    status: 401,
    code: 'enrollment_rejected',
  })
})
