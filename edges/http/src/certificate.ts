// What a certificate says of itself, wherever it came from: its fingerprint, and whether it was made for clients. Pure.
// Everything else that is asked of it is the handshake's, or hand-over's.
import type { X509Certificate } from 'node:crypto'

const clientAuth = '1.3.6.1.5.5.7.3.2'

/** OpenSSL lets a certificate without extended key usage pass for any use; here clientAuth must be written down. */
export const presentsForClients = (certificate: X509Certificate): boolean =>
  certificate.keyUsage?.includes(clientAuth) ?? false

/** SHA-256 of the DER certificate in lower-case hex. */
export const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()
