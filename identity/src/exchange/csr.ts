// A certificate request read strictly: one PEM block, DER without slack, signed by the very key it asks for (telemetry 5).
// Names and extensions it asks for are passed over: the platform decides every name. What it is good for is exchange.ts.
import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { csrPemBytes } from '@muster/contract'
import { ok, type Result, refuse, sha256Hex } from '@muster/kernel'
import type { DeviceKey } from '../keys/public-key.ts'

export interface CertificateRequest {
  readonly key: DeviceKey
  /** What the request carries as its challenge password; null when it carries none. */
  readonly challenge: string | null
}

/** Why a request is no good, for the audit history. */
export const CSR_FAULTS = ['form', 'key', 'algorithm', 'signature'] as const
export type CsrFault = (typeof CSR_FAULTS)[number]

const block =
  /^\s*-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s([A-Za-z0-9+/=\s]+)-----END \1?CERTIFICATE REQUEST-----\s*$/
const maxDerBytes = 8192

const tags = { integer: 0x02, bits: 0x03, oid: 0x06, sequence: 0x30, set: 0x31, attributes: 0xa0 } as const

/** One value, where it stands in the bytes. */
interface Value {
  readonly tag: number
  readonly whole: Buffer
  readonly content: Buffer
}

class NotDer extends Error {}

const check: (isSo: boolean) => asserts isSo = (isSo) => {
  if (!isSo) throw new NotDer()
}

/** Definite and shortest lengths only; throws `NotDer`. */
const valueAt = (bytes: Buffer, at: number): Value => {
  check(at + 2 <= bytes.length)
  const tag = bytes.readUInt8(at)
  const first = bytes.readUInt8(at + 1)
  const width = first < 0x80 ? 0 : first & 0x7f
  check(first < 0x80 || (width >= 1 && width <= 2 && at + 2 + width <= bytes.length))
  const length = width === 0 ? first : bytes.readUIntBE(at + 2, width)
  check(width === 0 || length >= (width === 1 ? 0x80 : 0x100))
  const start = at + 2 + width
  check(start + length <= bytes.length)
  return { tag, whole: bytes.subarray(at, start + length), content: bytes.subarray(start, start + length) }
}

/** Exactly the values inside, to the last byte. */
const valuesIn = (bytes: Buffer): readonly Value[] => {
  const values: Value[] = []
  for (let at = 0; at < bytes.length; ) {
    const value = valueAt(bytes, at)
    values.push(value)
    at += value.whole.length
  }
  return values
}

const oidOf = (content: Buffer): string => {
  check(content.length > 0 && content.readUInt8(content.length - 1) < 0x80)
  const numbers: number[] = []
  let number = 0
  for (const byte of content) {
    number = number * 128 + (byte & 0x7f)
    check(Number.isSafeInteger(number))
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [first = 0, ...rest] = numbers
  const top = Math.min(2, Math.floor(first / 40))
  return [top, first - top * 40, ...rest].join('.')
}

interface Parts {
  readonly info: Buffer
  readonly spki: Buffer
  readonly attributes: Buffer
  readonly algorithm: string
  readonly signature: Buffer
}

const algorithmOf = (content: Buffer): string => {
  const [oid, parameters, ...rest] = valuesIn(content)
  check(oid !== undefined && oid.tag === tags.oid && rest.length === 0)
  // RSA says NULL, the others say nothing (RFC 4055, 5758, 8410).
  check(parameters === undefined || parameters.whole.equals(Buffer.of(5, 0)))
  return oidOf(oid.content)
}

const partsOf = (bytes: Buffer): Parts => {
  const outer = valueAt(bytes, 0)
  check(outer.tag === tags.sequence && outer.whole.length === bytes.length)
  const [info, algorithm, signature, ...beyond] = valuesIn(outer.content)
  check(info?.tag === tags.sequence && algorithm?.tag === tags.sequence && signature?.tag === tags.bits)
  check(beyond.length === 0 && signature.content.length > 1 && signature.content.readUInt8(0) === 0)
  const [version, name, spki, attributes, ...more] = valuesIn(info.content)
  check(version !== undefined && version.whole.equals(Buffer.of(tags.integer, 1, 0)))
  check(name?.tag === tags.sequence && spki?.tag === tags.sequence && attributes?.tag === tags.attributes)
  check(more.length === 0)
  return {
    info: info.whole,
    spki: spki.whole,
    attributes: attributes.content,
    algorithm: algorithmOf(algorithm.content),
    signature: signature.content.subarray(1),
  }
}

const challengePassword = '1.2.840.113549.1.9.7'

const challengeOf = (attributes: Buffer): string | null => {
  const found = valuesIn(attributes).flatMap((attribute) => {
    const [oid, values, ...rest] = valuesIn(attribute.content)
    check(attribute.tag === tags.sequence && oid?.tag === tags.oid && values?.tag === tags.set && rest.length === 0)
    return oidOf(oid.content) === challengePassword ? valuesIn(values.content) : []
  })
  check(found.length <= 1)
  return found[0]?.content.toString('utf8') ?? null
}

/** Which hash a signature algorithm takes, by the kind of key it is for; null for none of its own. */
const hashes: Readonly<Record<string, { readonly keyType: string; readonly hash: string | null }>> = {
  '1.2.840.10045.4.3.2': { keyType: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { keyType: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { keyType: 'ec', hash: 'sha512' },
  '1.2.840.113549.1.1.11': { keyType: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { keyType: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { keyType: 'rsa', hash: 'sha512' },
  '1.3.101.112': { keyType: 'ed25519', hash: null },
}

const isAcceptable = ({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean => {
  if (asymmetricKeyType === 'ed25519') return true
  if (asymmetricKeyType === 'ec') return /^(prime256v1|secp384r1)$/.test(asymmetricKeyDetails?.namedCurve ?? '')
  const bits = asymmetricKeyDetails?.modulusLength ?? 0
  // A huge exponent would make checking one signature a long job.
  const exponent = asymmetricKeyDetails?.publicExponent ?? 0n
  return asymmetricKeyType === 'rsa' && bits >= 2048 && bits <= 4096 && exponent >= 3n && exponent < 2n ** 33n
}

/** Undefined for what is no key, or is not spelled the one way a key is spelled: the digest of it names a device. */
const keyOf = (spki: Buffer): KeyObject | undefined => {
  try {
    const key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
    return isAcceptable(key) && key.export({ format: 'der', type: 'spki' }).equals(spki) ? key : undefined
  } catch {
    return undefined
  }
}

const derOf = (pem: string): Buffer | undefined => {
  const text = Buffer.byteLength(pem) <= csrPemBytes ? block.exec(pem)?.[2]?.replaceAll(/\s/g, '') : undefined
  if (text === undefined) return undefined
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text && bytes.length <= maxDerBytes ? bytes : undefined
}

const isSigned = ({ info, signature }: Parts, key: KeyObject, hash: string | null): boolean => {
  try {
    return verify(hash, info, key, signature)
  } catch {
    return false
  }
}

/** The key of a request that its own holder signed; the detail of a refusal is one of `CSR_FAULTS`. */
export const readCertificateRequest = (pem: string): Result<CertificateRequest, 'csr_invalid'> => {
  const fault = (what: CsrFault) => refuse('csr_invalid', what)
  try {
    const bytes = derOf(pem)
    if (bytes === undefined) return fault('form')
    const parts = partsOf(bytes)
    const challenge = challengeOf(parts.attributes)
    const key = keyOf(parts.spki)
    if (key === undefined) return fault('key')
    const rule = hashes[parts.algorithm]
    if (rule === undefined || rule.keyType !== key.asymmetricKeyType) return fault('algorithm')
    if (!isSigned(parts, key, rule.hash)) return fault('signature')
    return ok({ key: { spki: Buffer.from(parts.spki), fingerprint: sha256Hex(parts.spki) }, challenge })
  } catch (error) {
    if (error instanceof NotDer) return fault('form')
    throw error
  }
}
