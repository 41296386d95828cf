// Proof of signing in from a browser, on a real server: the cookie, the word for writes, and pages of other sites.
// Which sessions live how long is tested in identity.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { fleetPrefix, listAudit } from '@muster/contract'
import { call } from '@muster/http'
import { startTestServer, type TestServer, value } from '../testing/server.ts'

let server: TestServer
let token: string
before(async () => {
  server = await startTestServer()
  token = await server.tokenOf('admin')
})
after(() => server.close())

const ask = async (method: string, path: string, headers: Record<string, string> = {}, body?: unknown) => {
  const reply = await fetch(`${server.api.url}${fleetPrefix}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const said = JSON.parse(await reply.text())
  return { status: reply.status, said, code: said.error?.code, cookie: reply.headers.get('set-cookie') }
}

const signIn = async () => {
  const { status, said, cookie } = await ask('POST', '/session', {}, { token })
  assert.equal(status, 201)
  return { cookie: cookie?.split(';')[0] ?? '', said, attributes: cookie ?? '' }
}

test('a session reads with its cookie and writes with its word beside it', async () => {
  const { cookie, said, attributes } = await signIn()
  assert.match(attributes, /HttpOnly; SameSite=Strict/)
  assert.equal(said.role, 'admin')
  assert.ok(!JSON.stringify(said).includes(cookie.split('=')[1] ?? ''))
  const seen = await ask('GET', '/me', { cookie })
  assert.deepEqual(seen.said.session, said.session)
  const body = { label: 'from a browser' }
  const write = (headers: Record<string, string>) => ask('POST', '/enrollment-tokens', { cookie, ...headers }, body)
  assert.equal((await write({})).code, 'request_forged')
  assert.equal((await write({ 'x-muster-csrf': 'wrong' })).code, 'request_forged')
  assert.equal((await write({ 'x-muster-csrf': said.session.csrfToken })).status, 201)
})

test('pages of other sites write nothing and sign nobody in, whatever they send along', async () => {
  const { cookie, said } = await signIn()
  const foreign = { 'sec-fetch-site': 'cross-site' }
  const headers = { cookie, 'x-muster-csrf': said.session.csrfToken, ...foreign }
  assert.equal((await ask('POST', '/enrollment-tokens', headers, { label: 'x' })).code, 'request_forged')
  assert.equal((await ask('POST', '/session', foreign, { token })).code, 'request_forged')
})

test('signing out takes the cookie back and ends the session', async () => {
  const { cookie, said } = await signIn()
  const out = await ask('DELETE', '/session', { cookie, 'x-muster-csrf': said.session.csrfToken })
  assert.deepEqual(out.said, { ended: true })
  assert.match(out.cookie ?? '', /^muster_session=; .*Max-Age=0$/)
  assert.equal((await ask('GET', '/me', { cookie })).code, 'credential_invalid')
})

test('a bearer token counts before a cookie, and has no session', async () => {
  const headers = { cookie: 'muster_session=mos_stale', authorization: `Bearer ${token}` }
  assert.equal((await ask('GET', '/me', headers)).said.session, null)
})

test('a wrong token is refused, and every sign-in is on record with where it came from', async () => {
  assert.equal((await ask('POST', '/session', {}, { token: 'mot_wrong' })).code, 'credential_invalid')
  const opened = await value(call(server.owner, listAudit, { query: { action: 'session.opened' } }))
  assert.ok(opened.items.length > 0 && opened.items.every(({ actor }) => actor.ip === '127.0.0.1'))
})
