// The operator listener on a real socket: who may speak, what is checked, how replies look.
// The rules of rates and idempotency keys have tables of their own.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { createFakeClock, createLog, ok, refuse, Secret } from '@muster/kernel'
import { type Called, call, callLines, callText } from '../client/call.ts'
import { type Client, createClient } from '../client/client.ts'
import { type Served, serve } from '../serve.ts'
import { makeAuthority, makeLeaf, makeServerLeaf, openWire, requestBytes } from '../testing.ts'
import {
  Busy,
  changeThing,
  createReplyMemory,
  createThings,
  exportThings,
  greet,
  listThings,
  type Operator,
  operators,
  pushThing,
  readThing,
} from './api.fixture.ts'
import { type Api, type ApiSettings, createApi } from './api.ts'

const clock = createFakeClock()
const things = createThings()
const lines: string[] = []
const measured: string[] = []

const settings: ApiSettings<Operator> = {
  listen: { host: '127.0.0.1', port: 0 },
  served: things.served,
  identifyOperator: ({ authorization }) => {
    if (authorization === undefined) return refuse('credential_missing')
    if (authorization === 'Bearer busy') throw new Busy()
    const operator = operators[authorization]
    return operator === undefined ? refuse('credential_invalid') : ok(operator)
  },
  mayOperator: (operator, capability) => operator.capabilities.includes(capability),
  keyOf: (operator) => operator.name,
  pages: [
    { path: '/healthz', handle: () => ({ status: 200, type: 'text/plain', body: 'ok' }) },
    { path: '/metrics', loopbackOnly: true, handle: async () => ({ status: 200, type: 'text/plain', body: 'up 1' }) },
  ],
  replyMemory: createReplyMemory(),
  onMeasure: (path, status, code) => measured.push(`${path} ${status} ${code ?? 'ok'}`),
  log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
  clock,
  excuseOf: (fault) => (fault instanceof Busy ? 'store_busy' : undefined),
  checkReplies: true,
}

const clientOf = (api: Api, token?: string): Client =>
  createClient({ baseUrl: `http://127.0.0.1:${api.port}`, ...(token !== undefined && { token: new Secret(token) }) })

const codeOf = <T>(called: Called<T>): string => (called.ok ? 'ok' : called.refusal.code)

suite('operator api', () => {
  let api: Api
  let all: Client
  let reader: Client
  let nobody: Client
  before(async () => {
    api = await createApi(settings)
    all = clientOf(api, 'all')
    reader = clientOf(api, 'read')
    nobody = clientOf(api)
  })
  after(async () => {
    for (const client of [all, reader, nobody]) client.close()
    await api.close()
  })

  const raw = async (method: string, path: string, body?: string | Buffer, headers: Record<string, string> = {}) => {
    const wire = await openWire(api.port)
    wire.write(requestBytes(method, path, body, { authorization: 'Bearer all', ...headers }))
    const reply = await wire.reply()
    wire.socket.destroy()
    return reply
  }

  test('an operator is heard, by name', async () => {
    const called = await call(all, listThings, { query: { name: 'x' } })
    assert.deepEqual(called, { ok: true, value: { items: ['x'], by: 'ann' } })
  })
  test('without a token, and with an unknown one, a request is refused', async () => {
    assert.equal(codeOf(await call(nobody, listThings, {})), 'credential_missing')
    const stranger = clientOf(api, 'stranger')
    assert.equal(codeOf(await call(stranger, listThings, {})), 'credential_invalid')
    stranger.close()
  })
  test('a role that may read may not write', async () => {
    assert.equal(codeOf(await call(reader, listThings, {})), 'ok')
    assert.equal(
      codeOf(await call(reader, pushThing, { params: { id: 'a' }, body: { times: 1 } })),
      'role_insufficient',
    )
    assert.equal(codeOf(await callLines(reader, exportThings, { query: { count: '1' } })), 'role_insufficient')
  })
  test('routes for anyone need no token', async () => {
    assert.equal(codeOf(await call(nobody, greet, {})), 'ok')
  })

  test('a refusal of the handler keeps its code, status and detail', async () => {
    const called = await call(all, pushThing, { params: { id: 'a' }, body: { times: 0 } })
    assert.ok(!called.ok)
    assert.equal(called.refusal.code, 'state_conflict')
    assert.equal(called.refusal.status, 409)
    assert.match(called.refusal.detail ?? '', /Push at least once\.$/)
    assert.match(called.refusal.requestId, /^req_/)
  })
  test('a fault shows its request id outside and its causes in the log', async () => {
    const called = await call(all, listThings, { query: { name: 'fault' } })
    assert.ok(!called.ok)
    assert.equal(called.refusal.code, 'internal_error')
    assert.doesNotMatch(JSON.stringify(called), /handler broke|secret cause/)
    const line = lines.find((text) => text.includes(called.refusal.requestId)) ?? ''
    assert.match(line, /handler broke.*the secret cause/)
  })
  test('a fault that passes by waiting is a refusal, from a handler and from an identity', async () => {
    assert.equal(codeOf(await call(all, listThings, { query: { name: 'busy' } })), 'store_busy')
    const waiting = clientOf(api, 'busy')
    const called = await call(waiting, listThings, {})
    assert.equal(called.ok ? 0 : called.refusal.retryAfterSeconds, 2)
    waiting.close()
  })
  test('in checked mode a reply that breaks its contract is a fault', async () => {
    const called = await call(all, listThings, { query: { name: 'wrong' } })
    assert.equal(codeOf(called), 'internal_error')
    assert.ok(lines.some((line) => line.includes('breaks its contract')))
  })

  test('every wrong input is named', async () => {
    const reply = await raw('GET', '/api/test/v1/things?limit=x&foo=1')
    assert.equal(reply.status, 400)
    const { error } = JSON.parse(reply.body)
    assert.deepEqual(
      error.fields.map((field: { path: string }) => field.path),
      ['query.limit', 'query'],
    )
  })
  const malformed: readonly [string, string, string, (string | Buffer)?][] = [
    ['an unknown parameter where there is no query', 'GET', '/api/test/v1/hello?x=1'],
    ['a parameter given twice', 'GET', '/api/test/v1/things?limit=1&limit=2'],
    ['a path parameter that is too long', 'GET', `/api/test/v1/things/${'a'.repeat(21)}`],
    ['a body that is not JSON', 'POST', '/api/test/v1/things/a:push', '{'],
    ['no body', 'POST', '/api/test/v1/things/a:push', ''],
    ['a body of another shape', 'POST', '/api/test/v1/things/a:push', '{"times":1,"more":2}'],
    ['bytes that are not UTF-8', 'POST', '/api/test/v1/things/a:push', Buffer.from([0x22, 0xff, 0x22])],
  ]
  for (const [name, method, path, body] of malformed)
    test(`${name} is malformed`, async () => {
      const reply = await raw(method, path, body)
      assert.equal(reply.status, 400)
      assert.equal(JSON.parse(reply.body).error.code, 'request_malformed')
    })
  test('a body over the limit of its route is refused', async () => {
    const reply = await raw('POST', '/api/test/v1/things/a:push', JSON.stringify({ times: 1, pad: 'x'.repeat(1000) }))
    assert.equal(JSON.parse(reply.body).error.code, 'body_too_large')
  })
  test('a compressed body is refused', async () => {
    const reply = await raw('POST', '/api/test/v1/things/a:push', 'x', { 'content-encoding': 'gzip' })
    assert.equal(reply.status, 415)
  })

  test('what does not exist is a 404 in JSON', async () => {
    for (const path of [
      '/api/nope',
      '/',
      '/api/test/v1/things/%E0%A4%A',
      '/api/test/v1/things/a:nope',
      '/api/test/v1/things/a%3Apush',
    ]) {
      const reply = await raw('GET', path)
      assert.deepEqual([reply.status, JSON.parse(reply.body).error.code], [404, 'not_found'], path)
    }
    assert.equal(codeOf(await call(all, readThing, { params: { id: 'none' } })), 'not_found')
  })
  test('another method on a known path is a 405 that lists what is allowed', async () => {
    const reply = await raw('DELETE', '/api/test/v1/things/a')
    assert.equal(reply.status, 405)
    assert.equal(reply.headers['allow'], 'GET, PATCH')
  })
  test('a trailing slash is harmless', async () => {
    assert.equal((await raw('GET', '/api/test/v1/things/')).status, 200)
  })

  test('a version travels out as an entity tag and back as If-Match', async () => {
    const read = await raw('GET', '/api/test/v1/things/a')
    assert.equal(read.headers['etag'], '"3"')
    const change = { params: { id: 'a' }, body: { name: 'b' } }
    assert.equal(codeOf(await call(all, changeThing, change)), 'version_missing')
    assert.equal(codeOf(await call(all, changeThing, { ...change, ifMatch: 2 })), 'version_stale')
    assert.equal(codeOf(await call(all, changeThing, { ...change, ifMatch: 3 })), 'ok')
    assert.equal((await raw('PATCH', '/api/test/v1/things/a', '{"name":"b"}', { 'if-match': 'W/"3"' })).status, 200)
  })
  test('a repeated idempotency key gives the same reply and pushes once', async () => {
    const push = { params: { id: 'twice' }, body: { times: 1 }, idempotencyKey: 'k1' }
    const before = things.pushes()
    const replies = await Promise.all([call(all, pushThing, push), call(all, pushThing, push)])
    assert.deepEqual(replies[0], replies[1])
    assert.deepEqual(await call(all, pushThing, push), replies[0])
    assert.equal(things.pushes(), before + 1)
    const other = await call(all, pushThing, { ...push, body: { times: 2 } })
    assert.equal(codeOf(other), 'idempotency_conflict')
  })

  test('a stream arrives value by value, however long it is', async () => {
    const called = await callLines(all, exportThings, { query: { count: '20000' } })
    assert.ok(called.ok)
    let sum = 0
    for await (const { at } of called.value) sum += at
    assert.equal(sum, (20_000 * 19_999) / 2)
  })
  test('a stream is a table for who asks, with a head and with as many rows a value as it has', async () => {
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${api.port}${path}`, { headers: { authorization: 'Bearer all' } })
    const table = await ask('/api/test/v1/things:export?count=3&format=csv')
    assert.equal(table.headers.get('content-type'), 'text/csv; charset=utf-8; header=present')
    assert.equal(await table.text(), `"at","name"\r\n0,"'=0"\r\n2,"'=2"\r\n`)
    const lines = await ask('/api/test/v1/things:export?count=1&format=ndjson')
    assert.equal(lines.headers.get('content-type'), 'application/x-ndjson')
    assert.equal(await lines.text(), '{"at":0}\n')
    assert.equal((await ask('/api/test/v1/things:export?count=1&format=xml')).status, 400)
    const empty = await ask('/api/test/v1/things:export?count=0&format=csv')
    assert.equal(await empty.text(), '"at","name"\r\n')
    await assert.rejects((await ask('/api/test/v1/things:export?count=9&breakAt=5&format=csv')).text())
  })
  test('a stream that breaks is seen to be broken', async () => {
    const called = await callLines(all, exportThings, { query: { count: '20000', breakAt: '15000' } })
    assert.ok(called.ok)
    await assert.rejects(async () => {
      for await (const value of called.value) assert.ok(value.at < 15_000)
    }, /broke off in the middle/)
    assert.ok(lines.some((line) => line.includes('the source ran dry')))
  })
  test('an operator reads four streams at a time, and the fifth when one is over', async () => {
    const wires = await Promise.all([1, 2, 3, 4].map(() => openWire(api.port)))
    const path = '/api/test/v1/things:export?count=10000000'
    for (const wire of wires) {
      wire.write(requestBytes('GET', path, '', { authorization: 'Bearer all' }))
      await new Promise((resolve) => wire.socket.once('data', resolve))
      wire.socket.pause()
    }
    assert.equal(codeOf(await callLines(all, exportThings, { query: { count: '1' } })), 'rate_limited')
    for (const wire of wires) wire.socket.destroy()
    let freed = false
    for (let attempts = 0; attempts < 100 && !freed; attempts += 1) {
      freed = (await callLines(all, exportThings, { query: { count: '1' } })).ok
    }
    assert.ok(freed)
  })

  test('every reply carries its request id and headers that keep browsers careful', async () => {
    for (const path of ['/api/test/v1/things', '/api/nope', '/healthz', '/api/test/v1/things/%E0%A4%A']) {
      const { headers } = await raw('GET', path)
      assert.equal(headers['x-content-type-options'], 'nosniff', path)
      assert.equal(headers['cache-control'], 'no-store', path)
      assert.equal(headers['set-cookie'], undefined, path)
    }
    assert.match((await raw('GET', '/api/test/v1/things')).headers['x-request-id'] ?? '', /^req_/)
  })
  test('pages answer beside the routes', async () => {
    assert.deepEqual(await callText(nobody, { method: 'GET', path: '/healthz' }), { status: 200, text: 'ok' })
    assert.deepEqual(await callText(nobody, { method: 'GET', path: '/metrics' }), { status: 200, text: 'up 1' })
  })
  test('answers are measured under the path of their route, never under what was sent', async () => {
    measured.length = 0
    await raw('GET', '/api/test/v1/things/secret-id')
    await raw('GET', '/secret')
    assert.deepEqual(measured, ['/api/test/v1/things/{id} 200 ok', 'unmatched 404 not_found'])
  })
})

suite('an api of its own', () => {
  const opened = async (more: Partial<ApiSettings<Operator>>): Promise<Api> => createApi({ ...settings, ...more })

  test('an operator who asks too often is told to wait', async () => {
    const api = await opened({ ratePerMinute: 2 })
    const client = clientOf(api, 'all')
    const codes = [1, 2, 3].map(async () => call(client, listThings, {}))
    const called = await Promise.all(codes)
    assert.deepEqual(called.map(codeOf).toSorted(), ['ok', 'ok', 'rate_limited'])
    const declined = called.find((one) => !one.ok)
    assert.equal(declined?.ok === false && declined.refusal.retryAfterSeconds, 1)
    client.close()
    await api.close()
  })
  test('over TLS a device certificate without a token is refused and reported', async () => {
    const [authority, deviceAuthority] = await Promise.all([makeAuthority(), makeAuthority('devices')])
    const [server, device] = await Promise.all([
      makeServerLeaf(authority),
      makeLeaf(deviceAuthority, { name: 'dev_1' }),
    ])
    const knocks: string[] = []
    const api = await opened({
      tls: { cert: server.certPem, key: server.keyPem, deviceAuthorities: [deviceAuthority.certPem] },
      onDeviceCredential: ({ fingerprint256Hex }) => knocks.push(fingerprint256Hex),
    })
    const tls = { baseUrl: `https://localhost:${api.port}`, ca: authority.certPem }
    const asDevice = createClient({ ...tls, cert: device.certPem, key: new Secret(device.keyPem) })
    const asOperator = createClient({ ...tls, token: new Secret('all') })
    assert.equal(codeOf(await call(asDevice, listThings, {})), 'device_credential_refused')
    assert.deepEqual(knocks, [device.fingerprint256Hex])
    assert.equal(codeOf(await call(asOperator, listThings, {})), 'ok')
    for (const client of [asDevice, asOperator]) client.close()
    await api.close()
  })
  test('new trust is taken for new connections, without a pause', async () => {
    const [first, second] = await Promise.all([makeAuthority('first'), makeAuthority('second')])
    const [before, after] = await Promise.all([makeServerLeaf(first), makeServerLeaf(second)])
    const api = await opened({ tls: { cert: before.certPem, key: before.keyPem } })
    api.setTrust({ cert: after.certPem, key: after.keyPem })
    const client = createClient({ baseUrl: `https://localhost:${api.port}`, ca: second.certPem })
    assert.equal(codeOf(await call(client, greet, {})), 'ok')
    client.close()
    await api.close()
  })
  test('closing lets a request under way finish and refuses the next', async () => {
    const release = Promise.withResolvers<void>()
    const entered = Promise.withResolvers<void>()
    const slow = serve(greet, async () => {
      entered.resolve()
      await release.promise
      return ok({ hello: 'late' })
    }) as Served<Operator>
    const api = await opened({ served: [slow] })
    const wire = await openWire(api.port)
    wire.write(requestBytes('GET', greet.path))
    await entered.promise
    assert.equal(api.openConnections(), 1)
    const closed = api.close()
    release.resolve()
    assert.equal((await wire.reply()).status, 200)
    await wire.closed
    await closed
    assert.equal(api.openConnections(), 0)
  })
  test('two servers cannot have one port, and the fault says which', async () => {
    const api = await opened({})
    await assert.rejects(
      opened({ listen: { host: '127.0.0.1', port: api.port } }),
      new RegExp(`listen on 127\\.0\\.0\\.1:${api.port}`),
    )
    await api.close()
  })
})
