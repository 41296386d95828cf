// Certificates made for one test run: authorities and leaves of any validity and usage.
// Only tests use it; what the product issues is identity's business.
import type { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const dayMs = 86_400_000

export interface TestAuthority {
  readonly certificate: x509.X509Certificate
  readonly certPem: string
  readonly keyPem: string
  readonly keys: webcrypto.CryptoKeyPair
}

export interface TestLeaf {
  readonly certPem: string
  readonly keyPem: string
  readonly certDer: Uint8Array
  /** SHA-256 of the DER, lower-case hex without colons, as a peer is known to the gateway. */
  readonly fingerprint256Hex: string
}

export interface LeafOrder {
  readonly name: string
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
  /** `none` leaves the extended key usage out altogether. */
  readonly usage?: 'client' | 'server' | 'none'
  readonly hosts?: readonly string[]
}

const keyPemOf = async (keys: webcrypto.CryptoKeyPair): Promise<string> =>
  x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY')

const newKeys = (): Promise<webcrypto.CryptoKeyPair> => crypto.subtle.generateKey(curve, true, ['sign', 'verify'])

const serialNumber = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(12))).toString('hex')

const extendedUsages = (usage: 'client' | 'server' | 'none'): x509.Extension[] => {
  if (usage === 'none') return []
  const purpose = usage === 'client' ? x509.ExtendedKeyUsage.clientAuth : x509.ExtendedKeyUsage.serverAuth
  return [new x509.ExtendedKeyUsageExtension([purpose])]
}

const alternativeNames = (hosts: readonly string[]): x509.Extension[] =>
  hosts.length === 0
    ? []
    : [
        new x509.SubjectAlternativeNameExtension(
          hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? 'ip' : 'dns', value }) as const),
        ),
      ]

/** A self-signed P-256 authority that lives for ten years. */
export const makeAuthority = async (name = 'test authority'): Promise<TestAuthority> => {
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + 3650 * dayMs),
    signingAlgorithm: curve,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate, certPem: certificate.toString('pem'), keyPem: await keyPemOf(keys), keys }
}

/** An authority that exists already, such as a fleet's own, from its PEM certificate and key. */
export const adoptAuthority = async (certPem: string, keyPem: string): Promise<TestAuthority> => {
  const certificate = new x509.X509Certificate(certPem)
  const pkcs8 = x509.PemConverter.decodeFirst(keyPem)
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, curve, true, ['sign'])
  return {
    certificate,
    certPem,
    keyPem,
    keys: { privateKey, publicKey: await certificate.publicKey.export(curve, ['verify']) },
  }
}

const signLeaf = async (
  authority: TestAuthority,
  publicKey: x509.PublicKey | webcrypto.CryptoKey,
  order: LeafOrder,
): Promise<x509.X509Certificate> => {
  return x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: `CN=${order.name}`,
    issuer: authority.certificate.subject,
    notBefore: new Date(order.notBeforeMs ?? Date.now() - 300_000),
    notAfter: new Date(order.notAfterMs ?? Date.now() + 365 * dayMs),
    signingKey: authority.keys.privateKey,
    publicKey,
    signingAlgorithm: curve,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      // Two authorities may have one name; their keys tell them apart.
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
      ...extendedUsages(order.usage ?? 'client'),
      ...alternativeNames(order.hosts ?? []),
    ],
  })
}

/** A certificate for a key that somebody else holds, as a device's is. */
export const certify = (authority: TestAuthority, publicKeyPem: string, order: LeafOrder) =>
  signLeaf(authority, new x509.PublicKey(publicKeyPem), order)

/** A leaf directly under `authority`; by default a client certificate that is valid now. */
export const makeLeaf = async (authority: TestAuthority, order: LeafOrder): Promise<TestLeaf> => {
  const keys = await newKeys()
  const certificate = await signLeaf(authority, keys.publicKey, order)
  return {
    certPem: certificate.toString('pem'),
    keyPem: await keyPemOf(keys),
    certDer: new Uint8Array(certificate.rawData),
    fingerprint256Hex: Buffer.from(await certificate.getThumbprint('SHA-256')).toString('hex'),
  }
}

/** A server certificate for loopback by name and address. */
export const makeServerLeaf = (authority: TestAuthority): Promise<TestLeaf> =>
  makeLeaf(authority, { name: 'localhost', usage: 'server', hosts: ['localhost', '127.0.0.1', '::1'] })
