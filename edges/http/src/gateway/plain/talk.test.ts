// Proof that a caller cannot tell who reads it: pieces, order and answers are the same, and both take turns on one connection.
// Slow and broken callers are in ../rough.test.ts, whoever reads them.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import * as fc from 'fast-check'
import { openWire, requestBytes, type Wire } from '../../testing.ts'
import {
  beat,
  beatBytes,
  connect,
  createStage,
  deliver,
  identifyDevice,
  join,
  loads,
  makePapers,
  openGateway,
  type Papers,
  type Stage,
  said,
  until,
} from '../gateway.fixture.ts'
import type { Gateway } from '../gateway.ts'

/** Makes a request one that only Node reads. */
const byNode = { te: 'trailers' }

suite('plain requests', () => {
  let papers: Papers
  let stage: Stage
  let gateway: Gateway
  before(async () => {
    papers = await makePapers()
    stage = createStage()
    gateway = await openGateway(papers, stage)
  })
  after(() => gateway.close())

  const come = (): Promise<Wire> => connect(gateway, papers, papers.device)
  /** What a caller sees, but for the time and the number of the request. */
  const seen = async (bytes: Uint8Array, anonymous = false) => {
    const wire = await connect(gateway, papers, anonymous ? undefined : papers.device)
    const { status, headers, body } = await said(wire, bytes)
    wire.socket.destroy()
    return { status, headers: { ...headers, date: '' }, body: body.replace(/"req_\w+"/, '') }
  }

  const requests: readonly [string, (more: Record<string, string>) => Buffer, boolean?][] = [
    ['an answer', (more) => beatBytes(1, more)],
    ['an answer that comes later', (more) => beatBytes(loads.async, more)],
    ['a refusal', (more) => beatBytes(loads.refused, more)],
    ['a fault', (more) => beatBytes(loads.fault, more)],
    ['a fault that passes', (more) => beatBytes(loads.busy, more)],
    ['a body of another form', (more) => requestBytes('POST', beat.path, '{', more)],
    ['no body', (more) => requestBytes('GET', '/api/test/v1/parts/p/state?full=1', '', more)],
    ['a path nobody knows', (more) => requestBytes('POST', '/nowhere', 'x', more)],
    ['another method', (more) => requestBytes('PUT', beat.path, '{}', more)],
    ['a body that is too large', (more) => requestBytes('POST', beat.path, 'x'.repeat(2000), more)],
    ['a compressed body', (more) => requestBytes('POST', beat.path, 'x', { ...more, 'content-encoding': 'gzip' })],
    ['a caller nobody knows', (more) => beatBytes(1, more), true],
    ['an enrolment', (more) => requestBytes('POST', join.path, '{"name":"Ä"}', more), true],
  ]
  for (const [name, request, anonymous] of requests)
    test(`${name} looks the same, whoever read the request`, async () => {
      assert.deepEqual(await seen(request({}), anonymous), await seen(request(byNode), anonymous))
    })

  test('a request in pieces, wherever they end, is answered as the whole one', async () => {
    const body = Buffer.alloc(300, 7)
    const bytes = requestBytes('POST', deliver.path, body)
    const wire = await come()
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 4 }), async (cuts) => {
        const ends = [...cuts.toSorted((left, right) => left - right), bytes.length]
        let from = 0
        for (const end of ends) {
          if (end > from) wire.write(bytes.subarray(from, end))
          from = end
          await turn()
        }
        assert.deepEqual(JSON.parse((await wire.reply()).body), { byteCount: body.length, own: true })
      }),
      { numRuns: 60 },
    )
    wire.socket.destroy()
  })
  test('a head and its body in two pieces are one request, time and again', async () => {
    const wire = await come()
    for (let round = 0; round < 5; round += 1) {
      const bytes = requestBytes('POST', deliver.path, Buffer.alloc(70_000))
      wire.write(bytes.subarray(0, bytes.length - 70_000))
      await turn()
      assert.deepEqual(JSON.parse((await said(wire, bytes.subarray(bytes.length - 70_000))).body).byteCount, 70_000)
    }
    wire.socket.destroy()
  })
  test('what comes before the answer is answered after it, whoever reads it', async () => {
    for (const more of [{}, byNode]) {
      const { entered, release } = stage.hold()
      const wire = await come()
      wire.write(beatBytes(loads.held))
      await entered
      wire.write(Buffer.concat([beatBytes(1, more), beatBytes(2)]))
      await turn()
      wire.write(beatBytes(3))
      release()
      for (const load of [loads.held, 1, 2, 3]) assert.equal(JSON.parse((await wire.reply()).body).load, load)
      wire.socket.destroy()
    }
  })
  test('a connection goes on after a request that only Node reads', async () => {
    const wire = await come()
    for (const more of [{}, byNode, {}, byNode])
      assert.equal(JSON.parse((await said(wire, beatBytes(1, more))).body).load, 1)
    wire.socket.destroy()
  })
  test('a caller who is known only later is heard whole', async () => {
    const slow = await openGateway(papers, stage, {
      identifyDevice: async (peer, headers) => {
        await turn()
        return identifyDevice(peer, headers)
      },
    })
    const wire = await connect(slow, papers, papers.device)
    for (const size of [0, 100, 500_000]) {
      const reply = await said(wire, requestBytes('POST', deliver.path, Buffer.alloc(size)))
      assert.equal(JSON.parse(reply.body).byteCount, size)
    }
    wire.socket.destroy()
    await slow.close()
  })
  test('a body that is refused on the way is read away, and the connection stays', async () => {
    const small = await openGateway(papers, stage, { limits: { heldBodyBytes: 10_000 } })
    const wire = await connect(small, papers, papers.device)
    for (let round = 0; round < 3; round += 1) {
      const refused = await said(wire, requestBytes('POST', deliver.path, Buffer.alloc(60_000)))
      assert.equal(refused.status, 503)
      assert.equal((await said(wire, beatBytes(1))).status, 200)
    }
    wire.socket.destroy()
    await small.close()
  })
  test('plain HTTP, for a proxy, is read in the same way', async () => {
    const plain = await openGateway(papers, stage, {
      tls: 'plain',
      identifyDevice: () => ({ ok: true, value: 'known' }),
    })
    const wire = await openWire(plain.port)
    for (const more of [{}, {}, byNode, {}]) assert.equal((await said(wire, beatBytes(1, more))).status, 200)
    wire.socket.destroy()
    await plain.close()
  })
  test('a connection on which nothing is ever asked is cut off', async () => {
    const strict = await openGateway(papers, stage, { limits: { headersMs: 50 } })
    const wire = await connect(strict, papers, papers.device)
    await wire.closed
    await until(() => strict.openConnections() === 0)
    await strict.close()
  })
})
