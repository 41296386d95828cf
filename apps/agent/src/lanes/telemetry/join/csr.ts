// The certificate request of this device: its key, and the proof that it has the other half (telemetry 5, RFC 2986).
// Names in it mean nothing, the server gives its own; so this writes one fixed form and reads none.
import { createPublicKey, type KeyObject, sign } from 'node:crypto'

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const length = body.length < 0x80 ? Buffer.of(body.length) : Buffer.of(0x81, body.length)
  return Buffer.concat([Buffer.of(tag), length, body])
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts)

const commonName = Buffer.from('550403', 'hex')
const ecdsaWithSha256 = Buffer.from('2a8648ce3d040302', 'hex')

const version = tlv(0x02, Buffer.of(0))
const subject = sequence(tlv(0x31, sequence(tlv(0x06, commonName), tlv(0x0c, Buffer.from('muster-agent')))))
const noAttributes = tlv(0xa0)

/** PEM of a PKCS#10 request for a P-256 key, signed by that key. */
export const makeCsr = (privateKey: KeyObject): string => {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const info = sequence(version, subject, spki, noAttributes)
  const signature = sign('sha256', info, { key: privateKey, dsaEncoding: 'der' })
  const csr = sequence(info, sequence(tlv(0x06, ecdsaWithSha256)), tlv(0x03, Buffer.of(0), signature))
  const lines = csr.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE REQUEST-----', ...lines, '-----END CERTIFICATE REQUEST-----', ''].join('\n')
}
