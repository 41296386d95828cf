// The TLS and HTTP options of the real gateway, for servers that do nothing else.
// They are written down again here because a ceiling that shared the gateway's code would not be one.
import { constants } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Credentials {
  readonly key: string
  readonly cert: string
  readonly ca: string
}

interface IssuedFile {
  readonly keyPem: string
  readonly certificatePem: string
}

/** The certificate a real server made for its gateway, and the authority its devices have theirs from. */
export const readCredentials = (dataDir: string, ca: string): Credentials => {
  const { keyPem, certificatePem } = JSON.parse(readFileSync(join(dataDir, 'ca', 'gateway.json'), 'utf8')) as IssuedFile
  return { key: keyPem, cert: certificatePem, ca }
}

export const backlog = 65_535

export const tlsOptions = ({ key, cert, ca }: Credentials) => ({
  key,
  cert,
  ca,
  minVersion: 'TLSv1.2' as const,
  secureOptions: constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION,
  requestCert: true,
  rejectUnauthorized: false,
  handshakeTimeout: 20_000,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 60_000,
})

export const httpOptions = {
  keepAliveTimeout: 185_000,
  headersTimeout: 20_000,
  requestTimeout: 300_000,
  connectionsCheckingInterval: 2000,
  maxHeaderSize: 16_384,
}
