// Senders who are slow, broken, greedy or gone, and what becomes of them when the gateway stops.
// Nothing here measures time: short limits are set, and a state is awaited.
import assert from 'node:assert/strict'
import { connect as connectPlain } from 'node:net'
import { after, before, suite, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { openWire, requestBytes } from '../testing.ts'
import {
  beat,
  beatBytes,
  connect,
  createStage,
  deliver,
  join,
  loads,
  makePapers,
  openGateway,
  type Papers,
  type Stage,
  until,
} from './gateway.fixture.ts'
import type { Gateway, GatewaySettings } from './gateway.ts'

suite('rough senders', () => {
  let papers: Papers
  let stage: Stage
  let gateway: Gateway
  before(async () => {
    papers = await makePapers()
    stage = createStage()
    gateway = await openGateway(papers, stage)
  })
  after(() => gateway.close())

  const withLimits = (limits: GatewaySettings['limits'] & {}): Promise<Gateway> =>
    openGateway(papers, stage, { limits })

  /** The gateway still answers others. */
  const assertServes = async (which: Gateway): Promise<void> => {
    const wire = await connect(which, papers, papers.device)
    wire.write(beatBytes(1))
    assert.equal((await wire.reply()).status, 200)
    wire.socket.destroy()
  }

  test('a head that never ends is cut off', async () => {
    const strict = await withLimits({ headersMs: 50 })
    const wire = await connect(strict, papers, papers.device)
    wire.write(`POST ${beat.path} HTTP/1.1\r\nhost: x\r\n`)
    assert.equal((await wire.reply()).status, 408)
    await wire.closed
    await strict.close()
  })
  test('a body that never ends is cut off', async () => {
    const strict = await withLimits({ headersMs: 50, requestMs: 60 })
    const wire = await connect(strict, papers, papers.device)
    wire.write(requestBytes('POST', beat.path, '{"lo', { 'content-length': '10' }))
    await wire.closed
    await assertServes(strict)
    await strict.close()
  })
  test('a connection that never says a word of TLS is cut off', async () => {
    const strict = await withLimits({ handshakeMs: 50 })
    const wire = await openWire(strict.port)
    await wire.closed
    await strict.close()
  })
  test('a connection that is used no more is closed, though its other half stays open', async () => {
    const strict = await withLimits({ idleMs: 50 })
    const socket = connectPlain({ port: strict.port, host: '127.0.0.1', allowHalfOpen: true })
    const wire = await openWire(strict.port, {
      socket,
      ca: papers.caPem,
      cert: papers.device.certPem,
      key: papers.device.keyPem,
    })
    wire.write(beatBytes(1))
    assert.equal((await wire.reply()).status, 200)
    await until(() => strict.openConnections() === 0)
    assert.equal(socket.writable, true)
    socket.destroy()
    await strict.close()
  })
  test('a caller who hangs up in the middle of a body is forgotten', async () => {
    const left = Promise.withResolvers<number>()
    const watched = await openGateway(papers, stage, { onMeasure: (_path, status) => left.resolve(status) })
    const wire = await connect(watched, papers, papers.device)
    wire.write(requestBytes('POST', deliver.path, 'abc', { 'content-length': '1000' }))
    await turn()
    wire.socket.destroy()
    assert.equal(await left.promise, 499)
    await until(() => watched.openConnections() === 0)
    await watched.close()
  })
  test('a caller who hangs up before the answer harms nobody', async () => {
    const { entered, release } = stage.hold()
    const wire = await connect(gateway, papers, papers.device)
    wire.write(beatBytes(loads.held))
    await entered
    wire.socket.destroy()
    await wire.closed
    release()
    await assertServes(gateway)
  })

  test('a head larger than 16 KiB is a 431', async () => {
    const wire = await connect(gateway, papers, papers.device)
    wire.write(requestBytes('POST', beat.path, '{"load":1}', { 'x-long': 'x'.repeat(17_000) }))
    assert.equal((await wire.reply()).status, 431)
    await wire.closed
  })
  const broken: readonly [string, string][] = [
    ['no HTTP at all', 'hello\r\n\r\n'],
    ['a space before a colon', `POST ${beat.path} HTTP/1.1\r\nhost : x\r\n\r\n`],
    ['two lengths', `POST ${beat.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx`],
    [
      'a length and chunks',
      `POST ${beat.path} HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['a negative length', `POST ${beat.path} HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n`],
    ['no host', `POST ${beat.path} HTTP/1.1\r\ncontent-length: 0\r\n\r\n`],
  ]
  for (const [name, bytes] of broken)
    test(`${name} is a 400 and the end`, async () => {
      const wire = await connect(gateway, papers, papers.device)
      wire.write(bytes)
      assert.equal((await wire.reply()).status, 400)
      await wire.closed
      await assertServes(gateway)
    })
  test('a body whose chunks are broken is cut off', async () => {
    const wire = await connect(gateway, papers, papers.device)
    wire.write(requestBytes('POST', beat.path, 'zz\r\n', { 'transfer-encoding': 'chunked' }))
    await wire.closed
    await assertServes(gateway)
  })
  test('whatever bytes come, the gateway goes on', async () => {
    const mangled = fc.tuple(fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 40 })).map(([at, bytes]) => {
      const whole = beatBytes(1)
      const cut = at % whole.length
      return Buffer.concat([whole.subarray(0, cut), bytes, whole.subarray(cut + bytes.length)])
    })
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 2000 }), mangled), async (bytes) => {
        const wire = await connect(gateway, papers, papers.device)
        wire.write(bytes)
        wire.socket.end()
        await wire.closed
      }),
      { numRuns: 40 },
    )
    await assertServes(gateway)
  })
  test('plain HTTP on the TLS port is cut off', async () => {
    const wire = await openWire(gateway.port)
    wire.write(beatBytes(1))
    await wire.closed
  })

  test('a body announced too large is refused before it is sent', async () => {
    const wire = await connect(gateway, papers, papers.device)
    wire.write(requestBytes('POST', deliver.path, '', { 'content-length': '4000001' }))
    const reply = await wire.reply()
    assert.equal(reply.status, 413)
    assert.equal(reply.headers['connection'], 'close')
    await wire.closed
  })
  test('a body that grows too large is refused on the way, and the sender can read why', async () => {
    const wire = await connect(gateway, papers, papers.device)
    wire.write(requestBytes('POST', beat.path, '', { 'transfer-encoding': 'chunked' }))
    for (let piece = 0; piece < 8; piece += 1) wire.write(`400\r\n${'x'.repeat(1024)}\r\n`)
    assert.equal((await wire.reply()).status, 413)
    wire.socket.end()
    await wire.closed
  })
  test('a sender who goes on after a refusal is cut off', async () => {
    const wire = await connect(gateway, papers)
    wire.write(requestBytes('POST', deliver.path, '', { 'content-length': '4000000' }))
    assert.equal((await wire.reply()).status, 401)
    while (!wire.socket.destroyed) {
      wire.write(Buffer.alloc(65_536))
      await turn()
    }
    await assertServes(gateway)
  })
  test('a compression bomb is not opened', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const wire = await connect(gateway, papers, papers.device)
    wire.write(requestBytes('POST', deliver.path, bomb, { 'content-encoding': 'gzip' }))
    assert.equal((await wire.reply()).status, 415)
    await wire.closed
  })
  test('all bodies together have a bound', async () => {
    const small = await withLimits({ heldBodyBytes: 100_000 })
    const first = await connect(small, papers, papers.device)
    first.write(requestBytes('POST', deliver.path, Buffer.alloc(90_000), { 'content-length': '95000' }))
    const second = await connect(small, papers, papers.device)
    const asks = async (): Promise<number> => {
      second.write(requestBytes('POST', deliver.path, Buffer.alloc(50_000)))
      return (await second.reply()).status
    }
    while ((await asks()) !== 503) await turn()
    first.write(Buffer.alloc(5000))
    assert.equal((await first.reply()).status, 200)
    assert.equal(await asks(), 200)
    for (const wire of [first, second]) wire.socket.destroy()
    await small.close()
  })
  test('beyond the connection limit new ones are dropped', async () => {
    const small = await withLimits({ connections: 1 })
    const first = await connect(small, papers, papers.device)
    await assert.rejects(connect(small, papers, papers.device))
    first.write(beatBytes(1))
    assert.equal((await first.reply()).status, 200)
    first.socket.destroy()
    await small.close()
  })
  test('a caller who waits for permission gets it only when the head is in order', async () => {
    const wire = await connect(gateway, papers)
    const head = requestBytes('POST', deliver.path, '', { 'content-length': '100', expect: '100-continue' })
    wire.write(head)
    assert.equal((await wire.reply()).status, 401)
    wire.socket.end()
    const known = await connect(gateway, papers, papers.device)
    known.write(head)
    assert.equal((await known.reply()).status, 100)
    known.write(Buffer.alloc(100))
    assert.equal((await known.reply()).status, 200)
    known.socket.destroy()
  })
})

suite('stopping', () => {
  let papers: Papers
  before(async () => {
    papers = await makePapers()
  })

  test('idle connections close at once, requests under way are answered, new connections are refused', async () => {
    const stage = createStage()
    const gateway = await openGateway(papers, stage)
    const idle = await connect(gateway, papers, papers.device)
    idle.write(beatBytes(1))
    await idle.reply()
    const silent = await connect(gateway, papers, papers.device)
    const busy = await connect(gateway, papers, papers.device)
    const { entered, release } = stage.hold()
    busy.write(beatBytes(loads.held))
    await entered
    const closed = gateway.close()
    await Promise.all([idle.closed, silent.closed])
    await assert.rejects(connect(gateway, papers, papers.device))
    release()
    const reply = await busy.reply()
    assert.equal(reply.status, 200)
    assert.equal(reply.headers['connection'], 'close')
    await Promise.all([busy.closed, closed])
    await until(() => gateway.openConnections() === 0)
  })
  test('a request that comes while the gateway stops is told to try elsewhere', async () => {
    const stage = createStage()
    const gateway = await openGateway(papers, stage)
    const wire = await connect(gateway, papers, papers.device)
    const { entered, release } = stage.hold()
    wire.write(beatBytes(loads.held))
    await entered
    const closed = gateway.close()
    wire.write(beatBytes(1))
    await until(() => wire.socket.bytesWritten > 0)
    release()
    assert.equal((await wire.reply()).status, 200)
    await Promise.all([wire.closed, closed])
  })
  test('what is not done at the deadline is cut off, also a handshake that hangs', async () => {
    const stage = createStage()
    const gateway = await openGateway(papers, stage)
    const busy = await connect(gateway, papers, papers.device)
    const hanging = await openWire(gateway.port)
    const { entered } = stage.hold()
    busy.write(beatBytes(loads.held))
    await entered
    await gateway.close(20)
    await Promise.all([busy.closed, hanging.closed])
  })
  test('an enrolment under way is finished too', async () => {
    const gateway = await openGateway(papers, createStage())
    const wire = await connect(gateway, papers)
    wire.write(requestBytes('POST', join.path, '{"name":', { 'content-length': '12' }))
    await until(() => gateway.openConnections() > 0)
    await turn()
    wire.write('"x"}')
    assert.equal((await wire.reply()).status, 200)
    await gateway.close()
  })
})
