// The certificate the gateway shows to devices: files an operator supplies, or one the fleet's authority issues.
// Listening with it is the http edge's; when one is due is decide.ts.
import type { Secret } from '@muster/kernel'

export interface ServerCredentials {
  readonly key: Secret
  readonly certificatePem: string
  readonly expiresMs: number
}

export interface ServerCertificate {
  current(): ServerCredentials
  /** Reads changed files, or issues anew when the end is near, names changed or the issuer was retired. */
  refresh(): Promise<void>
  /** Called after `current` changed; returns the function that stops it. */
  onChange(listener: () => void): () => void
}
