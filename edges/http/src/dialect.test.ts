// The telemetry wire's own ways on both listeners: how refusals are spelled, request ids, media types, other statuses.
// Routes are the contract's; their handlers here know nothing of agents.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { exchange, heartbeat, listAgents, revokeAgent } from '@muster/contract'
import { ok, refuse } from '@muster/kernel'
import { type Api, createApi } from './api/api.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import { repliedAs, type Served, serve, serveBytes } from './serve.ts'

class Away extends Error {}

const pending = { status: 'pending', agent_id: 'agt_1', poll_after_seconds: 60 } as const
const served = [
  serve(exchange, ({ body }) => {
    if (body.nonce === 'away') throw new Away()
    if (body.nonce === 'broken') throw new Error('a defect', { cause: new Error('the secret cause') })
    if (body.nonce === 'odd') return ok(repliedAs(204, pending))
    return body.nonce === 'refused' ? refuse('enrollment_refused') : ok(repliedAs(202, pending))
  }),
  serveBytes(heartbeat, ({ speaker, idempotencyKey }: { speaker: string; idempotencyKey?: string }) =>
    refuse('heartbeat_invalid', undefined, [
      { path: `body.${speaker}`, code: 'x', message: 'y' },
      { path: idempotencyKey ?? 'none', code: 'x', message: 'y' },
    ]),
  ),
] as readonly Served[]

const body = {
  enrollment_token: 'met_x',
  csr_pem: 'x',
  nonce: 'x',
  hostname: 'h',
  os_family: 'linux',
  agent_version: '1.0.0',
}
const json = { 'content-type': 'application/json' }
let gateway: Gateway
let api: Api

before(async () => {
  gateway = await createGateway({
    listen: { host: '127.0.0.1', port: 0 },
    tls: 'plain',
    served,
    identifyDevice: () => refuse('certificate_missing'),
    identifyAgent: ({ agentId }) => (agentId === 'agt_1' ? ok(agentId) : refuse('unknown_agent')),
    excuseOf: (fault) => (fault instanceof Away ? 'store_busy' : undefined),
    checkReplies: true,
  })
  api = await createApi<string>({
    listen: { host: '127.0.0.1', port: 0 },
    served: [serve(listAgents, () => refuse('rate_limited')), serve(revokeAgent, () => refuse('not_found'))] as never,
    identifyOperator: ({ authorization }) =>
      authorization === undefined ? refuse('credential_missing') : ok(authorization),
    mayOperator: () => true,
    keyOf: (operator) => operator,
  })
})
after(async () => {
  await gateway.close()
  await api.close()
})

const ask = (path: string, init: RequestInit) => fetch(`http://127.0.0.1:${gateway.port}${path}`, init)
const exchanged = (said: object, headers: Record<string, string> = json) =>
  ask(exchange.path, { method: 'POST', headers, body: JSON.stringify(said) })
const errorOf = async (reply: Response): Promise<Record<string, unknown>> =>
  ((await reply.json()) as { error: Record<string, unknown> }).error

test('a handler may choose another good status of its route, and no other', async () => {
  const reply = await exchanged(body)
  assert.equal(reply.status, 202)
  assert.deepEqual(await reply.json(), pending)
  assert.equal(reply.headers.get('cache-control'), 'no-store')
  assert.equal(reply.headers.get('set-cookie'), null)
  assert.equal((await exchanged({ ...body, nonce: 'odd' })).status, 503)
})

test('a refusal is spelled in the words of the wire, under a request id that the caller may choose', async () => {
  const reply = await exchanged({ ...body, nonce: 'refused' }, { ...json, 'x-request-id': 'mine_12345' })
  assert.equal(reply.status, 401)
  assert.equal(reply.headers.get('x-request-id'), 'mine_12345')
  const { code, message, request_id, ...rest } = await errorOf(reply)
  assert.deepEqual([code, request_id, rest], ['enrollment_rejected', 'mine_12345', {}])
  assert.equal(typeof message, 'string')
  const other = await exchanged({ ...body, nonce: 'refused' }, { ...json, 'x-request-id': 'no spaces' })
  assert.match(other.headers.get('x-request-id') ?? '', /^req_/)
})

test('what is wrong with a body is named and never quoted', async () => {
  const reply = await exchanged({ ...body, hostname: 7, agent_version: 'secret-looking' })
  assert.equal(reply.status, 422)
  const error = await errorOf(reply)
  assert.deepEqual([error['code'], error['fields']], ['request_invalid', ['hostname', 'agent_version']])
  assert.ok(!JSON.stringify(error).includes('secret-looking'))
})

test('a database that is away and a defect look the same: 503, and a wait spread over a minute and a half', async () => {
  for (const nonce of ['away', 'broken']) {
    const reply = await exchanged({ ...body, nonce })
    const wait = Number(reply.headers.get('retry-after'))
    assert.equal(reply.status, 503)
    assert.ok(wait >= 30 && wait <= 120)
    const error = await errorOf(reply)
    assert.equal(error['code'], 'unavailable')
    assert.ok(!JSON.stringify(error).includes('secret'))
  }
})

test('form comes before identity: length, media type, then who speaks, then the rest', async () => {
  const path = heartbeat.path.replace('{agent_id}', 'agt_2')
  const statusOf = async (init: RequestInit, at = path) => (await ask(at, { method: 'POST', ...init })).status
  assert.equal(await statusOf({ headers: json, body: 'x'.repeat(262_145) }), 413)
  assert.equal(await statusOf({ headers: { 'content-type': 'text/plain' }, body: '{}' }), 415)
  assert.equal(await statusOf({ headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' }), 415)
  assert.equal(await statusOf({ headers: json, body: '{}' }), 401)
  assert.equal(await statusOf({ headers: json, body: '{}' }, `${path.replace('agt_2', 'agt_1')}?a=b`), 400)
  assert.equal((await exchanged([])).status, 422)
  assert.equal((await ask(exchange.path, { method: 'POST', headers: json, body: '{' })).status, 400)
})

test('an agent may name its heartbeat by a header', async () => {
  const path = heartbeat.path.replace('{agent_id}', 'agt_1')
  const reply = await ask(path, { method: 'POST', headers: { ...json, 'idempotency-key': 'beat-1' }, body: '{}' })
  const { code, fields } = await errorOf(reply)
  assert.deepEqual([reply.status, code, fields], [422, 'invalid_heartbeat', ['agt_1', 'beat-1']])
})

test('operators of this wire are answered in its words, too', async () => {
  const asked = (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${api.port}${path}`, init)
  const missing = await asked(listAgents.path)
  assert.deepEqual([missing.status, (await errorOf(missing))['code']], [401, 'missing_credential'])
  const limited = await asked(listAgents.path, { headers: { authorization: 'Bearer x', 'x-request-id': 'mine_12345' } })
  assert.deepEqual([limited.status, (await errorOf(limited))['request_id']], [429, 'mine_12345'])
  const revoked = asked(revokeAgent.path.replace('{agent_id}', 'agt_1'), {
    method: 'POST',
    headers: { authorization: 'Bearer x', 'content-type': 'text/plain' },
    body: '{"reason":"other"}',
  })
  assert.equal((await revoked).status, 415)
})
