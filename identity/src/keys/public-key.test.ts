// Which spellings of a public key are taken, which are not, and that no bytes at all can hurt.
// Enrolling with a key is tested in enroll/.
import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseDeviceKey } from './public-key.ts'

const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')
const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const der = pair.publicKey.export({ type: 'spki', format: 'der' })
const pem = pair.publicKey.export({ type: 'spki', format: 'pem' })

const derOf = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })
const withByte = (bytes: Buffer, at: number, value: number): Buffer => {
  const copy = Buffer.from(bytes)
  copy[at] = value
  return copy
}
const compressed = (): Buffer => {
  const head = Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex')
  return Buffer.concat([head, Buffer.of(2 + ((der[90] as number) & 1)), der.subarray(27, 59)])
}

const accepted: Record<string, string> = {
  'a PEM as the sensor sends it, without a last newline': base64(pem.trimEnd()),
  'a PEM with a last newline': base64(pem),
  'a PEM with CRLF': base64(pem.replaceAll('\n', '\r\n')),
  'a PEM under a comment': base64(`key of a machine\n${pem}`),
  'raw DER': base64(der),
  'raw DER with a compressed point': base64(compressed()),
}
for (const [name, sent] of Object.entries(accepted))
  test(`${name} is taken, and is the same key`, () => {
    const parsed = parseDeviceKey(sent)
    assert.ok(parsed.ok)
    assert.deepEqual(parsed.value.spki, der)
    assert.equal(parsed.value.fingerprint, parseDeviceKeyOf(der))
    assert.equal(parsed.value.spki.length, 91)
    createPublicKey({ key: parsed.value.spki, format: 'der', type: 'spki' })
  })

const parseDeviceKeyOf = (bytes: Buffer): string => {
  const parsed = parseDeviceKey(base64(bytes))
  assert.ok(parsed.ok)
  return parsed.value.fingerprint
}

const refused: Record<string, string> = {
  nothing: '',
  'text that is not base64': 'not base64!',
  'URL-safe base64': base64(der).replaceAll('/', '_').replaceAll('+', '-').concat('_'),
  'base64 with line breaks': `${base64(pem).slice(0, 76)}\n${base64(pem).slice(76)}`,
  'a PEM without its end': base64(pem.slice(0, 120)),
  'a PEM whose body is not base64': base64(pem.replace('MFkw', '****')),
  'a private key': base64(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })),
  'P-384': base64(derOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey)),
  secp256k1: base64(derOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)),
  Ed25519: base64(derOf(generateKeyPairSync('ed25519').publicKey)),
  RSA: base64(derOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)),
  'a point off the curve': base64(withByte(der, 90, (der[90] as number) ^ 1)),
  'a point that is all zero': base64(Buffer.concat([der.subarray(0, 27), Buffer.alloc(64)])),
  'the point at infinity': base64(Buffer.from('3019301306072a8648ce3d020106082a8648ce3d03010703020000', 'hex')),
  'DER cut short': base64(der.subarray(0, 90)),
  'a text of a megabyte': 'A'.repeat(1_000_000),
}
for (const [name, sent] of Object.entries(refused))
  test(`${name} is refused`, () => {
    const parsed = parseDeviceKey(sent)
    assert.equal(parsed.ok, false)
  })

const isVerdict = (sent: string): boolean => {
  const parsed = parseDeviceKey(sent)
  return parsed.ok ? parsed.value.spki.length === 91 : parsed.refusal.code === 'public_key_unacceptable'
}

test('any text gets a verdict', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 6000 }), isVerdict))
})

test('any bytes get a verdict', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => isVerdict(base64(bytes))))
})

test('a key with any bytes changed gets a verdict, armoured or not', () => {
  const change = fc.tuple(fc.nat({ max: der.length - 1 }), fc.nat({ max: 255 }))
  const changed = (changes: readonly [number, number][]): Buffer =>
    changes.reduce<Buffer>((bytes, [at, value]) => withByte(bytes, at, value), Buffer.from(der))
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.boolean(), (changes, armoured) => {
      const bytes = changed(changes)
      const armour = `-----BEGIN PUBLIC KEY-----\n${base64(bytes)}\n-----END PUBLIC KEY-----`
      return isVerdict(base64(armoured ? armour : bytes))
    }),
  )
})

test('a PEM cut and repeated anywhere gets a verdict', () => {
  const cut = fc.nat({ max: pem.length })
  fc.assert(fc.property(cut, cut, (left, right) => isVerdict(base64(pem.slice(0, left) + pem.slice(right)))))
})
