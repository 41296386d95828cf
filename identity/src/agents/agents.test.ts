// The lives of agents on both engines: first heartbeat, silence and outages, renewal, rotation, lists, other tenants.
// How they come in is exchange.test.ts; the rules alone are decide.test.ts.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { rotateCertificate } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { requestFor } from '../exchange/csr.fixture.ts'
import { type AgentKey, joined, newAgentKey, nextNonce, said } from '../exchange/exchange.fixture.ts'
import { by, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import type { KnownAgent } from './known.ts'

const owner = { ...wholeTenant(tenantId), role: 'owner' } as const
const day = 24 * 3_600_000

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const agentOf = (agentId: string): KnownAgent => {
    const agent = room.identity.agents.byId(agentId)
    assert.ok(agent)
    return agent
  }
  const join = async (more: Parameters<typeof joined>[3] = {}, key: AgentKey = newAgentKey()) =>
    joined(room, await room.token(), key, more)
  const stateOf = (agentId: string): string => agentOf(agentId).state
  /** Time passes while the server runs: it says so every minute, and here now and then. */
  const pass = async (ms: number): Promise<void> => {
    room.clock.advance(ms)
    await room.identity.watchStale()
  }

  test('the first heartbeat makes an agent active, once, and is seen in its list', async () => {
    const { agent_id } = await join()
    const from = room.audit.length
    for (const _ of [1, 2]) await room.identity.agents.activate(agentOf(agent_id), 'req_beat')
    assert.equal(stateOf(agent_id), 'active')
    assert.deepEqual(
      room.audit.slice(from).map(({ action }) => action),
      ['agent.activated'],
    )
    await room.identity.agents.heard(agentOf(agent_id), room.clock.nowMs(), {
      hostname: 'renamed',
      agentVersion: '0.2.0',
      clockSkewSeconds: 400,
    })
    await room.identity.flush()
    const read = await room.identity.agents.read(owner, agent_id)
    assert.ok(read.ok)
    const { hostname, agent_version, liveness, clock_skew_seconds, certificate } = read.value
    assert.deepEqual([hostname, agent_version, liveness, clock_skew_seconds], ['renamed', '0.2.0', 'online', 400])
    assert.equal(certificate?.status, 'active')
  })

  test('who waits for an approval has seven days; then their place goes, on record, and they may ask again', async () => {
    const tenant = 'lapses'
    const { liveness, agents, version } = room.identity.settings.read(tenant)
    const strict = { liveness, agents: { ...agents, approvalRequired: true } }
    await room.identity.settings.change(by, tenant, version, strict)
    const [key, token] = [newAgentKey(), await room.token({ maxUses: 3, expiresInSeconds: 90 * 86_400 }, tenant)]
    const apply = async (): Promise<string> => {
      const asked = await room.identity.exchange(said(token, key))
      assert.ok(asked.ok)
      assert.equal(asked.value.status, 202)
      return asked.value.reply.agent_id
    }
    const first = await apply()
    await pass(7 * day)
    await room.identity.tidyAgents()
    assert.equal(stateOf(first), 'pending')
    await pass(1)
    const from = room.audit.length
    await room.identity.tidyAgents()
    assert.equal(room.identity.agents.byId(first), undefined)
    assert.deepEqual(
      room.audit.slice(from).map(({ action, target }) => [action, target.id]),
      [['agent.lapsed', first]],
    )
    const second = await apply()
    assert.notEqual(second, first)
    await room.identity.tidyAgents()
    assert.equal(stateOf(second), 'pending')
  })

  test('an active agent whose token ends within two weeks is counted, unless it will have the next by then', async () => {
    const tenant = 'endings'
    const ending = () => room.identity.agents.tokensEnding({ ...owner, tenantId: tenant })
    const token = await room.token({ maxUses: 3 }, tenant)
    const enter = async (more = {}) => (await joined(room, token, newAgentKey(), more)).agent_id
    const [renews, cannot, unused] = [
      await enter(),
      await enter({ capabilities: [] }),
      await enter({ capabilities: [] }),
    ]
    for (const agentId of [renews, cannot]) await room.identity.agents.activate(agentOf(agentId), 'req_beat')
    await pass(16 * day + 1)
    assert.equal(ending(), 0)
    // Its token was due to be renewed, and nothing came of it.
    await pass(4 * day)
    assert.equal(ending(), 1)
    room.clock.advance((400 - 14 - 20) * day)
    assert.equal(ending(), 2)
    assert.equal(stateOf(unused), 'stale')
    assert.equal(room.identity.agents.tokensEnding({ ...owner, tenantId: 'elsewhere' }), 0)
  })

  test('an auditor sees no host names, and another tenant sees nothing', async () => {
    const { agent_id } = await join()
    const seen = await room.identity.agents.read({ ...owner, role: 'auditor' }, agent_id)
    assert.equal(seen.ok && seen.value.hostname, null)
    const elsewhere = { ...owner, tenantId: 'elsewhere' }
    assert.equal((await room.identity.agents.read(elsewhere, agent_id)).ok, false)
    assert.equal((await room.identity.agents.revoke(by, elsewhere, agent_id, 'other')).ok, false)
    const listed = await room.identity.agents.list(elsewhere, {})
    assert.deepEqual(listed.ok && listed.value.items, [])
  })

  test('a list is cut into pages and narrowed by what is asked for', async () => {
    const ids = []
    for (const hostname of ['list-a', 'list-b', 'LIST-c']) ids.push((await join({ hostname })).agent_id)
    const first = await room.identity.agents.list(owner, { q: 'list-', limit: '2' })
    assert.ok(first.ok)
    assert.deepEqual(
      first.value.items.map(({ agent_id }) => agent_id),
      ids.toReversed().slice(0, 2),
    )
    const rest = await room.identity.agents.list(owner, { q: 'list-', cursor: first.value.next_cursor ?? '' })
    assert.deepEqual(rest.ok && rest.value.items.map(({ agent_id }) => agent_id), ids.slice(0, 1))
    const odd = await room.identity.agents.list(owner, { cursor: 'x' })
    assert.equal(odd.ok, false)
  })

  test('a long silence locks an agent out until an operator or its key brings it back', async () => {
    const key = newAgentKey()
    const token = await room.token({ maxUses: 3, expiresInSeconds: 90 * 24 * 3600 })
    const { agent_id } = await joined(room, token, key)
    await room.identity.agents.activate(agentOf(agent_id), 'req_beat')
    await room.identity.agents.heard(agentOf(agent_id), room.clock.nowMs())
    await pass(29 * day)
    assert.equal(stateOf(agent_id), 'active')
    await pass(2 * day)
    assert.equal(stateOf(agent_id), 'stale')
    const back = await room.identity.agents.reactivate(by, owner, agent_id)
    assert.equal(back.ok && back.value.status, 'enrolled')
    await pass(1000)
    assert.equal(stateOf(agent_id), 'enrolled')
    await pass(8 * day)
    assert.equal(stateOf(agent_id), 'stale')
    assert.equal((await joined(room, token, key)).agent_id, agent_id)
    assert.equal(stateOf(agent_id), 'enrolled')
  })

  test('who comes back after long is on disk before the answer, so that nobody locks it out meanwhile', async () => {
    const { agent_id } = await join()
    await room.identity.agents.activate(agentOf(agent_id), 'req_beat')
    room.clock.advance(40 * day)
    await room.identity.agents.heard(agentOf(agent_id), room.clock.nowMs())
    const { identity } = await room.another({ hearsAgents: false })
    await identity.watchStale()
    assert.equal(stateOf(agent_id), 'active')
  })

  test('time in which the platform was down makes nobody stale', async () => {
    const { agent_id } = await join()
    await room.identity.agents.activate(agentOf(agent_id), 'req_beat')
    await room.identity.agents.heard(agentOf(agent_id), room.clock.nowMs())
    await room.identity.flush()
    await room.another()
    room.clock.advance(60 * day)
    const { identity } = await room.another()
    await identity.watchStale()
    assert.equal(identity.agents.byId(agent_id)?.state, 'active')
    await pass(29 * day)
    await identity.watchStale()
    assert.equal(identity.agents.byId(agent_id)?.state, 'active')
    room.clock.advance(2 * day)
    await identity.watchStale()
    assert.equal(identity.agents.byId(agent_id)?.state, 'stale')
  })

  test('a token is renewed in its last third, once in ten minutes, for agents that can take it', async () => {
    const { agent_id, service_account_token } = await join()
    const claims = await room.identity.serviceTokens.read(service_account_token)
    assert.ok(typeof claims === 'object')
    const renew = () => room.identity.agents.renewedToken(agentOf(agent_id), claims.expiresMs)
    assert.equal(await renew(), null)
    room.clock.advance(21 * day)
    const renewed = await renew()
    assert.ok(renewed !== null && renewed.expiresMs > claims.expiresMs)
    assert.equal(await renew(), null)
    const fresh = await room.identity.serviceTokens.read(renewed.token)
    assert.ok(typeof fresh === 'object' && fresh.sub === agent_id)
    assert.equal(typeof (await room.identity.serviceTokens.read(service_account_token)), 'object')
    room.clock.advance(10 * day)
    assert.equal(await room.identity.serviceTokens.read(service_account_token), 'expired_credential')
    const plain = await join({ capabilities: [] })
    const old = await room.identity.serviceTokens.read(plain.service_account_token)
    assert.ok(typeof old === 'object' && old.expiresMs - room.clock.nowMs() > 399 * day)
    room.clock.advance(390 * day)
    assert.equal(await room.identity.agents.renewedToken(agentOf(plain.agent_id), old.expiresMs), null)
  })

  test('a token that was changed, or is none, is invalid; one of another process is not', async () => {
    const { service_account_token } = await join()
    const [head, body] = service_account_token.split('.')
    const { serviceTokens } = room.identity
    for (const token of ['', 'x', 'a.b.c', `${head}.${body}.${'A'.repeat(86)}`, `${head}.e30.x`])
      assert.equal(await serviceTokens.read(token), 'credential_invalid', token)
    const { identity } = await room.another()
    assert.equal(typeof (await identity.serviceTokens.read(service_account_token)), 'object')
  })

  test('a certificate is rotated, for the same key or a new one; the former counts for another day', async () => {
    const key = newAgentKey()
    const first = await join({}, key)
    const rotate = (pair: AgentKey, nonce = nextNonce(), more = {}) =>
      room.identity.rotate({
        agent: agentOf(first.agent_id),
        body: { csr_pem: requestFor(pair), nonce, ...more },
        ip: '192.0.2.1',
        requestId: 'req_rotate',
      })
    const nonce = nextNonce()
    const same = await rotate(key, nonce)
    assert.ok(same.ok)
    rotateCertificate.reply.parse(same.value)
    assert.equal(new X509Certificate(same.value.certificate_pem).subject, `O=${tenantId}\nCN=${first.agent_id}`)
    const former = room.identity.directory.byFingerprint(first.certificate_fingerprint_sha256)
    assert.equal(former?.expiresMs, room.clock.nowMs() + day)
    const replayed = await rotate(key, nonce)
    assert.equal(replayed.ok || replayed.refusal.code, 'nonce_replayed')
    const other = await rotate(newAgentKey(), nextNonce(), { asset_id: 'ast_other' })
    assert.equal(other.ok || other.refusal.code, 'identity_override_rejected')
    const next = newAgentKey()
    assert.ok((await rotate(next)).ok)
    const taken = await join()
    const clash = await room.identity.rotate({
      agent: agentOf(taken.agent_id),
      body: { csr_pem: requestFor(next), nonce: nextNonce() },
      ip: '192.0.2.1',
      requestId: 'req_rotate',
    })
    assert.equal(clash.ok || clash.refusal.code, 'key_taken')
  })
})
