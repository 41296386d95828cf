// Heartbeats on the wire, line by line of the acceptance list (telemetry 24): what is accepted, what each refusal is, what an
// operator then sees, and that no fault of ours looks like a verdict about an agent.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  assetTimeline,
  createEnrollmentToken,
  deviceHeartbeats,
  listAssets,
  listAudit,
  listCollectors,
  listDevices,
  readAsset,
  readDevice,
  TELEMETRY_EVENTS,
  type TelemetryEventType,
  telemetryEnvelope,
} from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { type AgentClient, type Heard, joinAgent, type SaidHeartbeat } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

const codeOf = ({ status, body }: Heard): readonly [number, string] => [status, body?.error?.code ?? body?.status]

eachEngine((engine) => {
  let ground: Ground
  const clock = createFakeClock(Date.UTC(2026, 5, 2, 12))
  const agents: AgentClient[] = []

  before(async () => {
    ground = await openGround({ engine, clock })
  })
  after(async () => {
    for (const agent of agents) agent.close()
    await ground.close()
  })
  const join = async (more: Readonly<Record<string, unknown>> = {}): Promise<AgentClient> => {
    const body = { label: 'agents', planes: ['telemetry' as const] }
    const { token } = await value(call(ground.server.owner, createEnrollmentToken, { body }))
    const agent = await joinAgent(ground, token, more)
    agents.push(agent)
    return agent
  }
  const bodyNow = (more: Readonly<Record<string, unknown>> = {}) => heartbeatAt(clock.nowMs(), more)
  /** A heartbeat a minute after the last. */
  const beat = (agent: AgentClient, said: SaidHeartbeat = {}): Promise<Heard> => {
    clock.advance(minuteMs)
    return agent.heartbeat({ ...said, body: said.body ?? bodyNow() })
  }
  const topics = async (assetId: string): Promise<readonly string[]> => {
    const { db } = ground.server.rooms.storage
    const rows = await db.selectFrom('storage_outbox').selectAll().orderBy('seq').execute()
    return rows.filter((row) => row['key'] === assetId).map((row) => row['topic'] as string)
  }
  const assetOf = ({ identity }: AgentClient) =>
    value(call(ground.server.owner, readAsset, { params: { asset_id: identity.asset_id } }))

  test('the first heartbeat makes an agent active and its asset managed and discovered', async () => {
    const agent = await join()
    assert.equal((await assetOf(agent)).discovered_at, null)
    const first = await beat(agent)
    assert.equal(first.status, 202)
    assert.deepEqual(Object.keys(first.body).toSorted(), [
      'agent_id',
      'asset_id',
      'duplicate',
      'next_heartbeat_seconds',
      'received_at',
      'status',
      'warnings',
    ])
    assert.equal(first.body.next_heartbeat_seconds, 60)
    assert.equal(first.body.received_at, new Date(clock.nowMs()).toISOString())
    await beat(agent)
    assert.equal(ground.server.rooms.identity.agents.byId(agent.identity.agent_id)?.state, 'active')
    assert.deepEqual(await topics(agent.identity.asset_id), ['asset.discovered'])
    const asset = await assetOf(agent)
    assert.equal(asset.managed, true)
    assert.equal(asset.liveness, 'online')
    assert.equal(asset.latest?.cpu_usage_percent, 12.5)
    const timeline = await value(
      call(ground.server.owner, assetTimeline, { params: { asset_id: agent.identity.asset_id }, query: {} }),
    )
    const beats = timeline.items.find(({ kind }) => kind === 'heartbeat_accepted')
    assert.equal(beats?.count, 2)
  })

  describe('each check answers its own status and code, and stores nothing', () => {
    let agent: AgentClient
    let other: AgentClient
    before(async () => {
      agent = await join()
      other = await join()
      await beat(agent)
      await beat(other)
    })
    const refused: readonly (readonly [name: string, want: readonly [number, string], said: () => SaidHeartbeat])[] = [
      ['a body that is too large', [413, 'request_too_large'], () => ({ body: `"${'x'.repeat(256 * 1024)}"` })],
      ['another media type', [415, 'unsupported_media_type'], () => ({ headers: { 'content-type': 'text/plain' } })],
      ['no credential', [401, 'missing_credential'], () => ({ token: null })],
      ['a token nobody made', [401, 'invalid_credential'], () => ({ token: 'nonsense' })],
      ['a token another signed', [401, 'invalid_credential'], () => ({ token: forged(agent) })],
      ['an agent there is not', [401, 'unknown_agent'], () => ({ agentId: 'agt_nobody' })],
      ['the token of another agent', [403, 'actor_mismatch'], () => ({ token: other.identity.service_account_token })],
      ['another asset in the body', [403, 'identity_override_rejected'], () => override(other)],
      ['a fact that is missing', [422, 'invalid_heartbeat'], () => ({ body: { agent_version: '0.1.0' } })],
      ['no JSON', [400, 'malformed_request'], () => ({ body: '{' })],
      ['a query', [400, 'malformed_request'], () => ({ query: '?tenant_id=default' })],
    ]
    const override = (one: AgentClient) => ({ body: bodyNow({ asset_id: one.identity.asset_id }) })
    const forged = ({ identity }: AgentClient): string => {
      const [head, claims] = identity.service_account_token.split('.')
      return `${head}.${claims}.${Buffer.alloc(64).toString('base64url')}`
    }
    for (const [name, want, said] of refused)
      test(`${name}: ${want.join(' ')}`, async () => {
        const latest = (await assetOf(agent)).latest
        assert.deepEqual(codeOf(await beat(agent, said())), want)
        assert.deepEqual((await assetOf(agent)).latest, latest)
      })

    test('an operator token: 403 not_service_account', async () => {
      const token = await ground.server.tokenOf('owner')
      assert.deepEqual(codeOf(await beat(agent, { token })), [403, 'not_service_account'])
    })

    test("another tenant's agent looks like none", async () => {
      const elsewhere = await ground.ofTenant()
      const body = { label: 'agents', planes: ['telemetry' as const] }
      const { token } = await value(call(elsewhere.server.owner, createEnrollmentToken, { body }))
      const stranger = await joinAgent(elsewhere, token)
      agents.push(stranger)
      const heard = await beat(agent, { agentId: stranger.identity.agent_id })
      assert.deepEqual(codeOf(heard), [401, 'unknown_agent'])
      const found = await call(ground.server.owner, readAsset, { params: { asset_id: stranger.identity.asset_id } })
      assert.equal(!found.ok && found.refusal.code, 'not_found')
    })

    test('refusals are on record once, however often they come', async () => {
      for (let turn = 0; turn < 3; turn += 1) await beat(agent, { token: null })
      const { items } = await value(
        call(ground.server.owner, listAudit, { query: { actorId: agent.identity.agent_id, limit: '200' } }),
      )
      const missing = items.filter(({ details }) => details['code'] === 'credential_missing')
      assert.equal(missing.length, 1)
    })

    test('its own ids in the body are accepted and dropped', async () => {
      const { asset_id, agent_id, tenant_id } = agent.identity
      assert.equal((await beat(agent, { body: bodyNow({ asset_id, agent_id, tenant_id }) })).status, 202)
    })

    test('a revoked agent is refused from its next heartbeat on, for good', async () => {
      const { agents: known } = ground.server.rooms.identity
      const gone = await join()
      await beat(gone)
      const by = { actor: { type: 'operator' as const, id: 'ada' }, requestId: 'req_1' }
      const viewer = { tenantId: 'default', role: 'owner' as const, groupNos: null }
      await known.revoke(by, viewer, gone.identity.agent_id, 'lost_device')
      assert.deepEqual(codeOf(await beat(gone)), [403, 'identity_revoked'])
    })
  })

  test('the same heartbeat twice is a duplicate, without a second event; another content under its id is a conflict', async () => {
    const agent = await join()
    const body = bodyNow()
    await agent.heartbeat({ body })
    const again = await agent.heartbeat({ body })
    assert.deepEqual([again.status, again.body.duplicate], [202, true])
    const other = await agent.heartbeat({ body: { ...body, process_count: 1 } })
    assert.deepEqual(codeOf(other), [409, 'heartbeat_conflict'])
    const keyless = { ...bodyNow(), heartbeat_id: undefined }
    const headers = { 'idempotency-key': 'once' }
    assert.equal((await agent.heartbeat({ body: keyless, headers })).body.duplicate, false)
    assert.equal((await agent.heartbeat({ body: keyless, headers })).body.duplicate, true)
  })

  test('a fact that could not be collected is accepted, foreign names too, and odd extras are named', async () => {
    const agent = await join()
    const collection_errors = [{ fact: 'disks', code: 'permission_denied' }]
    const odd = { disks: null, collection_errors, API_TOKEN: 'x', deep: { a: { b: { c: { d: { e: 1 } } } } } }
    const heard = await beat(agent, { body: bodyNow(odd) })
    assert.equal(heard.status, 202)
    assert.deepEqual(heard.body.warnings, ['extra_dropped:API_TOKEN', 'extra_dropped:deep'])
    const { cpu_usage_percent: cpu_percent, ...rest } = bodyNow()
    assert.equal((await beat(agent, { body: { ...rest, cpu_percent } })).status, 202)
  })

  test('an older observation overwrites nothing, and a clock a day wrong is accepted and flagged', async () => {
    const agent = await join()
    await beat(agent, { body: bodyNow({ cpu_usage_percent: 50 }) })
    const nowMs = clock.nowMs()
    const late = await beat(agent, { body: heartbeatAt(nowMs - 10 * minuteMs, { cpu_usage_percent: 1 }) })
    assert.deepEqual(late.body.warnings, ['clock_skew'])
    const asset = await assetOf(agent)
    assert.equal(asset.latest?.cpu_usage_percent, 50)
    assert.equal(asset.last_seen_at, new Date(clock.nowMs()).toISOString())
    const wrong = await beat(agent, { body: heartbeatAt(clock.nowMs() + 24 * hourMs) })
    assert.deepEqual([wrong.status, wrong.body.warnings], [202, ['clock_skew']])
    assert.equal((await assetOf(agent)).liveness, 'online')
  })

  test('six heartbeats at once are one too many, and the wait is told', async () => {
    const agent = await join()
    for (let turn = 0; turn < 5; turn += 1) assert.equal((await agent.heartbeat({ body: bodyNow() })).status, 202)
    const heard = await agent.heartbeat({ body: bodyNow() })
    assert.deepEqual(codeOf(heard), [429, 'rate_limited'])
    assert.equal(heard.headers['retry-after'], '10')
  })

  test('offline is what the list says of a silent machine, and it blocks nothing', async () => {
    const agent = await join()
    await beat(agent)
    const { deviceId } = ground.server.rooms.identity.agents.byId(agent.identity.agent_id) ?? {}
    const ids = async (liveness: 'online' | 'offline') => {
      const { items } = await value(call(ground.server.owner, listDevices, { query: { liveness, limit: '200' } }))
      return items.map(({ id }) => id)
    }
    assert.ok((await ids('online')).includes(deviceId ?? ''))
    clock.advance(hourMs)
    assert.ok((await ids('offline')).includes(deviceId ?? ''))
    assert.equal((await assetOf(agent)).liveness, 'offline')
    assert.equal((await beat(agent)).status, 202)
    assert.ok((await ids('online')).includes(deviceId ?? ''))
  })

  test('operators see the load of a device, its history, and its collector', async () => {
    const agent = await join()
    for (let turn = 0; turn < 10; turn += 1) await beat(agent, { body: bodyNow({ cpu_usage_percent: turn * 10 }) })
    const { owner } = ground.server
    const id = ground.server.rooms.identity.agents.byId(agent.identity.agent_id)?.deviceId ?? ''
    const device = await value(call(owner, readDevice, { params: { id } }))
    assert.equal(device.heartbeat?.cpuPercent, 90)
    assert.equal(device.heartbeat?.disks[0]?.mount, '/')
    assert.deepEqual(device.planes, ['telemetry'])
    const minutes = await value(call(owner, deviceHeartbeats, { params: { id }, query: {} }))
    assert.deepEqual([minutes.resolution, minutes.items.length], ['minute', 10])
    const hours = await value(call(owner, deviceHeartbeats, { params: { id }, query: { resolution: 'hour' } }))
    assert.equal(
      hours.items.reduce((sum, { heartbeats }) => sum + heartbeats, 0),
      10,
    )
    const collectors = await value(call(owner, listCollectors, { query: { limit: '200' } }))
    assert.ok(collectors.items.some(({ collector_id }) => collector_id === agent.identity.collector_id))
    const auditor = ground.server.client(await ground.server.tokenOf('auditor'))
    const assets = await value(call(auditor, listAssets, { query: { limit: '200' } }))
    for (const { hostname, latest } of assets.items)
      assert.deepEqual([hostname, latest?.network_interfaces ?? null, latest?.extras ?? null], [null, null, null])
  })

  test('a store that takes no writes is 503, never a verdict about the agent', async () => {
    const agent = await join()
    await beat(agent)
    const { storage } = ground.server.rooms
    const table = 'telemetry_heartbeat'
    await storage.write((tx) => tx.schema.alterTable(table).renameTo('away').execute())
    const heard = await beat(agent)
    assert.deepEqual(codeOf(heard), [503, 'unavailable'])
    assert.ok(Number(heard.headers['retry-after']) >= 30)
    await storage.write((tx) => tx.schema.alterTable('away').renameTo(table).execute())
    assert.equal((await beat(agent)).status, 202)
  })

  test('every event that was told is what its schema says', async () => {
    const rows = await ground.server.rooms.storage.db.selectFrom('storage_outbox').selectAll().execute()
    const events = rows.filter((row) => Object.hasOwn(TELEMETRY_EVENTS, row['topic'] as string))
    assert.ok(events.length > 10)
    const ids = new Set<string>()
    for (const row of events) {
      const parsed = telemetryEnvelope(row['topic'] as TelemetryEventType).safeParse(JSON.parse(row['body'] as string))
      assert.ok(parsed.success, `${row['topic']}: ${parsed.error?.message}`)
      ids.add(parsed.data.event_id)
    }
    assert.equal(ids.size, events.length)
  })
})
