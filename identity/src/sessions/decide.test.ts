// What ends a browser session, as a table.
// Sessions in a database, opened and closed, are sessions.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endOfSession, isLiving, isUseWorthWriting, type SessionFacts, sessionIdleSeconds } from './decide.ts'

const nowMs = 1_000_000_000
const idleMs = sessionIdleSeconds * 1000
const token = { expiresMs: nowMs + 1, revokedMs: null }
const session: SessionFacts = { expiresMs: nowMs + 1, lastUsedMs: nowMs, token, believedBy: null }

const cases: readonly (readonly [name: string, session: Partial<SessionFacts>, lives: boolean])[] = [
  ['used just now', {}, true],
  ['at its end', { expiresMs: nowMs }, false],
  ['idle for almost too long', { lastUsedMs: nowMs - idleMs + 1 }, true],
  ['idle for too long', { lastUsedMs: nowMs - idleMs }, false],
  ['whose token has ended', { token: { ...token, expiresMs: nowMs } }, false],
  ['whose token was revoked', { token: { ...token, revokedMs: nowMs - 1 } }, false],
  ['of a secret the server still has', { token: null, believedBy: 'this' }, true],
  ['of a secret the server had before', { token: null, believedBy: 'that' }, false],
  ['of nothing at all', { token: null, believedBy: null }, false],
]
for (const [name, given, lives] of cases)
  test(`a session ${name} ${lives ? 'lives' : 'is over'}`, () =>
    assert.equal(isLiving({ ...session, ...given }, 'this', nowMs), lives))

test('a session ends within a day and with its credential', () => {
  assert.equal(endOfSession(0, null), 86_400_000)
  assert.equal(endOfSession(0, 5), 5)
  assert.equal(endOfSession(0, 1e12), 86_400_000)
})

test('uses within a minute are one', () => {
  assert.deepEqual(
    [0, 59_999, 60_000].map((atMs) => isUseWorthWriting(0, atMs)),
    [false, false, true],
  )
})
