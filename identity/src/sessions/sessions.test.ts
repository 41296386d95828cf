// Browser sessions on both engines: opened with any credential, known to every process, and over with their credential.
// How long they live is tested in decide.test.ts; their cookies on a real server, in apps/server.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Result, Secret } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { by, openTestRoom, type TestRoom } from '../room.fixture.ts'
import type { KnownOperator } from '../speakers.ts'
import { sessionIdleSeconds } from './decide.ts'
import { isCsrfToken, type OpenedSession } from './sessions.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)
const said = { ip: '192.0.2.1', requestId: 'req_1' }

eachEngine((engine) => {
  let room: TestRoom
  let owner: KnownOperator
  let made = 0
  before(async () => {
    room = await openTestRoom(engine)
    const token = (await readFile(join(room.dataDir, 'admin-token'), 'utf8')).trim()
    owner = (await opened(token)).operator
  })
  after(() => room.close())

  const opened = async (token: string): Promise<OpenedSession> => {
    const result = await room.identity.sessions.open(token, said)
    assert.ok(result.ok, codeOf(result))
    return result.value
  }
  const identified = (session: OpenedSession, ip = said.ip) =>
    room.identity.sessions.identify(session.cookie.reveal(), ip)
  const newToken = async (more: { networks?: string[]; expiresInSeconds?: number } = {}) => {
    made += 1
    const name = `session ${made}`
    const token = await room.identity.operators.createToken(by, owner, { name, role: 'analyst', ...more })
    assert.ok(token.ok)
    return token.value
  }

  test('a session speaks as its token does, on every server, until it is closed', async () => {
    const session = await opened((await newToken()).token)
    const there = await (await room.another()).identity.sessions.identify(session.cookie.reveal(), said.ip)
    assert.ok(there.ok)
    assert.deepEqual(there.value, session.operator)
    assert.equal(there.value.role, 'analyst')
    assert.equal(await room.identity.sessions.close(by, there.value), true)
    assert.equal(codeOf(await identified(session)), 'credential_invalid')
    assert.equal(await room.identity.sessions.close(by, there.value), false)
    const actions = room.audit.filter(({ target }) => target.id === session.operator.session?.sessionId)
    assert.deepEqual(
      actions.map(({ action }) => action),
      ['session.opened', 'session.closed'],
    )
  })

  test('nothing in the database opens a session', async () => {
    const session = await opened((await newToken()).token)
    const rows = await room.storage.db.selectFrom('identity_session').selectAll().execute()
    assert.ok(!JSON.stringify(rows).includes(session.cookie.reveal()))
    for (const { digest } of rows)
      assert.equal(codeOf(await room.identity.sessions.identify(digest, said.ip)), 'credential_invalid')
  })

  test('an unknown token opens none, nor does a token from elsewhere, and a session does not leave its networks', async () => {
    assert.equal(codeOf(await room.identity.sessions.open('mot_nothing', said)), 'credential_invalid')
    assert.equal(codeOf(await room.identity.sessions.open('a b', said)), 'credential_invalid')
    const { token } = await newToken({ networks: ['192.0.2.0/24'] })
    assert.equal(
      codeOf(await room.identity.sessions.open(token, { ...said, ip: '198.51.100.1' })),
      'address_not_allowed',
    )
    const session = await opened(token)
    assert.equal(codeOf(await identified(session)), 'ok')
    assert.equal(codeOf(await identified(session, '198.51.100.1')), 'address_not_allowed')
  })

  test('a session is over when its token is revoked', async () => {
    const token = await newToken()
    const session = await opened(token.token)
    await room.identity.operators.revokeToken(by, owner, token.id)
    assert.equal(codeOf(await identified(session)), 'credential_invalid')
  })

  test('a session that is used stays, one that is idle ends, and so does one whose token has ended', async () => {
    const session = await opened((await newToken({ expiresInSeconds: 20 * 3600 })).token)
    const idle = await opened((await newToken()).token)
    for (let used = 0; used < 2; used += 1) {
      room.clock.advance((sessionIdleSeconds - 1) * 1000)
      assert.equal(codeOf(await identified(session)), 'ok')
    }
    assert.equal(codeOf(await identified(idle)), 'credential_invalid')
    room.clock.advance(5 * 3600 * 1000)
    assert.equal(codeOf(await identified(session)), 'credential_invalid')
  })

  test('ended sessions leave the database when another is opened', async () => {
    await opened((await newToken()).token)
    room.clock.advance(25 * 3600 * 1000)
    await opened((await newToken()).token)
    assert.equal((await room.storage.db.selectFrom('identity_session').selectAll().execute()).length, 1)
  })

  test('a session of the static token is over when that token changes', async () => {
    const auth = (text: string) => ({ operatorAuth: { kind: 'static' as const, token: new Secret(text) } })
    const before = (await room.another(auth('one'))).identity
    const result = await before.sessions.open('one', said)
    assert.ok(result.ok)
    const cookie = result.value.cookie.reveal()
    assert.equal(codeOf(await before.sessions.identify(cookie, said.ip)), 'ok')
    assert.equal(
      codeOf(await (await room.another(auth('two'))).identity.sessions.identify(cookie, said.ip)),
      'credential_invalid',
    )
  })

  test('the word for writes belongs to one session', async () => {
    const [one, two] = [await opened((await newToken()).token), await opened((await newToken()).token)]
    const csrf = one.operator.session?.csrfToken ?? ''
    assert.equal(isCsrfToken(csrf, one.operator), true)
    assert.equal(isCsrfToken(csrf, two.operator), false)
    assert.equal(isCsrfToken('', one.operator), false)
  })
})
