// What the device listener makes of certificates and TLS: who is who, on every handshake, with nothing carried over.
// What a trusted device may then say is gateway.test.ts.
import assert from 'node:assert/strict'
import { after, before, suite, test } from 'node:test'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { makeAuthority, makeLeaf, requestBytes, type TestLeaf } from '../testing.ts'
import { beat, connect, createStage, makePapers, openGateway, type Papers } from './gateway.fixture.ts'
import type { Gateway } from './gateway.ts'

const minuteMs = 60_000
const beatBytes = requestBytes('POST', beat.path, '{"load":1}')

suite('trust of the gateway', () => {
  let papers: Papers
  let gateway: Gateway
  before(async () => {
    papers = await makePapers()
    gateway = await openGateway(papers, createStage())
  })
  after(() => gateway.close())

  const codeFor = async (leaf: TestLeaf | undefined): Promise<string> => {
    const wire = await connect(gateway, papers, leaf)
    wire.write(beatBytes)
    const { status, body } = await wire.reply()
    wire.socket.destroy()
    return status === 200 ? 'ok' : JSON.parse(body).error.code
  }

  test('a certificate of the device authority is taken', async () => {
    assert.equal(await codeFor(papers.device), 'ok')
  })
  test('a certificate of another authority is not', async () => {
    const other = await makeLeaf(await makeAuthority('devices'), { name: 'dev_1' })
    assert.equal(await codeFor(other), 'certificate_untrusted')
  })
  test("the server's own certificate is not", async () => {
    assert.equal(await codeFor(papers.server), 'certificate_untrusted')
  })
  test('an expired certificate is named as such', async () => {
    const times = { notBeforeMs: Date.now() - 2 * minuteMs, notAfterMs: Date.now() - minuteMs }
    assert.equal(await codeFor(await papers.issue({ name: 'dev_1', ...times })), 'certificate_expired')
  })
  test('a certificate from the future is not taken', async () => {
    assert.equal(
      await codeFor(await papers.issue({ name: 'dev_1', notBeforeMs: Date.now() + 60 * minuteMs })),
      'certificate_untrusted',
    )
  })
  for (const usage of ['server', 'none'] as const)
    test(`a certificate whose extended key usage is ${usage} is not taken`, async () => {
      assert.equal(await codeFor(await papers.issue({ name: 'dev_1', usage })), 'certificate_untrusted')
    })
  test('where no authority is trusted, neither is anybody', async () => {
    const lonely = await openGateway(papers, createStage(), {
      tls: { cert: papers.server.certPem, key: papers.server.keyPem, ca: [] },
    })
    const wire = await connect(lonely, papers, papers.device)
    wire.write(beatBytes)
    assert.equal((await wire.reply()).status, 401)
    await lonely.close()
  })
  test('no certificate is a case of its own', async () => {
    assert.equal(await codeFor(undefined), 'certificate_missing')
  })

  const optionsOf = (more: ConnectionOptions): ConnectionOptions => ({
    port: gateway.port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: papers.caPem,
    cert: papers.device.certPem,
    key: papers.device.keyPem,
    ...more,
  })

  /** One request; the connection, still open, and the session a client would keep. */
  const converse = async (options: ConnectionOptions): Promise<{ socket: TLSSocket; session: Buffer | undefined }> => {
    const socket = connectTls(options)
    let session: Buffer | undefined
    socket.on('session', (offered) => {
      session = offered
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.once('error', reject).once('data', () => resolve())
    socket.once('secureConnect', () => socket.write(beatBytes))
    await promise
    return { socket, session: session ?? socket.getSession() }
  }
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    test(`a ${version} session is never resumed, so every connection shows its certificate`, async () => {
      const only = { minVersion: version, maxVersion: version }
      const first = await converse(optionsOf(only))
      first.socket.destroy()
      const again = await converse(optionsOf({ ...only, ...(first.session && { session: first.session }) }))
      assert.equal(again.socket.getProtocol(), version)
      assert.equal(again.socket.isSessionReused(), false)
      again.socket.destroy()
    })
  test('a TLS 1.2 client may not renegotiate', async () => {
    const { socket } = await converse(optionsOf({ maxVersion: 'TLSv1.2' }))
    const fault = await new Promise<Error | null>((resolve) => {
      socket.once('error', resolve)
      socket.renegotiate({}, resolve)
    })
    assert.match(fault?.message ?? 'renegotiated', /renegotiation/i)
    socket.destroy()
  })
  test('TLS 1.1 is not spoken', async () => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    await assert.rejects(converse(optionsOf(old)), /protocol|version/i)
  })

  test('a new authority and a new server certificate are taken without a pause', async () => {
    const fresh = await makePapers()
    const moved = await openGateway(papers, createStage())
    const open = await connect(moved, papers, papers.device)
    moved.setTrust({ cert: fresh.server.certPem, key: fresh.server.keyPem, ca: [papers.devicesPem, fresh.devicesPem] })
    open.write(beatBytes)
    assert.equal((await open.reply()).status, 200)
    for (const leaf of [papers.device, fresh.device]) {
      const wire = await connect(moved, fresh, leaf)
      wire.write(beatBytes)
      assert.equal((await wire.reply()).status, 200)
      wire.socket.destroy()
    }
    open.socket.destroy()
    await moved.close()
  })
})
