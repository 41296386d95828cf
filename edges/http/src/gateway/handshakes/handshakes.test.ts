// Proof that clients who come together are all served in turn, and that nobody who stalls, leaves or is silent is in their way.
// Nothing here measures time: a client that never speaks holds the only place, and a state is awaited.
import assert from 'node:assert/strict'
import { connect as connectPlain, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { after, before, suite, test } from 'node:test'
import { openWire, type Wire } from '../../testing.ts'
import {
  beatBytes,
  connect,
  createStage,
  makePapers,
  openGateway,
  type Papers,
  type Stage,
  said,
  until,
} from '../gateway.fixture.ts'
import type { Gateway, GatewaySettings } from '../gateway.ts'

const never = 3_600_000

/** The first bytes of a ClientHello, as far as whoever waits is concerned. */
const greeting = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])

suite('handshakes in turn', () => {
  let papers: Papers
  let stage: Stage
  const opened: Gateway[] = []
  before(async () => {
    papers = await makePapers()
    stage = createStage()
  })
  after(async () => {
    for (const gateway of opened) await gateway.close(0)
  })

  const open = async (limits: GatewaySettings['limits'] = {}): Promise<Gateway> => {
    const gateway = await openGateway(papers, stage, {
      limits: { handshakesAtOnce: 1, handshakeStallMs: never, ...limits },
    })
    opened.push(gateway)
    return gateway
  }
  const come = (gateway: Gateway): Promise<Wire> => connect(gateway, papers, papers.device)
  const waits = (gateway: Gateway, count: number): Promise<void> => until(() => gateway.waitingConnections() === count)
  const assertServed = async (wire: Wire): Promise<void> => {
    assert.equal((await said(wire, beatBytes(1))).status, 200)
    wire.socket.destroy()
  }

  test('who comes too many waits, and has its turn when another is done', async () => {
    const gateway = await open()
    const holder = await openWire(gateway.port)
    const coming = come(gateway)
    await waits(gateway, 1)
    assert.equal(gateway.openConnections(), 0)
    holder.socket.destroy()
    await assertServed(await coming)
    await waits(gateway, 0)
  })
  test('turns are had in the order in which clients came', async () => {
    const gateway = await open()
    const holder = await openWire(gateway.port)
    const order: string[] = []
    const comings: Promise<unknown>[] = []
    for (const [index, name] of ['first', 'second', 'third'].entries()) {
      comings.push(come(gateway).then(() => order.push(name)))
      await waits(gateway, index + 1)
    }
    holder.socket.destroy()
    await Promise.all(comings)
    assert.deepEqual(order, ['first', 'second', 'third'])
  })
  test('all who come at once are served', async () => {
    const gateway = await open({ handshakesAtOnce: 2 })
    await Promise.all(Array.from({ length: 20 }, async () => assertServed(await come(gateway))))
  })
  test('a handshake that fails gives its place back', async () => {
    const gateway = await open()
    for (let round = 0; round < 3; round += 1) {
      const broken = await openWire(gateway.port)
      broken.write('this is no TLS')
      await broken.closed
    }
    await assertServed(await come(gateway))
  })
  test('a client that stalls keeps nobody waiting, and may still go on', async () => {
    const gateway = await open({ handshakeStallMs: 5 })
    const stalled = await openWire(gateway.port)
    await assertServed(await come(gateway))
    assert.equal(stalled.socket.destroyed, false)
    const late = await openWire(gateway.port, {
      socket: stalled.socket,
      ca: papers.caPem,
      cert: papers.device.certPem,
      key: papers.device.keyPem,
    })
    await assertServed(late)
  })

  test('one who left while it waited is in nobody’s way', async () => {
    const gateway = await open()
    const holder = await openWire(gateway.port)
    const guest = await openWire(gateway.port)
    await waits(gateway, 1)
    guest.socket.destroy()
    const coming = come(gateway)
    await waits(gateway, 2)
    holder.socket.destroy()
    await assertServed(await coming)
    await waits(gateway, 0)
  })
  test('one who waits and says nothing keeps others waiting no longer than one that stalls', async () => {
    const gateway = await open({ handshakeStallMs: 5 })
    const silent = await openWire(gateway.port)
    const another = await openWire(gateway.port)
    await assertServed(await come(gateway))
    for (const { socket } of [silent, another]) assert.equal(socket.destroyed, false)
  })
  test('when the gateway stops, whoever waits is sent away at once', async () => {
    const gateway = await open()
    const holder = await openWire(gateway.port)
    const coming = assert.rejects(come(gateway))
    await waits(gateway, 1)
    const closed = gateway.close()
    await coming
    holder.socket.destroy()
    await closed
  })

  /**
   * A gateway that listens to all who wait, because so many had left when their turn came. Its only place is taken by
   * `holder`; one client waits, and says nothing.
   */
  const openListening = async (limits: GatewaySettings['limits'] = {}) => {
    const gateway = await open(limits)
    const first = await openWire(gateway.port)
    const leaving = await Promise.all(Array.from({ length: 8 }, () => openWire(gateway.port)))
    await waits(gateway, 8)
    const holder = await openWire(gateway.port)
    holder.write(greeting)
    const silent = await openWire(gateway.port)
    await waits(gateway, 10)
    for (const { socket } of [...leaving, first]) socket.destroy()
    await waits(gateway, 1)
    return { gateway, holder, silent }
  }

  const departures: readonly [string, (socket: Socket) => void][] = [
    ['hangs up', (socket) => socket.destroy()],
    ['says that it will say no more', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.resetAndDestroy()],
  ]
  for (const [name, depart] of departures)
    test(`where all are listened to, one who ${name} while it waits is forgotten`, async () => {
      const { gateway, holder } = await openListening()
      const guest = await openWire(gateway.port)
      guest.write(greeting)
      await waits(gateway, 2)
      depart(guest.socket)
      await waits(gateway, 1)
      holder.socket.destroy()
      await assertServed(await come(gateway))
    })
  test('where all are listened to, one who says nothing is in nobody’s way', async () => {
    const { gateway, holder, silent } = await openListening()
    const coming = come(gateway)
    await waits(gateway, 2)
    holder.socket.destroy()
    await assertServed(await coming)
    assert.equal(gateway.waitingConnections(), 1)
    assert.equal(silent.socket.destroyed, false)
  })
  test('where all are listened to, one who says nothing for too long is cut off', async () => {
    const { gateway, silent } = await openListening({ handshakeMs: 2000 })
    await silent.closed
    await waits(gateway, 0)
  })
  test('when those who were listened to are gone, others wait unheard again', async () => {
    const { gateway, holder, silent } = await openListening()
    silent.socket.destroy()
    await waits(gateway, 0)
    const guest = await openWire(gateway.port)
    guest.write(greeting)
    await waits(gateway, 1)
    const coming = come(gateway)
    await waits(gateway, 2)
    guest.socket.destroy()
    holder.socket.destroy()
    await assertServed(await coming)
  })
  test('where all are listened to, a greeting that comes in pieces is heard whole', async () => {
    const { gateway, holder } = await openListening()
    const plain = connectPlain({ port: gateway.port, host: '127.0.0.1', noDelay: true })
    const socket = new Duplex({
      read: () => undefined,
      write(bytes: Buffer, _encoding, done) {
        plain.write(bytes.subarray(0, 10))
        setImmediate(() => plain.write(bytes.subarray(10), () => done()))
      },
    })
    plain.on('data', (bytes) => socket.push(bytes))
    const { certPem: cert, keyPem: key } = papers.device
    const coming = openWire(gateway.port, { socket, ca: papers.caPem, cert, key })
    await waits(gateway, 2)
    holder.socket.destroy()
    await assertServed(await coming)
    plain.destroy()
  })
  test('where all are listened to, whoever says too much before its turn is not listened to', async () => {
    const { gateway, holder } = await openListening()
    const loud = await openWire(gateway.port)
    // More than the kernel takes for a socket that nobody reads.
    loud.write(Buffer.alloc(64 * 1024 * 1024))
    await waits(gateway, 2)
    holder.socket.destroy()
    await loud.closed
    await assertServed(await come(gateway))
  })
})
