// Devices on real TLS connections: who is let speak, who is not, and what a rotation does to those who are connected.
// The verdicts as a table are in decide.test.ts.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { connect, createServer, type Server, type TLSSocket } from 'node:tls'
import { type Result, Secret } from '@muster/kernel'
import { issueAuthority, issueDeviceLeaf, issueServerLeaf, signWith, toPem } from '../authority/certificate.ts'
import type { ServerCertificate } from '../authority/server-certificate.ts'
import { wholeTenant } from '../bounds.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import type { Peer } from './decide.ts'

const peerOf = (socket: TLSSocket): Peer | null => {
  const { fingerprint256 } = socket.getPeerX509Certificate() ?? {}
  if (fingerprint256 === undefined) return null
  const authorizationError: unknown = socket.authorizationError
  return {
    fingerprint256Hex: fingerprint256.replaceAll(':', '').toLowerCase(),
    authorized: socket.authorized,
    authorizationError: authorizationError instanceof Error ? authorizationError.message : String(authorizationError),
  }
}
const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

let room: TestRoom
let server: Server
let certificate: ServerCertificate
before(async () => {
  room = await openTestRoom('sqlite')
  certificate = await room.identity.serverCertificate({ kind: 'issued', hosts: ['localhost'] })
  const context = () => ({
    key: certificate.current().key.reveal(),
    cert: certificate.current().certificatePem,
    ca: [...room.identity.authority.trustedPems()],
  })
  server = createServer({ ...context(), requestCert: true, rejectUnauthorized: false })
  room.identity.authority.onChange(() => server.setSecureContext(context()))
  certificate.onChange(() => server.setSecureContext(context()))
  // Each byte is a request; the answer is a line with the verdict.
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {})
    const answer = async () => socket.write(`${codeOf(await room.identity.identifyDevice(peerOf(socket), {}))}\n`)
    socket.on('data', () => void answer())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(async () => {
  server.close()
  await room.close()
})

interface Shown {
  readonly certificatePem: string
  readonly key: KeyObject
}

const dial = async (shown: Shown | null) => {
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: [...room.identity.authority.trustedPems()],
    ...(shown === null ? {} : { cert: shown.certificatePem, key: shown.key.export({ type: 'pkcs8', format: 'pem' }) }),
  })
  await once(socket, 'secureConnect')
  return {
    async ask(): Promise<string> {
      socket.write('?')
      const [answer] = (await once(socket, 'data')) as [Buffer]
      return answer.toString().trim()
    },
    close: () => void socket.destroy(),
  }
}

const askOnce = async (shown: Shown | null): Promise<string> => {
  const line = await dial(shown)
  const answer = await line.ask()
  line.close()
  return answer
}

const enrol = async (): Promise<Shown & { readonly deviceId: string }> => {
  const { certificatePem, key, deviceId } = await enrolled(room.identity, await room.token())
  return { certificatePem, key: key.privateKey, deviceId }
}

const newPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const validity = () => ({ notBeforeMs: Date.now() - 60_000, notAfterMs: Date.now() + 86_400_000 })

test('an enrolled device speaks, nobody does not', async () => {
  assert.equal(await askOnce(await enrol()), 'ok')
  assert.equal(await askOnce(null), 'certificate_missing')
})

test('revocation bites on the connection that is already open', async () => {
  const device = await enrol()
  const line = await dial(device)
  assert.equal(await line.ask(), 'ok')
  await room.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, {})
  assert.equal(await line.ask(), 'device_not_active')
  line.close()
})

test('a leaf of another authority with the same names is not trusted', async () => {
  const keys = newPair()
  const foreign = await issueAuthority(room.identity.authority.current().id, keys, validity())
  const issuer = { authorityId: 'x', certificateDer: foreign.der, sign: signWith(keys.privateKey) }
  const own = newPair()
  const spki = own.publicKey.export({ type: 'spki', format: 'der' })
  const leaf = await issueDeviceLeaf(issuer, { tenantId, deviceId: 'dev_x', spki, ...validity() })
  assert.equal(await askOnce({ certificatePem: toPem(leaf.der), key: own.privateKey }), 'certificate_untrusted')
})

test('our own signature is not enough: an unknown leaf and one for servers are not trusted', async () => {
  const issuer = room.identity.authority.serverIssuer()
  assert.ok(issuer !== undefined)
  const own = newPair()
  const spki = own.publicKey.export({ type: 'spki', format: 'der' })
  const unknown = await issueDeviceLeaf(issuer, { tenantId, deviceId: 'dev_x', spki, ...validity() })
  assert.equal(await askOnce({ certificatePem: toPem(unknown.der), key: own.privateKey }), 'certificate_untrusted')
  const forServers = await issueServerLeaf(issuer, { hosts: ['localhost'], spki, ...validity() })
  assert.equal(await askOnce({ certificatePem: toPem(forServers.der), key: own.privateKey }), 'certificate_untrusted')
})

test('during an overlap devices of both authorities speak; a retirement ends the old ones, connected or not', async () => {
  const old = await enrol()
  const line = await dial(old)
  assert.equal(await line.ask(), 'ok')
  const former = room.identity.authority.current()
  await room.identity.authority.rotate(by)
  const fresh = await enrol()
  assert.equal(await askOnce(old), 'ok')
  assert.equal(await askOnce(fresh), 'ok')
  await room.identity.authority.retire(by, former.id)
  await certificate.refresh()
  assert.equal(await line.ask(), 'certificate_untrusted')
  line.close()
  assert.equal(await askOnce(old), 'certificate_untrusted')
  assert.equal(await askOnce(fresh), 'ok')
})

test('an expired certificate is told so', async () => {
  // The TLS layer reads the machine's clock, so the certificate is issued for the past.
  room.clock.advance(Date.UTC(2015, 0) - room.clock.nowMs())
  const device = await enrol()
  room.clock.advance(Date.now() - room.clock.nowMs())
  assert.equal(await askOnce(device), 'certificate_expired')
})

test('with a token instead of certificates, only the token counts', async () => {
  const { identity } = await room.another({ deviceAuth: { kind: 'token', sensorToken: new Secret('s3cret') } })
  const identify = async (header?: string | string[]) =>
    codeOf(await identity.identifyDevice(null, header === undefined ? {} : { 'x-koban-sensor-token': header }))
  assert.equal(await identify('s3cret'), 'ok')
  assert.equal(await identify('s3cret '), 'credential_invalid')
  assert.equal(await identify(''), 'credential_missing')
  assert.equal(await identify(), 'credential_missing')
  assert.equal(await identify(['s3cret', 's3cret']), 'credential_missing')
})

test('with certificates, the token header is not read', async () => {
  const headers = { 'x-koban-sensor-token': 's3cret' }
  assert.equal(codeOf(await room.identity.identifyDevice(null, headers)), 'certificate_missing')
})
