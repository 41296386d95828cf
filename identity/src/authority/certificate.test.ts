// Certificates as node:crypto and the openssl program's library read them: names, purposes, dates, chains.
// That TLS accepts them is tested in tls.test.ts.
import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  derOfPem,
  type Issuer,
  issueAuthority,
  issueDeviceLeaf,
  issueServerLeaf,
  signWith,
  toPem,
} from './certificate.ts'

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spkiOf = (keys: ReturnType<typeof newKeys>): Buffer => keys.publicKey.export({ type: 'spki', format: 'der' })

const validity = { notBeforeMs: Date.UTC(2026, 0, 1), notAfterMs: Date.UTC(2056, 0, 1) }
const authorityKeys = newKeys()
const authority = await issueAuthority('ca_1', authorityKeys, validity)
const issuer: Issuer = { authorityId: 'ca_1', certificateDer: authority.der, sign: signWith(authorityKeys.privateKey) }
const deviceKeys = newKeys()
const leafOf = (tenantId: string, deviceId: string) =>
  issueDeviceLeaf(issuer, { tenantId, deviceId, spki: spkiOf(deviceKeys), ...validity })

test('an authority signs itself and may sign others', () => {
  const read = new X509Certificate(authority.der)
  assert.equal(read.ca, true)
  assert.equal(read.subject, 'CN=Muster fleet authority ca_1')
  assert.ok(read.verify(authorityKeys.publicKey))
  assert.ok(read.checkIssued(read))
})

test('a device leaf names device and tenant, and pairs with the enrolled key', async () => {
  const issued = await leafOf('default', 'dev_1')
  const read = new X509Certificate(issued.der)
  assert.equal(read.subject, 'O=default\nCN=dev_1')
  assert.equal(read.subjectAltName, 'URI:urn:koban:tenant:default:device:dev_1')
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.2'])
  assert.equal(read.ca, false)
  assert.ok(read.checkPrivateKey(deviceKeys.privateKey))
  assert.ok(read.verify(authorityKeys.publicKey))
  assert.ok(read.checkIssued(new X509Certificate(authority.der)))
})

test('serial and fingerprint are those a reader sees', async () => {
  const issued = await leafOf('default', 'dev_1')
  const read = new X509Certificate(issued.der)
  assert.equal(read.serialNumber.toLowerCase(), issued.serial)
  assert.equal(read.fingerprint256.replaceAll(':', '').toLowerCase(), issued.fingerprint)
  assert.equal(issued.serial.length, 32)
  assert.notEqual((await leafOf('default', 'dev_1')).serial, issued.serial)
})

test('dates before and after 2050 are read back to the second', async () => {
  const instants = fc.integer({ min: Date.UTC(1990, 0) / 1000, max: Date.UTC(2150, 0) / 1000 })
  await fc.assert(
    fc.asyncProperty(instants, instants, async (from, to) => {
      const times = { notBeforeMs: from * 1000, notAfterMs: to * 1000 }
      const leaf = await issueDeviceLeaf(issuer, { tenantId: 't', deviceId: 'd', spki: spkiOf(deviceKeys), ...times })
      const read = new X509Certificate(leaf.der)
      assert.equal(read.validFromDate.getTime(), times.notBeforeMs)
      assert.equal(read.validToDate.getTime(), times.notAfterMs)
    }),
    { numRuns: 50 },
  )
})

test('a gateway leaf answers to its names and addresses only', async () => {
  const hosts = ['fleet.example', '*.fleet.example', '192.0.2.7', '2001:db8::7', '::1', '2001:db8:1:2:3:4:5:6']
  const leaf = await issueServerLeaf(issuer, { hosts, spki: spkiOf(newKeys()), ...validity })
  const read = new X509Certificate(leaf.der)
  assert.deepEqual(read.keyUsage, ['1.3.6.1.5.5.7.3.1'])
  assert.equal(read.checkHost('fleet.example'), 'fleet.example')
  assert.equal(read.checkHost('a.fleet.example'), '*.fleet.example')
  assert.equal(read.checkHost('other.example'), undefined)
  for (const address of hosts.slice(2)) assert.equal(read.checkIP(address), address)
  assert.equal(read.checkIP('192.0.2.8'), undefined)
})

test('a leaf names the key of its authority as that names itself, however it came to the name', async () => {
  const own = createHash('sha1').update(spkiOf(authorityKeys).subarray(-65)).digest()
  const other = Buffer.alloc(20, 7)
  const named = Buffer.from(authority.der)
  other.copy(named, named.indexOf(own))
  const leafBy = (certificateDer: Buffer) =>
    issueDeviceLeaf(
      { ...issuer, certificateDer },
      { tenantId: 't', deviceId: 'd', spki: spkiOf(deviceKeys), ...validity },
    )
  assert.ok((await leafBy(authority.der)).der.includes(own))
  const leaf = await leafBy(named)
  assert.ok(leaf.der.includes(other) && !leaf.der.includes(own))
})

test('PEM and back is the same certificate', () => {
  assert.deepEqual(derOfPem(toPem(authority.der)), authority.der)
})
