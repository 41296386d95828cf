// The bytes of the three certificates there are: authority, device leaf, gateway leaf (sensor-protocol 3.3).
// They are written here, and not by a library, for the reasons in docs/adr/0010-own-certificates.md.
import { createHash, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { sha256Hex } from '@muster/kernel'
import { der, derChildren, derContent } from './der.ts'

/** A DER signature, ECDSA over SHA-256 of the bytes. */
export type Sign = (bytes: Buffer) => Promise<Buffer>

export const signWith =
  (key: KeyObject): Sign =>
  async (bytes) =>
    sign('sha256', bytes, key)

export interface Issuer {
  readonly authorityId: string
  readonly certificateDer: Buffer
  readonly sign: Sign
}

export interface Validity {
  readonly notBeforeMs: number
  readonly notAfterMs: number
}

export interface IssuedCertificate extends Validity {
  readonly authorityId: string
  readonly der: Buffer
  /** Lower-case hex. */
  readonly serial: string
  /** SHA-256 of the certificate, lower-case hex. */
  readonly fingerprint: string
}

const ecdsaWithSha256 = der.sequence(der.oid('1.2.840.10045.4.3.2'))
const serverAuth = '1.3.6.1.5.5.7.3.1'
const clientAuth = '1.3.6.1.5.5.7.3.2'

const attribute = (oid: string, value: string): Buffer => der.set(der.sequence(der.oid(oid), der.utf8(value)))
const nameOf = (parts: { commonName: string; organization?: string }): Buffer =>
  der.sequence(
    ...(parts.organization === undefined ? [] : [attribute('2.5.4.10', parts.organization)]),
    attribute('2.5.4.3', parts.commonName),
  )

const extension = (oid: string, critical: boolean, value: Buffer): Buffer =>
  der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value))

const basicConstraints = (isAuthority: boolean): Buffer =>
  extension('2.5.29.19', true, isAuthority ? der.sequence(der.boolean(true)) : der.sequence())
const digitalSignature = extension('2.5.29.15', true, der.bits(Buffer.of(0x80), 7))
const signsCertificates = extension('2.5.29.15', true, der.bits(Buffer.of(0x06), 1))
const purpose = (oid: string): Buffer => extension('2.5.29.37', false, der.sequence(der.oid(oid)))
const alternativeNames = (...names: readonly Buffer[]): Buffer => extension('2.5.29.17', false, der.sequence(...names))

/** RFC 5280 4.2.1.2, method 1: SHA-1 of the key bits, without the count of unused ones before them. */
const keyIdOf = (spki: Buffer): Buffer => {
  const bits = derContent(derChildren(spki)[1] as Buffer)
  return createHash('sha1').update(bits.subarray(1)).digest()
}
const subjectKeyId = der.oid('2.5.29.14')
const subjectKey = (spki: Buffer): Buffer => extension('2.5.29.14', false, der.octets(keyIdOf(spki)))
const issuerKey = (keyId: Buffer): Buffer => extension('2.5.29.35', false, der.sequence(der.context(0, keyId)))

const ipv6Bytes = (address: string): Buffer => {
  const [left = '', right] = new SocketAddress({ address, family: 'ipv6' }).address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const head = groups(left)
  const tail = groups(right ?? '')
  const middle: string[] = right === undefined ? [] : Array(8 - head.length - tail.length).fill('0')
  return Buffer.from([...head, ...middle, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const hostName = (host: string): Buffer => {
  if (isIPv4(host)) return der.context(7, Buffer.from(host.split('.').map(Number)))
  if (isIPv6(host)) return der.context(7, ipv6Bytes(host))
  return der.context(2, Buffer.from(host))
}

interface Subject extends Validity {
  readonly name: Buffer
  readonly issuerName: Buffer
  readonly spki: Buffer
  readonly extensions: readonly Buffer[]
}

/** 128 bits, of which 126 are random: positive and never with a leading zero. */
const randomSerial = (): Buffer => {
  const serial = randomBytes(16)
  serial[0] = ((serial[0] as number) & 0x3f) | 0x40
  return serial
}

const seal = async (subject: Subject, authorityId: string, signBytes: Sign): Promise<IssuedCertificate> => {
  const serial = randomSerial()
  const { notBeforeMs, notAfterMs } = subject
  const tbs = der.sequence(
    der.wrapped(0, der.integer(Buffer.of(2))),
    der.integer(serial),
    ecdsaWithSha256,
    subject.issuerName,
    der.sequence(der.time(notBeforeMs), der.time(notAfterMs)),
    subject.name,
    subject.spki,
    der.wrapped(3, der.sequence(...subject.extensions)),
  )
  const bytes = der.sequence(tbs, ecdsaWithSha256, der.bits(await signBytes(tbs)))
  const fingerprint = sha256Hex(bytes)
  return { authorityId, der: bytes, serial: serial.toString('hex'), fingerprint, notBeforeMs, notAfterMs }
}

interface IssuerFields {
  readonly name: Buffer
  /** How its own certificate names its key, which a chain is followed by. */
  readonly keyId: Buffer
}

const fieldsOfIssuer = new WeakMap<Issuer, IssuerFields>()

/** RFC 5280 4.2.1.2, out of the extensions of a certificate that somebody else may have made. */
const namedKeyId = (extensions: Buffer | undefined): Buffer | undefined => {
  if (extensions === undefined || extensions[0] !== 0xa3) return undefined
  const found = derChildren(derChildren(extensions)[0] as Buffer)
    .map(derChildren)
    .find(([oid]) => oid?.equals(subjectKeyId))
  const octets = found?.at(-1)
  return octets && derContent(derContent(octets))
}

/** RFC 5280 4.1: version, serial, algorithm, issuer, validity, subject, key. The bytes are taken as they stand. */
const fieldsOf = (issuer: Issuer): IssuerFields => {
  const known = fieldsOfIssuer.get(issuer)
  if (known !== undefined) return known
  const [tbs] = derChildren(issuer.certificateDer)
  const [, , , , , name, spki, ...rest] = derChildren(tbs as Buffer)
  const fields = { name: name as Buffer, keyId: namedKeyId(rest.at(-1)) ?? keyIdOf(spki as Buffer) }
  fieldsOfIssuer.set(issuer, fields)
  return fields
}

export const issueAuthority = (
  authorityId: string,
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  validity: Validity,
): Promise<IssuedCertificate> => {
  const name = nameOf({ commonName: `Muster fleet authority ${authorityId}` })
  const spki = keys.publicKey.export({ type: 'spki', format: 'der' })
  const extensions = [basicConstraints(true), signsCertificates, subjectKey(spki), issuerKey(keyIdOf(spki))]
  return seal({ ...validity, name, issuerName: name, spki, extensions }, authorityId, signWith(keys.privateKey))
}

export interface DeviceLeaf extends Validity {
  readonly tenantId: string
  readonly deviceId: string
  /** Such a certificate names the agent and not the device. */
  readonly agentId?: string | undefined
  readonly spki: Buffer
}

const uriOf = ({ tenantId, deviceId, agentId }: DeviceLeaf): string =>
  agentId === undefined
    ? `urn:koban:tenant:${tenantId}:device:${deviceId}`
    : `urn:oneprotect:tenant:${tenantId}:agent:${agentId}`

/** A client certificate directly under the authority, for exactly the enrolled key. */
export const issueDeviceLeaf = (issuer: Issuer, leaf: DeviceLeaf): Promise<IssuedCertificate> => {
  const { name: issuerName, keyId } = fieldsOf(issuer)
  const { tenantId, deviceId, agentId, spki } = leaf
  const extensions = [
    basicConstraints(false),
    digitalSignature,
    purpose(clientAuth),
    alternativeNames(der.context(6, Buffer.from(uriOf(leaf)))),
    subjectKey(spki),
    issuerKey(keyId),
  ]
  const name = nameOf({ commonName: agentId ?? deviceId, organization: tenantId })
  return seal({ ...leaf, name, issuerName, extensions }, issuer.authorityId, issuer.sign)
}

export interface ServerLeaf extends Validity {
  /** DNS names and IP addresses; at least one. */
  readonly hosts: readonly string[]
  readonly spki: Buffer
}

export const issueServerLeaf = (issuer: Issuer, leaf: ServerLeaf): Promise<IssuedCertificate> => {
  const { name: issuerName, keyId } = fieldsOf(issuer)
  const extensions = [
    basicConstraints(false),
    digitalSignature,
    purpose(serverAuth),
    alternativeNames(...leaf.hosts.map(hostName)),
    subjectKey(leaf.spki),
    issuerKey(keyId),
  ]
  const name = nameOf({ commonName: 'Muster gateway' })
  return seal({ ...leaf, name, issuerName, extensions }, issuer.authorityId, issuer.sign)
}

export const toPem = (certificateDer: Buffer): string => {
  const lines = certificateDer.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

export const derOfPem = (pem: string): Buffer => new X509Certificate(pem).raw

export const certificateExpiresMs = (certificate: X509Certificate): number => certificate.validToDate.getTime()
