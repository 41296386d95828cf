// Certificate requests as agents make them, and as they should not, for tests.
// Reading them is csr.ts.
import { type KeyObject, sign } from 'node:crypto'
import { der } from '../authority/der.ts'

export const pemOf = (bytes: Buffer): string =>
  [
    '-----BEGIN CERTIFICATE REQUEST-----',
    ...(bytes.toString('base64').match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE REQUEST-----',
    '',
  ].join('\n')

interface Pair {
  readonly publicKey: KeyObject
  readonly privateKey: KeyObject
}

interface More {
  readonly commonName?: string
  readonly challenge?: string
  /** Further attributes, such as an extension request. */
  readonly attributes?: readonly Buffer[]
  readonly algorithm?: Buffer
  readonly signWith?: (info: Buffer) => Buffer
}

const nullValue = Buffer.of(5, 0)

const algorithmFor = ({ publicKey }: Pair): Buffer => {
  if (publicKey.asymmetricKeyType === 'ed25519') return der.sequence(der.oid('1.3.101.112'))
  if (publicKey.asymmetricKeyType === 'rsa') return der.sequence(der.oid('1.2.840.113549.1.1.11'), nullValue)
  return der.sequence(der.oid('1.2.840.10045.4.3.2'))
}

const attribute = (oid: string, value: Buffer): Buffer => der.sequence(der.oid(oid), der.set(value))

/** A request for the pair's public key, signed by its private one; both may be of different pairs. */
export const requestFor = (pair: Pair, more: More = {}): string => {
  const hash = pair.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  const { signWith = (info: Buffer) => sign(hash, info, pair.privateKey) } = more
  const challenge = more.challenge === undefined ? [] : [attribute('1.2.840.113549.1.9.7', der.utf8(more.challenge))]
  const name = der.set(der.sequence(der.oid('2.5.4.3'), der.utf8(more.commonName ?? 'oneprotect-agent')))
  const info = der.sequence(
    der.integer(Buffer.of(0)),
    der.sequence(name),
    pair.publicKey.export({ format: 'der', type: 'spki' }),
    der.wrapped(0, ...challenge, ...(more.attributes ?? [])),
  )
  return pemOf(der.sequence(info, more.algorithm ?? algorithmFor(pair), der.bits(signWith(info))))
}
