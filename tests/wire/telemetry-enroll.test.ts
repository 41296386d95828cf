// Coming in over the telemetry wire, line by line of the acceptance list (telemetry 24: tokens, exchange, states, platform):
// what machines without an identity are told, what operators may do, and what nobody learns.
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import {
  approveAgent,
  type BodyOf,
  changeSettings,
  createAgentEnrollmentToken,
  createEnrollmentToken,
  denyAgent,
  exportAudit,
  listAgentEnrollmentTokens,
  listAgents,
  listAudit,
  reactivateAgent,
  readAgent,
  readSettings,
  revokeAgent,
  revokeAgentEnrollmentToken,
} from '@muster/contract'
import { heartbeatAt } from '@muster/contract/testing'
import { call, callLines } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { type TestServer, value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { certificateRequest, type Heard, post } from './agent-client.ts'
import { type Ground, openGround } from './ground.ts'

const exchangePath = '/api/v1/agent-enrollment/exchange'
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const codeOf = ({ status, body }: Heard): readonly [number, string] => [status, body?.error?.code ?? body?.status]
const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const newNonce = (): string => randomBytes(32).toString('base64url')

const exchangeBody = (token: string, key = newKey(), more: Readonly<Record<string, unknown>> = {}) => ({
  enrollment_token: token,
  csr_pem: certificateRequest(key),
  nonce: newNonce(),
  hostname: 'build-07',
  os_family: 'linux',
  os_version: 'Ubuntu 24.04.2 LTS',
  architecture: 'amd64',
  agent_version: '0.1.0',
  capabilities: ['token_renewal'],
  ...more,
})

eachEngine((engine) => {
  let ground: Ground
  const clock = createFakeClock(Date.UTC(2026, 5, 2, 12))
  before(async () => {
    ground = await openGround({ engine, clock })
  })
  after(() => ground.close())

  const owner = () => ground.server.owner
  /** One attempt, a minute after the last: addresses may try ten times in one. */
  const attempt = (body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Heard> => {
    clock.advance(minuteMs)
    return post(ground, exchangePath, body, headers)
  }
  const newToken = async (body: BodyOf<typeof createAgentEnrollmentToken> = {}) =>
    value(call(owner(), createAgentEnrollmentToken, { body }))
  const tokenText = async (body = {}): Promise<string> => (await newToken(body)).enrollment_token
  const clientOf = async (role: Parameters<TestServer['tokenOf']>[0]) =>
    ground.server.client(await ground.server.tokenOf(role))
  const statusOf = async (asked: Promise<{ ok: boolean; refusal?: { status: number } }>): Promise<number> => {
    const answered = await asked
    return answered.ok ? 200 : (answered.refusal?.status ?? 0)
  }
  const beat = (identity: Heard['body'], more = {}) =>
    post(ground, `/api/v1/agents/${identity.agent_id}/telemetry/heartbeat`, heartbeatAt(clock.nowMs(), more), {
      authorization: `Bearer ${identity.service_account_token}`,
    })

  test('a raw token is in one answer and nowhere else, nor is its hash', async () => {
    const made = await newToken({ label: 'paris-laptops' })
    assert.match(made.enrollment_token, /^met_[\w-]{43}$/)
    const hash = createHash('sha256').update(made.enrollment_token).digest('hex')
    const revoked = await value(
      call(owner(), revokeAgentEnrollmentToken, {
        params: { enrollment_token_id: made.enrollment_token_id },
        body: { reason: 'lost' },
      }),
    )
    const again = await value(
      call(owner(), revokeAgentEnrollmentToken, {
        params: { enrollment_token_id: made.enrollment_token_id },
        body: undefined,
      }),
    )
    assert.deepEqual([again.status, again.revoked_at], ['revoked', revoked.revoked_at])
    await attempt(exchangeBody(made.enrollment_token))
    const listed = await value(call(owner(), listAgentEnrollmentTokens, { query: {} }))
    const entries = []
    for await (const entry of await value(callLines(owner(), exportAudit, { query: {} }))) entries.push(entry)
    const outbox = await ground.server.rooms.storage.db.selectFrom('storage_outbox').selectAll().execute()
    const text = JSON.stringify([revoked, again, listed, entries, outbox])
    assert.ok(text.includes(made.enrollment_token_id))
    for (const secret of [made.enrollment_token, made.enrollment_token.slice(0, 12), hash])
      assert.ok(!text.includes(secret))
  })

  test('owners and admins make and revoke tokens, analysts read them, auditors and viewers do not', async () => {
    const params = { enrollment_token_id: (await newToken()).enrollment_token_id }
    const tries = {
      admin: [200, 200, 200],
      analyst: [200, 403, 403],
      auditor: [403, 403, 403],
      viewer: [403, 403, 403],
    }
    for (const [role, wanted] of Object.entries(tries)) {
      const client = await clientOf(role as 'admin')
      const statuses = [
        await statusOf(call(client, listAgentEnrollmentTokens, { query: {} })),
        await statusOf(call(client, createAgentEnrollmentToken, { body: {} })),
        await statusOf(call(client, revokeAgentEnrollmentToken, { params, body: undefined })),
      ]
      assert.deepEqual(statuses, wanted, role)
    }
  })

  test('a life and an end at once, an odd end and a site that is not there are refused by name', async () => {
    const odd = [
      { expires_at: new Date(clock.nowMs() + dayMs).toISOString(), expires_in_seconds: 600 },
      { expires_at: new Date(clock.nowMs() + 1000).toISOString() },
      { site_id: 'site_elsewhere' },
    ]
    for (const body of odd) {
      const made = await call(owner(), createAgentEnrollmentToken, { body })
      assert.ok(!made.ok)
      assert.deepEqual([made.refusal.status, made.refusal.code], [422, 'request_invalid'])
      assert.deepEqual(
        made.refusal.fields?.map(({ path }) => path),
        [Object.keys(body)[0]],
      )
    }
  })

  test('expired, revoked, exhausted and unknown tokens are told apart by the audit history alone', async () => {
    const revoked = await newToken()
    await value(
      call(owner(), revokeAgentEnrollmentToken, {
        params: { enrollment_token_id: revoked.enrollment_token_id },
        body: undefined,
      }),
    )
    const exhausted = await tokenText()
    assert.equal((await attempt(exchangeBody(exhausted))).status, 201)
    const expired = await tokenText({ expires_in_seconds: 300 })
    clock.advance(6 * minuteMs)
    const told = []
    for (const token of [`met_${'x'.repeat(43)}`, revoked.enrollment_token, exhausted, expired]) {
      const { status, body, headers } = await attempt(exchangeBody(token))
      assert.equal(body.error.request_id, headers['x-request-id'])
      const { date: _date, 'x-request-id': _id, 'content-length': _length, ...rest } = headers
      told.push(JSON.stringify([status, { ...body.error, request_id: '' }, rest]))
    }
    assert.equal(new Set(told).size, 1)
    assert.ok(told[0]?.startsWith('[401,{"code":"enrollment_rejected"'))
    const entries = await value(call(owner(), listAudit, { query: { action: 'enrollment_token.refused', limit: '4' } }))
    assert.deepEqual(
      entries.items.map(({ details }) => details['reason']),
      ['token_expired', 'token_exhausted', 'token_revoked', 'token_unknown'],
    )
  })

  test('a token for one, used by two machines at the same instant, enrols exactly one', async () => {
    const token = await tokenText()
    clock.advance(minuteMs)
    const heard = await Promise.all([1, 2].map(() => post(ground, exchangePath, exchangeBody(token))))
    assert.deepEqual(
      heard.map(({ status }) => status).toSorted((left, right) => left - right),
      [201, 401],
    )
  })

  test('the happy path: an identity, a certificate for the key that asked, and nothing that stays in a cache', async () => {
    const key = newKey()
    const { status, body, headers } = await attempt(exchangeBody(await tokenText(), key), {
      'x-request-id': 'mine_12345',
    })
    assert.equal(status, 201)
    assert.deepEqual([headers['cache-control'], headers['x-request-id']], ['no-store', 'mine_12345'])
    assert.equal(headers['set-cookie'], undefined)
    const leaf = new X509Certificate(body.certificate_pem)
    assert.ok(leaf.publicKey.equals(key.publicKey))
    assert.ok(leaf.verify(new X509Certificate(body.certificate_chain_pem).publicKey))
    assert.equal(leaf.fingerprint256.replaceAll(':', '').toLowerCase(), body.certificate_fingerprint_sha256)
    const agent = await value(call(owner(), readAgent, { params: { agent_id: body.agent_id } }))
    assert.deepEqual(
      [agent.status, agent.liveness, agent.asset_id, agent.certificate?.serial_number],
      ['enrolled', 'never', body.asset_id, body.certificate_serial_number],
    )
    assert.ok(!/BEGIN|sha256:/.test(JSON.stringify(agent)))
  })

  test('what is wrong with a request is told by its code', async () => {
    const token = await tokenText({ max_uses: 3 })
    const body = exchangeBody(token)
    const { enrollment_token: _missing, ...without } = body
    const wrong: readonly (readonly [unknown, number, string])[] = [
      ['{', 400, 'malformed_request'],
      [without, 422, 'request_invalid'],
      [{ ...body, nonce: 'short' }, 422, 'nonce_invalid'],
      [{ ...body, csr_pem: body.csr_pem.replace('REQUEST', 'PLEASE'), nonce: newNonce() }, 422, 'csr_invalid'],
      [{ ...body, csr_pem: body.csr_pem + body.csr_pem, nonce: newNonce() }, 422, 'csr_invalid'],
      [{ ...body, csr_pem: `${body.csr_pem}${' '.repeat(20_000)}`, nonce: newNonce() }, 422, 'csr_invalid'],
      [{ ...body, agent_class: 'server', nonce: newNonce() }, 403, 'agent_class_not_allowed'],
      [{ ...body, hardware_fingerprint: 'sha256:0', nonce: newNonce() }, 422, 'fingerprint_invalid'],
      [{ ...body, hostname: 'x'.repeat(66_000), nonce: newNonce() }, 413, 'request_too_large'],
    ]
    for (const [said, status, code] of wrong) assert.deepEqual(codeOf(await attempt(said)), [status, code])
    assert.deepEqual(codeOf(await attempt(body, { 'content-type': 'text/plain' })), [415, 'unsupported_media_type'])
    assert.deepEqual(codeOf(await attempt(body)), [201, 'enrolled'])
    assert.deepEqual(codeOf(await attempt(body)), [409, 'nonce_replayed'])
  })

  test('a lost answer: the same key and another nonce within ten minutes is the same agent and no further use', async () => {
    const made = await newToken()
    const key = newKey()
    const first = await attempt(exchangeBody(made.enrollment_token, key))
    const second = await attempt(exchangeBody(made.enrollment_token, key))
    assert.deepEqual([first.status, second.status], [201, 200])
    assert.equal(second.body.agent_id, first.body.agent_id)
    const listed = await value(call(owner(), listAgentEnrollmentTokens, { query: {} }))
    const token = listed.items.find((one) => one.enrollment_token_id === made.enrollment_token_id)
    assert.equal(token?.use_count, 1)
  })

  test('naming another tenant changes nothing, and is on record', async () => {
    const { body } = await attempt(
      exchangeBody(await tokenText(), newKey(), { tenant_id: 'other', agent_id: 'agt_mine' }),
    )
    assert.equal(body.tenant_id, 'default')
    assert.notEqual(body.agent_id, 'agt_mine')
    const entries = await value(call(owner(), listAudit, { query: { targetId: body.agent_id } }))
    assert.ok(entries.items.some(({ details }) => details['override_attempted'] === true))
  })

  test('one key on both wires is one device, let in by one use', async () => {
    const { token } = await value(call(owner(), createEnrollmentToken, { body: { label: 'both' } }))
    const { body } = await attempt(exchangeBody(token))
    const agent = await value(call(owner(), readAgent, { params: { agent_id: body.agent_id } }))
    assert.equal(agent.enrollment_token_id?.startsWith('ent_'), true)
    assert.equal(agent.device_id?.startsWith('dev_'), true)
  })

  test('where somebody has to say yes: 202 without credentials, then 201 for the same key, or 401 for good', async () => {
    const settings = await value(call(owner(), readSettings, {}))
    const { liveness, agents, version } = settings
    const change = (approvalRequired: boolean, at: number) =>
      value(call(owner(), changeSettings, { body: { liveness, agents: { ...agents, approvalRequired } }, ifMatch: at }))
    await change(true, version)
    const [key, other] = [newKey(), newKey()]
    const token = await tokenText({ max_uses: 2 })
    const waiting = await attempt(exchangeBody(token, key))
    const turned = await attempt(exchangeBody(token, other))
    assert.deepEqual(
      [waiting.status, Object.keys(waiting.body).toSorted()],
      [202, ['agent_id', 'poll_after_seconds', 'status']],
    )
    const pending = await value(call(owner(), listAgents, { query: { status: 'pending' } }))
    assert.deepEqual(
      new Set(pending.items.map(({ agent_id }) => agent_id)),
      new Set([waiting.body.agent_id, turned.body.agent_id]),
    )
    const analyst = await clientOf('analyst')
    const params = { agent_id: waiting.body.agent_id }
    assert.equal(await statusOf(call(analyst, approveAgent, { params, body: undefined })), 403)
    await value(call(owner(), approveAgent, { params, body: { comment: 'known' } }))
    await value(call(owner(), denyAgent, { params: { agent_id: turned.body.agent_id }, body: undefined }))
    const completed = await attempt(exchangeBody(token, key))
    assert.deepEqual([completed.status, completed.body.agent_id], [201, waiting.body.agent_id])
    assert.deepEqual(codeOf(await attempt(exchangeBody(token, other))), [401, 'enrollment_rejected'])
    await change(false, version + 1)
  })

  test('revoking is idempotent, counts at the next heartbeat, and is terminal', async () => {
    const key = newKey()
    const token = await tokenText({ max_uses: 3 })
    const { body: identity } = await attempt(exchangeBody(token, key))
    assert.equal((await beat(identity)).status, 202)
    const params = { agent_id: identity.agent_id }
    for (const _ of [1, 2]) {
      const revoked = await value(call(owner(), revokeAgent, { params, body: { reason: 'lost_device' } }))
      assert.equal(revoked.status, 'revoked')
    }
    clock.advance(minuteMs)
    assert.deepEqual(codeOf(await beat(identity)), [403, 'identity_revoked'])
    assert.deepEqual(codeOf(await attempt(exchangeBody(token, key))), [401, 'enrollment_rejected'])
    assert.equal(await statusOf(call(owner(), reactivateAgent, { params, body: undefined })), 409)
    assert.equal(
      await statusOf(call(await clientOf('auditor'), revokeAgent, { params, body: { reason: 'other' } })),
      403,
    )
  })

  test('another tenant neither sees nor moves an agent', async () => {
    const { body } = await attempt(exchangeBody(await tokenText()))
    const foreign = ground.server.client(await ground.server.tokenOf('owner', 'elsewhere'))
    const params = { agent_id: body.agent_id }
    assert.equal(await statusOf(call(foreign, readAgent, { params })), 404)
    assert.equal(await statusOf(call(foreign, revokeAgent, { params, body: { reason: 'other' } })), 404)
    assert.deepEqual((await value(call(foreign, listAgents, { query: {} }))).items, [])
  })

  test('a service account opens no other route, and an operator is no service account', async () => {
    const { body: identity } = await attempt(exchangeBody(await tokenText()))
    const agent = ground.server.client(identity.service_account_token)
    assert.notEqual(await statusOf(call(agent, listAgents, { query: {} })), 200)
    const operator = await ground.server.tokenOf('owner')
    assert.deepEqual(codeOf(await beat({ ...identity, service_account_token: operator })), [403, 'not_service_account'])
  })

  test('a certificate is rotated with the bearer, and what is wrong with the request is told by its code', async () => {
    const key = newKey()
    const { body: identity } = await attempt(exchangeBody(await tokenText(), key))
    const rotate = (body: object) =>
      post(ground, `/api/v1/agents/${identity.agent_id}/certificate/rotate`, body, {
        authorization: `Bearer ${identity.service_account_token}`,
      })
    const rotated = await rotate({ csr_pem: certificateRequest(key), nonce: newNonce() })
    assert.equal(rotated.status, 200)
    assert.notEqual(rotated.body.certificate_serial_number, identity.certificate_serial_number)
    assert.deepEqual(codeOf(await rotate({ csr_pem: 'x', nonce: newNonce() })), [422, 'csr_invalid'])
    assert.deepEqual(codeOf(await rotate({ csr_pem: certificateRequest(key) })), [422, 'request_invalid'])
  })

  test('an address has twenty attempts at once, and is asked to wait after that', async () => {
    clock.advance(60 * minuteMs)
    const statuses = new Set<number>()
    for (let count = 0; count < 20; count += 1)
      statuses.add((await post(ground, exchangePath, exchangeBody('x'))).status)
    assert.deepEqual([...statuses], [401])
    const limited = await post(ground, exchangePath, exchangeBody('x'))
    assert.deepEqual(codeOf(limited), [429, 'rate_limited'])
    assert.equal(limited.headers['retry-after'], '10')
  })
})

test('a database that is away is our fault: 503 unavailable with a wait, never a verdict', async () => {
  const ground = await openGround()
  const { token } = await value(call(ground.server.owner, createEnrollmentToken, { body: { label: 'x', maxUses: 2 } }))
  const { body: identity } = await post(ground, exchangePath, exchangeBody(token))
  await ground.server.rooms.storage.close()
  const wait = (heard: Heard): boolean => Number(heard.headers['retry-after']) >= 30
  const refused = await post(ground, exchangePath, exchangeBody(token))
  assert.deepEqual(codeOf(refused), [503, 'unavailable'])
  assert.ok(wait(refused))
  const headers = { authorization: `Bearer ${identity.service_account_token}` }
  const path = `/api/v1/agents/${identity.agent_id}/telemetry/heartbeat`
  const unheard = await post(ground, path, heartbeatAt(Date.now()), headers)
  assert.deepEqual(codeOf(unheard), [503, 'unavailable'])
  await ground.close().catch(() => undefined)
})
