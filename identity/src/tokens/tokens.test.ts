// Enrolment tokens on both engines: made, listed, read, revoked, and what an operator is told with one.
// Spending one is tested in enroll/.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createEnrollmentToken, type TokenStatus } from '@muster/contract'
import type { Result } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { parse } from 'yaml'
import { wholeTenant } from '../bounds.ts'
import { by, enrollCall, enrolled, newTestKey, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import { agentFile, type TokenFacts, tokenStatus, tokenWarnings } from './decide.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const create = async (
    body: Partial<Parameters<TestRoom['identity']['tokens']['create']>[2]> = {},
    tenant = tenantId,
  ) => {
    const created = await room.identity.tokens.create(by, wholeTenant(tenant), { label: 'laptops', ...body })
    assert.ok(created.ok)
    return created.value
  }
  const statusOf = async (tokenId: string): Promise<TokenStatus | undefined> => {
    const read = await room.identity.tokens.read(wholeTenant(tenantId), tokenId)
    return read.ok ? read.value.status : undefined
  }

  test('a token is for one use within a day unless told otherwise, and shown once', async () => {
    const created = await create()
    createEnrollmentToken.reply.parse(created)
    assert.match(created.token, /^met_[\w-]{43}$/)
    assert.equal(created.maxUses, 1)
    assert.equal(Date.parse(created.expiresAt) - Date.parse(created.createdAt), 24 * 3_600_000)
    const read = await room.identity.tokens.read(wholeTenant(tenantId), created.id)
    assert.ok(read.ok)
    assert.ok(!JSON.stringify(read.value).includes(created.token))
    const stored = await room.storage.db.selectFrom('identity_enrollment_token').selectAll().execute()
    assert.ok(!JSON.stringify(stored).includes(created.token))
  })

  test('groups are granted by name, and an unknown one refuses the token', async () => {
    await room.identity.groups.create(by, tenantId, { name: 'laptops' })
    assert.deepEqual((await create({ groups: ['laptops'] })).groups, ['laptops'])
    assert.equal(
      codeOf(await room.identity.tokens.create(by, wholeTenant(tenantId), { label: 'x', groups: ['none'] })),
      'not_found',
    )
  })

  test('the status follows from uses, time and revocation', async () => {
    const used = await create()
    await enrolled(room.identity, used.token)
    assert.equal(await statusOf(used.id), 'exhausted')
    const ended = await create({ expiresInSeconds: 300 })
    room.clock.advance(300_000)
    assert.equal(await statusOf(ended.id), 'expired')
    const stopped = await create()
    await room.identity.tokens.revoke(by, wholeTenant(tenantId), stopped.id)
    assert.equal(await statusOf(stopped.id), 'revoked')
  })

  test('revoking names the devices it let in, leaves them alone, and twice is once', async () => {
    const created = await create({ maxUses: 3 })
    const first = await enrolled(room.identity, created.token)
    const second = await enrolled(room.identity, created.token)
    const revoked = await room.identity.tokens.revoke(by, wholeTenant(tenantId), created.id)
    assert.ok(revoked.ok)
    assert.deepEqual(revoked.value.enrolledDeviceIds.toSorted(), [first.deviceId, second.deviceId].toSorted())
    assert.equal(room.identity.directory.byId(first.deviceId)?.status, 'active')
    assert.equal((await room.identity.enroll(enrollCall(created.token, newTestKey()))).ok, false)
    room.clock.advance(1000)
    const again = await room.identity.tokens.revoke(by, wholeTenant(tenantId), created.id)
    assert.equal(again.ok && again.value.revokedAt, revoked.value.revokedAt)
    const told = room.audit.filter(({ action, target }) => target.id === created.id && action.endsWith('.revoked'))
    assert.equal(told.length, 1)
  })

  test('tokens are listed newest first, by status, page by page', async () => {
    const tenant = 'listing'
    const spent = await create({ label: 'spent' }, tenant)
    await enrolled(room.identity, spent.token)
    for (const label of ['one', 'two', 'three']) await create({ label }, tenant)
    const list = async (query: Parameters<TestRoom['identity']['tokens']['list']>[1]) => {
      const found = await room.identity.tokens.list(wholeTenant(tenant), query)
      assert.ok(found.ok)
      return { labels: found.value.items.map(({ label }) => label), nextCursor: found.value.nextCursor }
    }
    assert.deepEqual((await list({})).labels, ['three', 'two', 'one', 'spent'])
    assert.deepEqual((await list({ status: 'exhausted' })).labels, ['spent'])
    assert.deepEqual((await list({ status: 'revoked' })).labels, [])
    const first = await list({ status: 'active', limit: '2' })
    assert.deepEqual(first.labels, ['three', 'two'])
    const second = await list({ status: 'active', limit: '2', cursor: first.nextCursor ?? '' })
    assert.deepEqual(second, { labels: ['one'], nextCursor: null })
    room.clock.advance(24 * 3_600_000)
    assert.deepEqual((await list({ status: 'expired' })).labels, ['three', 'two', 'one', 'spent'])
    assert.equal(codeOf(await room.identity.tokens.list(wholeTenant(tenant), { cursor: 'x' })), 'request_malformed')
  })

  test("another tenant's token is not found by any function", async () => {
    const foreign = await create({}, 'elsewhere')
    assert.equal(codeOf(await room.identity.tokens.read(wholeTenant(tenantId), foreign.id)), 'not_found')
    assert.equal(codeOf(await room.identity.tokens.revoke(by, wholeTenant(tenantId), foreign.id)), 'not_found')
    const listed = await room.identity.tokens.list(wholeTenant(tenantId), { limit: '200' })
    assert.ok(listed.ok && !listed.value.items.some(({ id }) => id === foreign.id))
    await enrolled(room.identity, foreign.token)
  })
})

const facts: TokenFacts = { revokedMs: null, expiresMs: 10, useCount: 0, maxUses: 1 }
const statuses: [string, Partial<TokenFacts>, number, TokenStatus][] = [
  ['fresh', {}, 9, 'active'],
  ['at its end', {}, 10, 'expired'],
  ['used up', { useCount: 1 }, 9, 'exhausted'],
  ['used up and over', { useCount: 1 }, 10, 'expired'],
  ['revoked before all else', { revokedMs: 1, useCount: 1 }, 10, 'revoked'],
]
for (const [name, given, nowMs, want] of statuses)
  test(`a token that is ${name} is ${want}`, () => assert.equal(tokenStatus({ ...facts, ...given }, nowMs), want))

const hour = 3600
const warned: [number, number, number][] = [
  [1, hour, 0],
  [2, 71 * hour, 1],
  [2, 72 * hour, 0],
]
for (const [maxUses, expiresInSeconds, want] of warned)
  test(`${maxUses} uses within ${expiresInSeconds} s give ${want} warnings`, () =>
    assert.equal(tokenWarnings({ maxUses, expiresInSeconds }).length, want))

test('the agent file is YAML for our agent, and for a sensor once its lines are uncommented', () => {
  const file = agentFile('https://fleet.example:8443/base', 'met_x')
  assert.deepEqual(parse(file), { server: 'https://fleet.example:8443/base', enrollmentToken: 'met_x' })
  const sensor = file.slice(file.indexOf('# sync:')).replace(/^# /gm, '')
  const sync = { enabled: true, endpoint: 'https://fleet.example:8443/base', enrollmentToken: 'met_x' }
  assert.deepEqual(parse(sensor), { sync })
})
