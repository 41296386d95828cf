// The numbers and TLS settings of the device listener.
// They are options of Node's server and nothing more; what is done with a connection is the listener's.
import { constants, X509Certificate } from 'node:crypto'
import type { ServerOptions } from 'node:http'
import type { ServerOptions as TlsServerOptions } from 'node:https'

export interface GatewayTls {
  /** The server's own certificate chain and key, PEM. */
  readonly cert: string
  readonly key: string
  /** The device authorities, PEM; during a rotation there are two. */
  readonly ca: readonly string[]
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3'
}

export interface GatewayLimits {
  /** Open connections; beyond them new ones are dropped before the handshake. */
  readonly connections: number
  readonly handshakeMs: number
  /** Handshakes under way; beyond them clients wait their turn. */
  readonly handshakesAtOnce: number
  /** A handshake that takes longer waits for its client, and keeps nobody else waiting; less where many do. */
  readonly handshakeStallMs: number
  /** From the first byte of a request to the end of its head. */
  readonly headersMs: number
  /** From the first byte of a request to the end of its body: 16 MiB over a slow uplink must fit. */
  readonly requestMs: number
  /**
   * How long a connection may carry nothing, between requests or within one. Longer than any check-in interval, so that
   * a quiet device keeps its connection (ARCHITECTURE 8).
   */
  readonly idleMs: number
  readonly headerBytes: number
  /** Bytes of unanswered bodies held in memory, all requests together. */
  readonly heldBodyBytes: number
}

export const defaultLimits: GatewayLimits = {
  connections: 100_000,
  handshakeMs: 20_000,
  handshakesAtOnce: 128,
  handshakeStallMs: 5000,
  headersMs: 20_000,
  requestMs: 300_000,
  idleMs: 185_000,
  headerBytes: 16_384,
  heldBodyBytes: 512 * 1024 * 1024,
}

/** Thousands of devices come back in one second after a restart; the kernel cuts this to its own maximum. */
export const backlog = 65_535

/** The timers of Node's server look this often, so a limit is met at most this late. */
const checkEveryMs = 2000

export const httpOptions = (limits: GatewayLimits): ServerOptions => ({
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
  // The socket's own timeout does this too, and is not set anew at every request.
  keepAliveTimeout: 0,
  headersTimeout: limits.headersMs,
  requestTimeout: limits.requestMs,
  connectionsCheckingInterval: Math.min(checkEveryMs, limits.headersMs),
  maxHeaderSize: limits.headerBytes,
  insecureHTTPParser: false,
})

/**
 * No resumption of any kind: a resumed session would not present its certificate again (sensor-protocol 3.4). Without
 * tickets TLS 1.3 falls back to sessions kept by the server, and this server keeps none.
 */
const secureOptions = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION

const secondCertificate = /-----END CERTIFICATE-----[^]*-----BEGIN CERTIFICATE-----/

/**
 * A certificate that comes alone, with its issuer if that is one of the authorities. OpenSSL shows both in any case, but
 * would look for the issuer and check its signature anew in every handshake.
 */
const chainOf = ({ cert, ca }: GatewayTls): string => {
  if (secondCertificate.test(cert)) return cert
  const leaf = new X509Certificate(cert)
  const issuer = ca.find((pem) => {
    const authority = new X509Certificate(pem)
    return leaf.checkIssued(authority) && leaf.verify(authority.publicKey)
  })
  return issuer === undefined ? cert : `${cert.trimEnd()}\n${issuer}`
}

export const secureContextOptions = (tls: GatewayTls): TlsServerOptions => ({
  cert: chainOf(tls),
  key: tls.key,
  ca: [...tls.ca],
  minVersion: tls.minVersion ?? 'TLSv1.2',
  secureOptions,
})

/** A certificate is asked for and never demanded, because enrolment comes without one on the same address. */
export const tlsOptions = (tls: GatewayTls, limits: GatewayLimits): TlsServerOptions => ({
  ...httpOptions(limits),
  ...secureContextOptions(tls),
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: limits.handshakeMs,
  // Nobody reads a socket before its turn; the TLS of one whose turn has come reads on its own.
  pauseOnConnect: true,
})
