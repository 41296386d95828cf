// The public key a device enrolls with: base64 of PEM or of raw DER, on P-256 (sensor-protocol 3.2).
// Whether the device holds the private half is proven by its first TLS handshake, not here.
import { createPublicKey, type webcrypto } from 'node:crypto'
import { ok, type Result, refuse, sha256Hex } from '@muster/kernel'

export interface DeviceKey {
  /** SubjectPublicKeyInfo with a named curve and an uncompressed point: 91 bytes, whatever form was sent. */
  readonly spki: Buffer
  /** SHA-256 of `spki`, lower-case hex. */
  readonly fingerprint: string
}

/** A PEM of a P-256 key is 177 bytes; this leaves room for comments and wide line endings. */
const maxTextLength = 4096
const base64 = /^[A-Za-z0-9+/]+={0,2}$/
const header = '-----BEGIN PUBLIC KEY-----'
const footer = '-----END PUBLIC KEY-----'
const prefix = Buffer.from('3059301306072a8648ce3d020106082a8648ce3d030107034200', 'hex')

const decode = (text: string): Buffer | undefined => (base64.test(text) ? Buffer.from(text, 'base64') : undefined)

/** DER as it is, or what stands between the armour of a PEM; CRLF, comments around it and a last newline are fine. */
const unwrap = (bytes: Buffer): Buffer | undefined => {
  const start = bytes.indexOf(header)
  if (start === -1) return bytes
  const end = bytes.indexOf(footer, start)
  if (end === -1) return undefined
  return decode(bytes.toString('latin1', start + header.length, end).replace(/[\r\n\t ]+/g, ''))
}

/** OpenSSL refuses points off the curve while it decodes, and the one at infinity when it is asked where that is. */
const readPoint = (der: Buffer): webcrypto.JsonWebKey | undefined => {
  try {
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? key.export({ format: 'jwk' }) : undefined
  } catch {
    return undefined
  }
}

const canonical = ({ x, y }: webcrypto.JsonWebKey): Buffer | undefined => {
  if (x === undefined || y === undefined) return undefined
  return Buffer.concat([prefix, Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
}

/** The key in one form for every spelling of it, so that the same key is always the same device. */
export const parseDeviceKey = (publicKey: string): Result<DeviceKey, 'public_key_unacceptable'> => {
  const bytes = publicKey.length <= maxTextLength ? decode(publicKey) : undefined
  const der = bytes && unwrap(bytes)
  const point = der && readPoint(der)
  const spki = point && canonical(point)
  return spki === undefined ? refuse('public_key_unacceptable') : ok({ spki, fingerprint: sha256Hex(spki) })
}
