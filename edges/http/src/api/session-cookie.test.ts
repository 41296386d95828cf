// The cookie of a session as tables: what is set, what is read back, and which requests other sites made.
// That the API sets and asks for it is tested on a real server, in apps/server.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForeign, isSecure, readSessionCookie, sessionCookie } from './session-cookie.ts'

test('what is set is read back, whatever stands beside it', () => {
  for (const secure of [true, false]) {
    const [pair = ''] = sessionCookie('mos_a-B', secure).split(';')
    assert.equal(readSessionCookie({ cookie: `a=b; ${pair}; c=d` }), 'mos_a-B')
  }
})

test('scripts and other sites never see it, and over TLS only this host can set it', () => {
  assert.equal(sessionCookie('x', false), 'muster_session=x; Path=/; HttpOnly; SameSite=Strict')
  assert.equal(sessionCookie('x', true), '__Host-muster_session=x; Secure; Path=/; HttpOnly; SameSite=Strict')
  assert.match(sessionCookie(null, true), /=; .*Max-Age=0$/)
})

for (const cookie of [
  undefined,
  '',
  'muster_session=',
  'xmuster_session=a',
  'muster_session=a b',
  'other=muster_session=a',
])
  test(`no session in ${cookie}`, () =>
    assert.equal(readSessionCookie({ ...(cookie !== undefined && { cookie }) }), undefined))

test('TLS is that of the socket or of the proxy', () => {
  assert.deepEqual(
    [isSecure('https', {}), isSecure('http', {}), isSecure('http', { 'x-forwarded-proto': 'https' })],
    [true, false, true],
  )
})

const sites: readonly (readonly [string | undefined, boolean])[] = [
  [undefined, false],
  ['same-origin', false],
  ['none', false],
  ['same-site', true],
  ['cross-site', true],
]
for (const [site, foreign] of sites)
  test(`a request from ${site ?? 'a program'} is ${foreign ? '' : 'not '}foreign`, () =>
    assert.equal(isForeign({ ...(site !== undefined && { 'sec-fetch-site': site }) }), foreign))
