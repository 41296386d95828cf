// Exchanges on both engines: who comes in and as whom, what one transaction holds, what outsiders can tell apart.
// Requests are csr.test.ts; the same over real listeners is in tests/wire.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { exchange as exchangeRoute } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { der } from '../authority/der.ts'
import { wholeTenant } from '../bounds.ts'
import { by, enrollCall, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import type { AgentTurn } from '../turns.ts'
import { joined, newAgentKey, nextNonce, said } from './exchange.fixture.ts'

const owner = { ...wholeTenant(tenantId), role: 'owner' } as const

eachEngine((engine) => {
  let room: TestRoom
  const turns: AgentTurn[] = []
  before(async () => {
    room = await openTestRoom(engine, { onAgents: async (_tx, told) => void turns.push(...told) })
  })
  after(() => room.close())

  const typesSince = (from: number): string[] => turns.slice(from).map(({ type }) => type)
  const exchange = (...[token, key, more]: Parameters<typeof said>) => room.identity.exchange(said(token, key, more))
  const codeOf = async (...asked: Parameters<typeof said>): Promise<string> => {
    const result = await exchange(...asked)
    return result.ok ? String(result.value.status) : result.refusal.code
  }
  const usesOf = async (token: string): Promise<number> => {
    const row = await room.storage.db
      .selectFrom('identity_enrollment_token')
      .select('use_count')
      .where('digest', '=', sha256Hex(token))
      .executeTakeFirstOrThrow()
    return row.use_count as number
  }
  const hour = 3_600_000

  test('who comes in gets an identity, a certificate for its key alone, and a token', async () => {
    const key = newAgentKey()
    const token = await room.token()
    const from = turns.length
    const result = await exchange(token, key)
    assert.ok(result.ok)
    const reply = exchangeRoute.reply.parse(result.value.reply)
    assert.ok(reply.status === 'enrolled')
    const leaf = new X509Certificate(reply.certificate_pem)
    assert.equal(leaf.subject, `O=${tenantId}\nCN=${reply.agent_id}`)
    assert.equal(leaf.subjectAltName, `URI:urn:oneprotect:tenant:${tenantId}:agent:${reply.agent_id}`)
    assert.equal(leaf.ca, false)
    assert.ok(leaf.publicKey.equals(key.publicKey))
    assert.ok(leaf.checkIssued(new X509Certificate(reply.certificate_chain_pem)))
    assert.deepEqual(typesSince(from), ['agent.enrolled', 'collector.enrolled', 'agent.state_changed'])
    const agent = room.identity.agents.byId(reply.agent_id)
    assert.equal(agent?.state, 'enrolled')
    const device = await room.identity.devices.read(owner, agent?.deviceId ?? '')
    assert.ok(device.ok)
    assert.deepEqual([device.value.agentId, device.value.planes], [reply.agent_id, ['telemetry']])
    const claims = await room.identity.serviceTokens.read(reply.service_account_token)
    assert.ok(typeof claims === 'object')
    assert.deepEqual(
      [claims.sub, claims.scope, claims.epoch, claims.collectorId, claims.assetId],
      [reply.agent_id, 'agent_heartbeat', 1, reply.collector_id, reply.asset_id],
    )
  })

  test('names and powers a request asks for are not in the certificate', async () => {
    const extension = der.sequence(der.oid('2.5.29.19'), der.boolean(true), der.octets(der.sequence(der.boolean(true))))
    const attribute = der.sequence(der.oid('1.2.840.113549.1.9.14'), der.set(der.sequence(extension)))
    const key = newAgentKey()
    const request = { commonName: 'admin', attributes: [attribute] }
    const reply = await joined(room, await room.token(), key, { request })
    const leaf = new X509Certificate(reply.certificate_pem)
    assert.equal(leaf.ca, false)
    assert.ok(!leaf.subject.includes('admin'))
  })

  test('a fault before the commit leaves nothing, and no use is spent', async () => {
    const token = await room.token()
    const { identity } = await room.another({
      onAgents: async () => {
        throw new Error('the disk is gone')
      },
    })
    const key = newAgentKey()
    await assert.rejects(identity.exchange(said(token, key)), /the disk is gone/)
    assert.equal(await usesOf(token), 0)
    assert.equal(room.identity.agents.ofTenant(tenantId).filter(({ hostname }) => hostname === 'lost').length, 0)
    assert.equal((await joined(room, token, key)).status, 'enrolled')
  })

  test('a token for one, used by two at the same instant, lets exactly one in', async () => {
    const token = await room.token()
    const codes = await Promise.all([codeOf(token, newAgentKey()), codeOf(token, newAgentKey())])
    assert.deepEqual(codes.toSorted(), ['201', 'enrollment_refused'])
  })

  test('a lost answer can be asked for again: the same agent, no further use, and then it is over', async () => {
    const token = await room.token({ maxUses: 2 })
    const key = newAgentKey()
    const first = await joined(room, token, key)
    room.clock.advance(5 * 60_000)
    const again = await exchange(token, key)
    assert.ok(again.ok && again.value.status === 200 && again.value.reply.agent_id === first.agent_id)
    assert.equal(await usesOf(token), 1)
    room.clock.advance(6 * 60_000)
    const later = await exchange(token, key)
    assert.ok(later.ok && later.value.status === 201 && later.value.reply.agent_id === first.agent_id)
    assert.equal(await usesOf(token), 2)
    assert.equal(room.identity.agents.byId(first.agent_id)?.tokenEpoch, 2)
  })

  test('one key on two wires is one device, and one use of a token', async () => {
    const token = await room.token()
    const key = newAgentKey()
    const publicKey = Buffer.from(key.publicKey.export({ type: 'spki', format: 'pem' })).toString('base64')
    const sensor = await room.identity.enroll(enrollCall(token, { privateKey: key.privateKey, publicKey }))
    assert.ok(sensor.ok)
    const reply = await joined(room, token, key)
    assert.equal(room.identity.agents.byId(reply.agent_id)?.deviceId, sensor.value.deviceId)
    assert.equal(await usesOf(token), 1)
    const device = await room.identity.devices.read(owner, sensor.value.deviceId)
    assert.ok(device.ok)
    assert.deepEqual(device.value.planes, ['observe', 'telemetry'])
    assert.equal(device.value.sensorVersion, 'koban-agent')
  })

  test('a nonce is good once, whatever came of it', async () => {
    const token = await room.token({ maxUses: 5 })
    const nonce = nextNonce()
    assert.equal(await codeOf(token, newAgentKey(), { nonce, csr_pem: 'broken' }), 'csr_invalid')
    assert.equal(await codeOf(token, newAgentKey(), { nonce }), 'nonce_replayed')
    assert.equal(await codeOf(token, newAgentKey(), { nonce: 'short' }), 'nonce_invalid')
    assert.equal(await codeOf(token, newAgentKey(), { request: { challenge: 'another' } }), 'nonce_invalid')
    assert.equal(await codeOf(token, newAgentKey(), { nonce: nextNonce() }), '201')
  })

  test('a class the token does not name, and a fingerprint of no known form', async () => {
    const token = await room.token()
    assert.equal(await codeOf(token, newAgentKey(), { agent_class: 'server' }), 'agent_class_not_allowed')
    const odd = { hardware_fingerprint: 'sha256:x', fingerprint_source: 'machine_id' }
    assert.equal(await codeOf(token, newAgentKey(), odd), 'fingerprint_invalid')
    assert.equal(await usesOf(token), 0)
  })

  test('a body that names another tenant changes nothing and is put on record', async () => {
    const reply = await joined(room, await room.token(), newAgentKey(), { tenant_id: 'other', asset_id: 'ast_other' })
    assert.equal(reply.tenant_id, tenantId)
    assert.notEqual(reply.asset_id, 'ast_other')
    const entry = room.audit.find(({ target, action }) => target.id === reply.agent_id && action === 'agent.enrolled')
    assert.equal(entry?.details['override_attempted'], true)
  })

  test('four tokens that let nobody in look alike outside, and differ in the history', async () => {
    const from = room.audit.length
    const revoked = await room.token()
    const listed = await room.identity.tokens.list(owner, { limit: '1' })
    assert.ok(listed.ok)
    await room.identity.tokens.revoke(by, owner, listed.value.items[0]?.id ?? '')
    const exhausted = await room.token()
    await joined(room, exhausted, newAgentKey())
    const expired = await room.token({ expiresInSeconds: 300 })
    room.clock.advance(301_000)
    const refusals = []
    for (const token of ['met_nobody-knows-this', revoked, exhausted, expired])
      refusals.push(await exchange(token, newAgentKey()))
    assert.equal(new Set(refusals.map((one) => JSON.stringify(one))).size, 1)
    const reasons = room.audit
      .slice(from)
      .filter(({ action }) => action === 'enrollment_token.refused')
      .map(({ details }) => details['reason'])
    assert.deepEqual(reasons, ['token_unknown', 'token_revoked', 'token_exhausted', 'token_expired'])
  })

  test('a token for another plane lets no agent in', async () => {
    assert.equal(await codeOf(await room.token({ planes: ['observe'] }), newAgentKey()), 'enrollment_refused')
    const publicOnly = await room.token({ planes: ['telemetry'] })
    const key = newAgentKey()
    const publicKey = Buffer.from(key.publicKey.export({ type: 'spki', format: 'pem' })).toString('base64')
    const sensor = await room.identity.enroll(enrollCall(publicOnly, { privateKey: key.privateKey, publicKey }))
    assert.equal(sensor.ok, false)
  })

  test('a revoked key does not come back; revoking twice is once', async () => {
    const key = newAgentKey()
    const token = await room.token({ maxUses: 3 })
    const reply = await joined(room, token, key)
    const from = turns.length
    const revoke = () => room.identity.agents.revoke(by, owner, reply.agent_id, 'lost_device')
    const revoked = await revoke()
    assert.ok(revoked.ok && revoked.value.status === 'revoked')
    assert.deepEqual(typesSince(from), ['agent.state_changed', 'agent.revoked'])
    assert.ok((await revoke()).ok)
    assert.equal(turns.length, from + 2)
    assert.equal(await codeOf(token, key), 'enrollment_refused')
    const reactivated = await room.identity.agents.reactivate(by, owner, reply.agent_id)
    assert.ok(!reactivated.ok && reactivated.refusal.code === 'state_conflict')
    const device = room.identity.directory.byId(room.identity.agents.byId(reply.agent_id)?.deviceId ?? '')
    assert.equal(device?.status, 'revoked')
  })

  test('revoking the device is revoking the agent', async () => {
    const reply = await joined(room, await room.token(), newAgentKey())
    const agent = room.identity.agents.byId(reply.agent_id)
    assert.ok((await room.identity.devices.revoke(by, owner, agent?.deviceId ?? '', {})).ok)
    assert.equal(room.identity.agents.byId(reply.agent_id)?.state, 'revoked')
    assert.equal(room.identity.agents.byId(reply.agent_id)?.tokenEpoch, 2)
  })

  test('hardware seen a while ago goes on under the new key; seen just now, both are flagged', async () => {
    const hardware = (fill: string, source: string) => ({
      hardware_fingerprint: `sha256:${fill.repeat(64)}`,
      fingerprint_source: source,
    })
    const token = await room.token({ maxUses: 20, expiresInSeconds: 80 * 24 * 3600 })
    const old = await joined(room, token, newAgentKey(), hardware('a', 'smbios_uuid'))
    const twin = await joined(room, token, newAgentKey(), hardware('a', 'smbios_uuid'))
    assert.notEqual(twin.asset_id, old.asset_id)
    for (const { agent_id } of [old, twin]) assert.equal(room.identity.agents.byId(agent_id)?.possibleClone, true)
    const first = await joined(room, token, newAgentKey(), hardware('b', 'smbios_uuid'))
    const medium = await joined(room, token, newAgentKey(), hardware('c', 'machine_id'))
    room.clock.advance(2 * hour)
    const next = await joined(room, token, newAgentKey(), hardware('b', 'smbios_uuid'))
    assert.equal(next.asset_id, first.asset_id)
    assert.equal(room.identity.agents.byId(first.agent_id)?.stateReason, 'superseded')
    assert.equal(room.identity.agents.byId(first.agent_id)?.state, 'revoked')
    const copied = await joined(room, token, newAgentKey(), hardware('c', 'machine_id'))
    assert.notEqual(copied.asset_id, medium.asset_id)
    assert.equal(room.identity.agents.byId(medium.agent_id)?.state, 'enrolled')
    assert.ok(turns.filter(({ type }) => type === 'agent.identity.conflict').length >= 3)
  })

  test('where somebody has to say yes, an agent waits without credentials, and comes in with the same key', async () => {
    const settings = room.identity.settings.read(tenantId)
    const agents = { ...settings.agents, approvalRequired: true }
    await room.identity.settings.change(by, tenantId, settings.version, { liveness: settings.liveness, agents })
    const token = await room.token()
    const key = newAgentKey()
    const waiting = await exchange(token, key)
    assert.ok(waiting.ok && waiting.value.status === 202)
    assert.deepEqual(Object.keys(waiting.value.reply).toSorted(), ['agent_id', 'poll_after_seconds', 'status'])
    assert.equal(await codeOf(token, key), '202')
    assert.equal(await usesOf(token), 1)
    assert.equal(await codeOf(token, newAgentKey()), 'enrollment_refused')
    room.clock.advance(3 * 24 * hour)
    const agentId = waiting.value.reply.agent_id
    assert.ok((await room.identity.agents.approve(by, owner, agentId)).ok)
    const reply = await joined(room, token, key)
    assert.equal(reply.agent_id, agentId)
    assert.equal(await usesOf(token), 1)

    const second = await room.token()
    const denied = newAgentKey()
    const pending = await exchange(second, denied)
    assert.ok(pending.ok)
    assert.ok((await room.identity.agents.deny(by, owner, pending.value.reply.agent_id)).ok)
    assert.equal(await codeOf(second, denied), 'enrollment_refused')
    const back = { ...agents, approvalRequired: false }
    await room.identity.settings.change(by, tenantId, settings.version + 1, {
      liveness: settings.liveness,
      agents: back,
    })
  })

  test('ten a minute and twenty at once from one address, then a while nothing', async () => {
    const token = await room.token()
    const codes = []
    for (let count = 0; count < 22; count += 1)
      codes.push(await codeOf(token, newAgentKey(), { csr_pem: 'x', ip: '198.51.100.7' }))
    assert.deepEqual(codes.slice(20), ['rate_limited', 'rate_limited'])
    assert.equal(await codeOf(token, newAgentKey(), { ip: '198.51.100.8' }), 'enrollment_refused')
    room.clock.advance(hour)
    assert.equal(await codeOf(token, newAgentKey(), { ip: '198.51.100.8' }), '201')
  })
})
