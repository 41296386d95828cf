// Operators on both engines: the first owner, tokens made and ended here and elsewhere, and every way to sign in.
// The rules alone are tested in decide.test.ts.
import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Capability, Role } from '@muster/contract'
import { type Result, Secret } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { SignJWT } from 'jose'
import type { Identity } from '../create-identity.ts'
import { by, openTestRoom, type TestRoom, until } from '../room.fixture.ts'
import type { KnownOperator } from '../speakers.ts'
import { chooseOperatorAuth, type OperatorAuth } from './auth.ts'
import { firstOwnerSeconds } from './decide.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

eachEngine((engine) => {
  let room: TestRoom
  let owner: KnownOperator
  before(async () => {
    room = await openTestRoom(engine)
    owner = await signedIn(await firstToken())
  })
  after(() => room.close())

  const firstToken = async (): Promise<string> => (await readFile(join(room.dataDir, 'admin-token'), 'utf8')).trim()
  const signIn = (token: string, identity: Identity = room.identity) =>
    identity.operators.identify(`Bearer ${token}`, '192.0.2.1')
  const signedIn = async (token: string): Promise<KnownOperator> => {
    const operator = await signIn(token)
    assert.ok(operator.ok)
    return operator.value
  }
  const make = async (maker: KnownOperator, name: string, role: Role, expiresInSeconds?: number) => {
    const body = { name, role, ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }) }
    const made = await room.identity.operators.createToken(by, maker, body)
    assert.ok(made.ok)
    return made.value
  }
  const withAuth = async (operatorAuth: OperatorAuth): Promise<Identity> =>
    (await room.another({ operatorAuth })).identity

  test('the first owner finds a token in a file only the server may read', async () => {
    assert.equal(owner.role, 'owner')
    assert.equal(statSync(join(room.dataDir, 'admin-token')).mode & 0o777, 0o600)
    const before = await firstToken()
    await room.another()
    assert.equal(await firstToken(), before)
  })

  test('a token speaks with its role until it ends', async () => {
    const made = await make(owner, 'short', 'analyst', 60)
    assert.equal((await signedIn(made.token)).role, 'analyst')
    room.clock.advance(60_000)
    assert.equal(codeOf(await signIn(made.token)), 'credential_invalid')
  })

  test('a token revoked by another process ends here after one look', async () => {
    const other = await room.another()
    const made = await make(owner, 'elsewhere', 'viewer')
    await room.identity.directory.refresh()
    assert.equal(codeOf(await signIn(made.token)), 'ok')
    await other.identity.operators.revokeToken(by, owner, made.id)
    await room.identity.directory.refresh()
    assert.equal(codeOf(await signIn(made.token)), 'credential_invalid')
  })

  test('nobody makes a token above their own role, or under a name in use', async () => {
    const admin = await signedIn((await make(owner, 'an admin', 'admin')).token)
    const { createToken } = room.identity.operators
    assert.equal(codeOf(await createToken(by, admin, { name: 'x', role: 'owner' })), 'role_above_own')
    assert.equal(codeOf(await createToken(by, admin, { name: 'an admin', role: 'viewer' })), 'name_taken')
  })

  test('a token limited to networks opens from there only, also over a dual-stack socket, and elsewhere is noted', async () => {
    const { createToken, listTokens, identify } = room.identity.operators
    const networks = ['10.0.0.0/8', '2001:db8::/32']
    const made = await createToken(by, owner, { name: 'narrow', role: 'owner', networks })
    assert.ok(made.ok)
    assert.deepEqual(made.value.networks, networks)
    const { token, id } = made.value
    const from = async (ip: string) => codeOf(await identify(`Bearer ${token}`, ip))
    assert.equal(await from('10.1.2.3'), 'ok')
    assert.equal(await from('::ffff:10.1.2.3'), 'ok')
    assert.equal(await from('2001:db8::7'), 'ok')
    assert.equal(await from('192.0.2.1'), 'address_not_allowed')
    assert.equal(await from('::ffff:192.0.2.1'), 'address_not_allowed')
    const restarted = await room.another()
    const there = await restarted.identity.operators.identify(`Bearer ${token}`, '192.0.2.1')
    assert.equal(codeOf(there), 'address_not_allowed')
    await until(() => room.audit.some(({ action, actor }) => action === 'authorization.refused' && actor.id === id))
    const maker = await identify(`Bearer ${token}`, '10.0.0.1')
    assert.ok(maker.ok)
    const make = async (wider?: string[]) => {
      const body = { name: `by narrow ${wider?.join()}`, role: 'viewer' as const }
      return codeOf(await createToken(by, maker.value, wider === undefined ? body : { ...body, networks: wider }))
    }
    assert.equal(await make(), 'role_above_own')
    assert.equal(await make(['10.0.0.0/7']), 'role_above_own')
    assert.equal(await make(['10.7.0.0/16']), 'ok')
    const listed = await listTokens(owner, {})
    assert.ok(listed.ok)
    assert.deepEqual(listed.value.items.find((one) => one.id === id)?.networks, networks)
    const entry = room.audit.find(({ action, target }) => action === 'operator_token.created' && target.id === id)
    assert.deepEqual(entry?.details['networks'], networks)
  })

  test('the scopes of a token come with its operator', async () => {
    const { createToken } = room.identity.operators
    const scopes: Capability[] = ['fleet:read', 'fleet:read']
    const made = await createToken(by, owner, { name: 'reader', role: 'admin', scopes })
    assert.ok(made.ok)
    assert.deepEqual(made.value.scopes, ['fleet:read'])
    assert.deepEqual((await signedIn(made.value.token)).scopes, ['fleet:read'])
  })

  test('owners see every token of their tenant, others their own', async () => {
    const admin = await signedIn((await make(owner, 'lister', 'admin')).token)
    const made = await make(admin, 'made by lister', 'viewer')
    const seen = async (operator: KnownOperator) => {
      const listed = await room.identity.operators.listTokens(operator, {})
      assert.ok(listed.ok)
      return listed.value.items.map(({ name }) => name)
    }
    assert.deepEqual(await seen(admin), ['made by lister', 'lister'])
    assert.ok((await seen(owner)).includes('first owner'))
    assert.deepEqual(await seen({ ...owner, tenantId: 'other' }), [])
    const { revokeToken } = room.identity.operators
    assert.equal(codeOf(await revokeToken(by, admin, owner.tokenId ?? '')), 'not_found')
    assert.equal(codeOf(await revokeToken(by, { ...owner, tenantId: 'other' }, made.id)), 'not_found')
    assert.equal(codeOf(await revokeToken(by, admin, made.id)), 'ok')
  })

  test('the last use is written within a beat', async () => {
    const made = await make(owner, 'used', 'viewer')
    await signIn(made.token)
    await until(async () => {
      const listed = await room.identity.operators.listTokens(owner, {})
      return listed.ok && listed.value.items.find(({ id }) => id === made.id)?.lastUsedAt !== null
    })
  })

  const wrong = ['', 'Bearer', 'Basic b3duZXI6eA==', 'Bearer mot_unknown', 'Bearer mot_x mot_y', 'Bearer \u00e9']
  for (const header of wrong)
    test(`the header ${JSON.stringify(header)} opens nothing`, async () => {
      const want = header === '' ? 'credential_missing' : 'credential_invalid'
      assert.equal(codeOf(await room.identity.operators.identify(header, '192.0.2.1')), want)
    })

  test('a static token is an owner, and tokens of the database work beside it', async () => {
    const identity = await withAuth({ kind: 'static', token: new Secret('s3cret') })
    const operator = await signIn('s3cret', identity)
    assert.equal(operator.ok && operator.value.role, 'owner')
    assert.equal(codeOf(await signIn('s3cret2', identity)), 'credential_invalid')
    assert.equal(codeOf(await signIn((await make(owner, 'beside', 'viewer')).token, identity)), 'credential_invalid')
    await identity.directory.refresh()
    assert.equal(codeOf(await signIn((await make(owner, 'beside 2', 'viewer')).token)), 'ok')
  })

  test('a JWT must be ours, for us, not over, and name a role', async () => {
    const identity = await withAuth({ kind: 'jwt', secret: new Secret('a secret of some length, for signing') })
    const key = (text: string) => new TextEncoder().encode(text)
    const sign = (claims: Record<string, unknown>, secret = 'a secret of some length, for signing', alg = 'HS256') =>
      new SignJWT(claims).setProtectedHeader({ alg }).sign(key(secret))
    const nowSeconds = Math.floor(room.clock.nowMs() / 1000)
    const good = { sub: 'ada', aud: 'muster', roles: ['admin'], exp: nowSeconds + 60 }
    const tokens: [string, string, string][] = [
      ['good', await sign(good), 'ok'],
      ['over', await sign({ ...good, exp: nowSeconds - 1 }), 'credential_invalid'],
      ['for others', await sign({ ...good, aud: 'kanade' }), 'credential_invalid'],
      ['for nobody', await sign({ sub: 'ada', roles: ['admin'] }), 'credential_invalid'],
      ['without a role', await sign({ ...good, roles: [] }), 'credential_invalid'],
      ['of another signer', await sign(good, 'another secret of some length, sorry'), 'credential_invalid'],
      [
        'of another algorithm',
        await sign(good, 'a secret of some length, for signing'.repeat(2), 'HS512'),
        'credential_invalid',
      ],
      ['unsigned', `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify(good))}.`, 'credential_invalid'],
    ]
    for (const [name, token, want] of tokens) assert.equal(codeOf(await signIn(token, identity)), want, name)
  })

  test('disabled authentication makes everybody an owner', async () => {
    const identity = await withAuth({ kind: 'disabled' })
    const operator = await identity.operators.identify(undefined, '127.0.0.1')
    assert.equal(operator.ok && operator.value.role, 'owner')
  })

  test('making and revoking are recorded, without a secret', async () => {
    const made = await make(owner, 'told', 'viewer')
    await room.identity.operators.revokeToken(by, owner, made.id)
    const told = room.audit.filter(({ target }) => target.id === made.id).map(({ action }) => action)
    assert.deepEqual(told, ['operator_token.created', 'operator_token.revoked'])
    assert.doesNotMatch(JSON.stringify(room.audit), /mot_/)
  })

  test('when no owner can sign in any more, a restart leaves a new token', async () => {
    await writeFile(join(room.dataDir, 'admin-token'), 'old')
    room.clock.advance((firstOwnerSeconds + 1) * 1000)
    const restarted = await room.another()
    assert.equal(codeOf(await signIn(await firstToken(), restarted.identity)), 'ok')
  })
})

const choices: [Record<string, string>, string, string][] = [
  [{}, '0.0.0.0', 'tokens'],
  [{ MUSTER_JWT_SECRET: 'x' }, '0.0.0.0', 'jwt'],
  [{ MUSTER_JWT_SECRET: 'x', MUSTER_AUTH_STATIC_TOKEN: 'y' }, '0.0.0.0', 'static'],
  [{ MUSTER_AUTH_STATIC_TOKEN: '' }, '0.0.0.0', 'tokens'],
  [{ MUSTER_AUTH_DISABLE: '1', MUSTER_AUTH_STATIC_TOKEN: 'y' }, '127.0.0.1', 'disabled'],
  [{ MUSTER_AUTH_DISABLE: '1' }, '::1', 'disabled'],
  [{ MUSTER_AUTH_DISABLE: '0' }, '0.0.0.0', 'tokens'],
]
for (const [env, host, want] of choices)
  test(`${JSON.stringify(env)} on ${host} chooses ${want}`, () =>
    assert.equal(chooseOperatorAuth(env, host).kind, want))

for (const host of ['0.0.0.0', '::', '192.0.2.1', 'fleet.example', '127.example'])
  test(`authentication cannot be disabled on ${host}`, () => {
    assert.throws(() => chooseOperatorAuth({ MUSTER_AUTH_DISABLE: '1' }, host), /loopback/)
  })
