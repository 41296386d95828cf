// The device listener on real TLS: routes, speakers, bodies, replies and what is told of faults.
// Trust in certificates is trust.test.ts; senders who misbehave are rough.test.ts.
import assert from 'node:assert/strict'
import { hash, randomBytes } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { createLog } from '@muster/kernel'
import { openWire, requestBytes, type WireReply } from '../testing.ts'
import {
  beat,
  connect,
  createStage,
  deliver,
  glance,
  join,
  loads,
  makePapers,
  openGateway,
  type Papers,
  said,
} from './gateway.fixture.ts'
import type { Gateway } from './gateway.ts'

const errorOf = (reply: WireReply): { code: string; message: string; requestId: string; fields?: { path: string }[] } =>
  JSON.parse(reply.body).error

suite('gateway', () => {
  const lines: string[] = []
  const measured: string[] = []
  let papers: Papers
  let gateway: Gateway
  before(async () => {
    papers = await makePapers()
    gateway = await openGateway(papers, createStage(), {
      log: createLog({ level: 'info', destination: { write: (line) => void lines.push(line) } }),
      onMeasure: (path, status, code) => measured.push(`${path} ${status} ${code ?? 'ok'}`),
    })
  })
  after(() => gateway.close())

  /** One request on a connection of its own. */
  const once = async (
    path: string,
    body: string | Uint8Array,
    more: { method?: string; anonymous?: boolean; headers?: Record<string, string> } = {},
  ): Promise<WireReply> => {
    const wire = await connect(gateway, papers, more.anonymous ? undefined : papers.device)
    const reply = await said(wire, requestBytes(more.method ?? 'POST', path, body, more.headers))
    wire.socket.destroy()
    return reply
  }

  test('a known device is heard on a connection that stays open', async () => {
    const wire = await connect(gateway, papers, papers.device)
    for (const load of [1, 2, loads.async]) {
      const reply = await said(wire, requestBytes('POST', beat.path, JSON.stringify({ load })))
      assert.equal(reply.status, 200)
      assert.deepEqual(JSON.parse(reply.body), { by: papers.device.fingerprint256Hex.slice(0, 8), load })
      assert.equal(reply.headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(reply.headers['set-cookie'], undefined)
      assert.notEqual(reply.headers['connection'], 'close')
    }
    wire.socket.destroy()
  })
  test('several requests sent at once are answered in their order', async () => {
    const wire = await connect(gateway, papers, papers.device)
    const sent = [loads.async, 1, 2, loads.async, 3]
    wire.write(Buffer.concat(sent.map((load) => requestBytes('POST', beat.path, JSON.stringify({ load })))))
    for (const load of sent) assert.equal(JSON.parse((await wire.reply()).body).load, load)
    wire.socket.destroy()
  })
  test('without a certificate a request is refused and its connection closed', async () => {
    const wire = await connect(gateway, papers)
    const reply = await said(wire, requestBytes('POST', beat.path, '{"load":1}'))
    assert.equal(reply.status, 401)
    assert.equal(errorOf(reply).code, 'certificate_missing')
    assert.equal(reply.headers['connection'], 'close')
    await wire.closed
  })
  test('an operator token opens nothing', async () => {
    const reply = await once(beat.path, '{"load":1}', { anonymous: true, headers: { authorization: 'Bearer mot_x' } })
    assert.equal(reply.status, 401)
  })
  test('enrolment needs no certificate, and its connection is closed so that the next brings one', async () => {
    const wire = await connect(gateway, papers)
    const reply = await said(wire, requestBytes('POST', join.path, '{"name":"new","odd":1}'))
    assert.deepEqual(JSON.parse(reply.body), { welcome: 'new' })
    assert.equal(reply.headers['connection'], 'close')
    await wire.closed
  })

  const paths: readonly [string, string, number][] = [
    ['the path itself', beat.path, 200],
    ['a trailing slash', `${beat.path}/`, 200],
    ['a path prefix', `/base/of/all${beat.path}`, 200],
    ['a prefix that ended in a slash', `/${beat.path}`, 200],
    ['a query string of the endpoint', `${beat.path}?site=1`, 200],
    ['prefix, slash and query together', `/base${beat.path}/?site=1`, 200],
    ['an absolute target', `https://other.example${beat.path}`, 200],
    ['something after the path', `${beat.path}/more`, 404],
    ['part of the path', beat.path.slice(0, -1), 404],
    ['nothing', '/', 404],
  ]
  for (const [name, path, status] of paths)
    test(`${name} is answered with ${status}`, async () => {
      assert.equal((await once(path, '{"load":1}')).status, status)
    })
  test('a configured prefix must be there', async () => {
    const fixed = await openGateway(papers, createStage(), { pathPrefix: '/base' })
    for (const [path, status] of [
      [`/base${beat.path}/`, 200],
      [beat.path, 404],
      [`/other${beat.path}`, 404],
      [`/base/api/test/v1/parts/p/state`, 405],
    ] as const) {
      const wire = await connect(fixed, papers, papers.device)
      assert.equal((await said(wire, requestBytes('POST', path, '{"load":1}'))).status, status, path)
      wire.socket.destroy()
    }
    await fixed.close()
  })
  test('another method is a 405 that names the right one', async () => {
    const reply = await once(beat.path, '', { method: 'GET' })
    assert.equal(reply.status, 405)
    assert.equal(reply.headers['allow'], 'POST')
  })
  test('path parameters and queries are decoded and checked', async () => {
    const part = await once('/p/api/test/v1/parts/a%20b/state?full=1', '', { method: 'GET' })
    assert.deepEqual(JSON.parse(part.body), { id: 'a b', full: '1' })
    assert.equal((await once('/api/test/v1/parts/a/state?fuller=1', '', { method: 'GET' })).status, 400)
    assert.equal((await once('/api/test/v1/parts/%E0%A4%A/state', '', { method: 'GET' })).status, 404)
  })

  const bodies: readonly [string, string | Uint8Array, number, string][] = [
    ['slashes that are escaped', String.raw`{"load":1,"p":"a\/b"}`, 200, ''],
    ['keys nobody knows', '{"new":{"a":[1]},"load":1,"__proto__":{"load":2}}', 200, ''],
    ['no JSON', '{"load":', 400, 'request_malformed'],
    ['nothing', '', 400, 'request_malformed'],
    ['a wrong type', '{"load":"1"}', 400, 'request_malformed'],
    ['a fraction', '{"load":1.5}', 400, 'request_malformed'],
    ['bytes that are not UTF-8', Buffer.from('7b226c6f6164223a312c2278223a22ff227d', 'hex'), 400, 'request_malformed'],
    ['a deep nest', '['.repeat(900), 400, 'request_malformed'],
    ['more than the route takes', `{"load":1,"pad":"${'x'.repeat(1000)}"}`, 413, 'body_too_large'],
  ]
  for (const [name, body, status, code] of bodies)
    test(`a body with ${name} is answered with ${status}`, async () => {
      const reply = await once(beat.path, body)
      assert.equal(reply.status, status)
      if (status !== 200) assert.equal(errorOf(reply).code, code)
    })
  test('a field that does not fit is named', async () => {
    assert.deepEqual(
      errorOf(await once(beat.path, '{"load":"x"}')).fields?.map(({ path }) => path),
      ['body.load'],
    )
  })
  test('bytes arrive whole, in an array that owns its buffer, in one piece or many', async () => {
    for (const size of [0, 1, 100, 70_000, 3_900_000]) {
      const reply = await once(deliver.path, Buffer.alloc(size, 7))
      assert.deepEqual(JSON.parse(reply.body), { byteCount: size, own: true })
    }
  })
  test('bytes that are only looked at are the same, in one piece or many', async () => {
    for (const size of [0, 1, 100, 70_000, 3_900_000]) {
      const bytes = randomBytes(size)
      const reply = await once(glance.path, bytes)
      assert.deepEqual(JSON.parse(reply.body), { digest: hash('sha256', bytes, 'hex') })
    }
  })
  test('a query is held against its route each time, and no query as well', async () => {
    const path = '/api/test/v1/parts/7/state'
    const asked: readonly (readonly [string, number, string | null])[] = [
      ['', 200, null],
      ['?full=yes', 200, 'yes'],
      ['', 200, null],
      ['?fuller=yes', 400, null],
      ['?', 200, null],
      ['', 200, null],
    ]
    for (const [query, status, full] of asked) {
      const reply = await once(`${path}${query}`, '', { method: 'GET' })
      assert.equal(reply.status, status, query)
      if (status === 200) assert.deepEqual(JSON.parse(reply.body), { id: '7', full })
    }
  })
  test('a chunked body is taken', async () => {
    const wire = await connect(gateway, papers, papers.device)
    wire.write(
      requestBytes('POST', beat.path, '5\r\n{"loa\r\n5\r\nd":1}\r\n0\r\n\r\n', { 'transfer-encoding': 'chunked' }),
    )
    assert.equal((await wire.reply()).status, 200)
    wire.socket.destroy()
  })
  for (const encoding of ['gzip', 'br', 'zstd', 'gzip, identity'])
    test(`a body encoded as ${encoding} is not opened`, async () => {
      const reply = await once(beat.path, 'x', { headers: { 'content-encoding': encoding } })
      assert.equal(errorOf(reply).code, 'encoding_unsupported')
    })
  test('an identity encoding is no encoding', async () => {
    assert.equal((await once(beat.path, '{"load":1}', { headers: { 'content-encoding': 'identity' } })).status, 200)
  })

  test('a refusal of the handler keeps its code, status and detail', async () => {
    const reply = await once(beat.path, JSON.stringify({ load: loads.refused }))
    assert.equal(reply.status, 409)
    assert.match(errorOf(reply).message, /Not now\.$/)
  })
  test('a fault shows its request id outside and its causes in the log', async () => {
    const reply = await once(beat.path, JSON.stringify({ load: loads.fault }))
    assert.equal(reply.status, 500)
    assert.doesNotMatch(reply.body, /handler broke|secret cause/)
    const line = lines.find((text) => text.includes(errorOf(reply).requestId)) ?? ''
    assert.match(line, /handler broke.*the secret cause/)
  })
  for (const [name, load] of [
    ['shape', loads.wrong],
    ['refusal', loads.unlisted],
  ] as const)
    test(`in checked mode a ${name} the contract does not know is a fault`, async () => {
      assert.equal((await once(beat.path, JSON.stringify({ load }))).status, 500)
    })
  test('a fault that passes by waiting is a refusal that says how long', async () => {
    const reply = await once(beat.path, JSON.stringify({ load: loads.busy }))
    assert.deepEqual([reply.status, errorOf(reply).code, reply.headers['retry-after']], [503, 'store_busy', '2'])
  })
  test('request ids never repeat', async () => {
    const ids = new Set<string>()
    const wire = await connect(gateway, papers, papers.device)
    for (let asked = 0; asked < 50; asked += 1)
      ids.add(errorOf(await said(wire, requestBytes('POST', beat.path, '{}'))).requestId)
    assert.equal(ids.size, 50)
    wire.socket.destroy()
  })
  test('answers are measured under the path of their route, never under what was sent', async () => {
    measured.length = 0
    await once(`/base${beat.path}`, '{"load":1}')
    await once(beat.path, '{}', { anonymous: true })
    await once('/secret', '')
    assert.deepEqual(measured, [
      `${beat.path} 200 ok`,
      `${beat.path} 401 certificate_missing`,
      'unmatched 404 not_found',
    ])
  })
  test('in plain mode the credential is a header', async () => {
    const plain = await openGateway(papers, createStage(), {
      tls: 'plain',
      identifyDevice: (peer, headers) =>
        peer === null && headers['x-koban-sensor-token'] === 'shared'
          ? { ok: true, value: 'by token' }
          : { ok: false, refusal: { code: 'credential_missing' } },
    })
    for (const [headers, status] of [
      [{ 'x-koban-sensor-token': 'shared' }, 200],
      [{}, 401],
    ] as const) {
      const wire = await openWire(plain.port)
      assert.equal((await said(wire, requestBytes('POST', beat.path, '{"load":1}', headers))).status, status)
      wire.socket.destroy()
    }
    await plain.close()
  })
  test('a taken port is a fault that names the address', async () => {
    const again = openGateway(papers, createStage(), { listen: { host: '127.0.0.1', port: gateway.port } })
    await assert.rejects(again, new RegExp(`listen on 127\\.0\\.0\\.1:${gateway.port}`))
  })
})
