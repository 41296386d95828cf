// Certificate requests against the published vector (telemetry 22), against requests others make, and against tampering.
// What an exchange does with one is exchange.test.ts.
import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { test } from 'node:test'
import fc from 'fast-check'
import { der } from '../authority/der.ts'
import { pemOf, requestFor } from './csr.fixture.ts'
import { readCertificateRequest } from './csr.ts'

const vector = `-----BEGIN CERTIFICATE REQUEST-----
MIHVMH0CAQAwGzEZMBcGA1UEAwwQb25lcHJvdGVjdC1hZ2VudDBZMBMGByqGSM49
AgEGCCqGSM49AwEHA0IABPVJWMLQx5hbeGLe8RYsx5iDhiYIR3TTjfw66R3yqT44
RVrjToDTQXjIkTyx/gkCc93O1LMrFmgr48wbm9P9JAegADAKBggqhkjOPQQDAgNI
ADBFAiEA1vEdyqdq0Xh6aDnHQmYSHqXqbZ7yHEvtNJEPL0/Oh7QCIA3/gnDmx705
dFxWrQsxb+GbK91gVJ/3rA1GJMYxZSn6
-----END CERTIFICATE REQUEST-----
`
const vectorDer = Buffer.from(vector.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64')

const faultOf = (pem: string): string => {
  const read = readCertificateRequest(pem)
  return read.ok ? 'none' : (read.refusal.detail ?? '')
}

test('the published request is read, and its key has the published digest', () => {
  const read = readCertificateRequest(vector)
  assert.ok(read.ok)
  assert.equal(read.value.key.spki.length, 91)
  assert.equal(read.value.key.fingerprint, '351f1ccefb1393f09da55aa20a3e5f28cd70642b8d937db48058382217233f9b')
  assert.equal(read.value.challenge, null)
})

test('any bit turned anywhere makes it no good', () => {
  fc.assert(
    fc.property(fc.nat(vectorDer.length * 8 - 1), (bit) => {
      const bytes = Buffer.from(vectorDer)
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      return !readCertificateRequest(pemOf(bytes)).ok
    }),
    { numRuns: 400 },
  )
})

test('any bytes at all are judged without a fault', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => !readCertificateRequest(pemOf(Buffer.from(bytes))).ok),
  )
})

const pairs: readonly (readonly [
  name: string,
  pair: () => { privateKey: KeyObject; publicKey: KeyObject },
  fault: string,
])[] = [
  ['P-256', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }), 'none'],
  ['P-384', () => generateKeyPairSync('ec', { namedCurve: 'P-384' }), 'none'],
  ['Ed25519', () => generateKeyPairSync('ed25519'), 'none'],
  ['RSA 2048', () => generateKeyPairSync('rsa', { modulusLength: 2048 }), 'none'],
  ['RSA 1024', () => generateKeyPairSync('rsa', { modulusLength: 1024 }), 'key'],
  ['P-521', () => generateKeyPairSync('ec', { namedCurve: 'P-521' }), 'key'],
  ['secp256k1', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'key'],
]
for (const [name, pair, fault] of pairs)
  test(`a key on ${name}: ${fault}`, () => assert.equal(faultOf(requestFor(pair())), fault))

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })

test('both labels are fine, around them white space, and nothing else', () => {
  const renamed = vector.replaceAll('CERTIFICATE REQUEST', 'NEW CERTIFICATE REQUEST')
  assert.equal(faultOf(`\n${renamed.replaceAll('\n', '\r\n')}\n`), 'none')
  assert.equal(faultOf(vector + vector), 'form')
  assert.equal(faultOf(`a comment\n${vector}`), 'form')
  assert.equal(faultOf(vector.replaceAll('CERTIFICATE REQUEST', 'CERTIFICATE')), 'form')
  assert.equal(faultOf(`${vector}${' '.repeat(16 * 1024)}`), 'form')
})

test('trailing bytes, long lengths and more than 8 KiB are slack', () => {
  assert.equal(faultOf(pemOf(Buffer.concat([vectorDer, Buffer.of(0)]))), 'form')
  const longer = Buffer.concat([Buffer.of(0x30, 0x82, 0, 0xd5), vectorDer.subarray(3)])
  assert.equal(faultOf(pemOf(longer)), 'form')
  assert.equal(faultOf(pemOf(Buffer.concat([Buffer.of(0x30, 0x80), vectorDer.subarray(3), Buffer.of(0, 0)]))), 'form')
  assert.equal(faultOf(requestFor(pair, { commonName: 'x'.repeat(9000) })), 'form')
})

test('a signature by another key, or by a weak hash, proves nothing', () => {
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  assert.equal(faultOf(requestFor({ publicKey: pair.publicKey, privateKey: other.privateKey })), 'signature')
  const weak = requestFor(pair, {
    algorithm: der.sequence(der.oid('1.2.840.10045.4.1')),
    signWith: (info) => sign('sha1', info, pair.privateKey),
  })
  assert.equal(faultOf(weak), 'algorithm')
  const crossed = requestFor(pair, { algorithm: der.sequence(der.oid('1.3.101.112')) })
  assert.equal(faultOf(crossed), 'algorithm')
})

test('the challenge password is read', () => {
  const read = readCertificateRequest(requestFor(pair, { challenge: 'the-nonce' }))
  assert.equal(read.ok && read.value.challenge, 'the-nonce')
})
