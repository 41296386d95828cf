// Certificates in the spellings proxies have for them, and whether one stands up to what a TLS handshake asks. Pure.
// Who may hand one over is hand-over.ts.
import { X509Certificate } from 'node:crypto'
import { fingerprintOf, presentsForClients } from '../../certificate.ts'
import type { Peer } from '../../peer.ts'

/** `:base64:` of RFC 9440, base64 of DER, PEM with its line breaks percent-encoded or made spaces. */
const derOf = (text: string): Buffer | undefined => {
  const plain = text.includes('%') ? decoded(text) : text
  const armoured = /^-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----\s*$/.exec(plain)?.[1]
  const field = /^:([A-Za-z0-9+/=]+):$/.exec(plain)?.[1]
  const base64 = armoured?.replaceAll(/\s/g, '') ?? field ?? plain
  return /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : undefined
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/** Undefined for what is not exactly one certificate. */
export const readCertificate = (text: string): X509Certificate | undefined => {
  const der = derOf(text.trim())
  if (der === undefined) return undefined
  try {
    return new X509Certificate(der)
  } catch {
    return undefined
  }
}

/** What does not change as long as the authorities do not. */
export interface HandedCertificate {
  readonly peer: Omit<Peer, 'authorized' | 'authorizationError'>
  readonly beginsMs: number
  /** The earlier end of the certificate and of who signed it. */
  readonly endsMs: number
  /** OpenSSL's name for what is wrong with it at any time. */
  readonly fault: string | undefined
}

export const judgeCertificate = (leaf: X509Certificate, authorities: readonly X509Certificate[]): HandedCertificate => {
  const issuer = authorities.find((authority) => leaf.checkIssued(authority) && leaf.verify(authority.publicKey))
  const ends = [leaf, ...(issuer === undefined ? [] : [issuer])].map(({ validToDate }) => validToDate.getTime())
  const purpose = presentsForClients(leaf) ? undefined : 'INVALID_PURPOSE'
  return {
    peer: { fingerprint256Hex: fingerprintOf(leaf) },
    beginsMs: leaf.validFromDate.getTime(),
    endsMs: Math.min(...ends),
    fault: issuer === undefined ? 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' : purpose,
  }
}

const faultAt = ({ fault, beginsMs, endsMs }: HandedCertificate, nowMs: number): string | undefined => {
  if (fault !== undefined) return fault
  if (nowMs < beginsMs) return 'CERT_NOT_YET_VALID'
  return nowMs > endsMs ? 'CERT_HAS_EXPIRED' : undefined
}

/** As a handshake would have left it. */
export const peerAt = (handed: HandedCertificate, nowMs: number): Peer => {
  const authorizationError = faultAt(handed, nowMs)
  return { ...handed.peer, authorized: authorizationError === undefined, authorizationError }
}
