// The certificate a caller presented in the TLS handshake, as facts.
// Whether these facts open anything is decided elsewhere, on every request.
import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { fingerprintOf, presentsForClients } from './certificate.ts'

/** The client certificate of a TLS connection as the handshake left it. */
export interface Peer {
  /** SHA-256 of the DER certificate in lower-case hex. */
  readonly fingerprint256Hex: string
  /** Whether the chain, the dates and the usage were right at the handshake. */
  readonly authorized: boolean
  /** OpenSSL's name for what was wrong, such as `CERT_HAS_EXPIRED`. */
  readonly authorizationError: string | undefined
}

/** `null` when no certificate was presented, or the connection is plain. */
export const readPeer = (socket: Socket): Peer | null => {
  if (!(socket instanceof TLSSocket)) return null
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return null
  const rightUsage = presentsForClients(certificate)
  const chainError = socket.authorized ? undefined : String(socket.authorizationError)
  return {
    fingerprint256Hex: fingerprintOf(certificate),
    authorized: socket.authorized && rightUsage,
    authorizationError: chainError ?? (rightUsage ? undefined : 'INVALID_PURPOSE'),
  }
}
