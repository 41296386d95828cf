// The fleet's certificate authority: it certifies device keys, directly and without an intermediate (ARCHITECTURE 2).
// Bytes of certificates are certificate.ts; the key's file is key-file.ts; which device gets one is enroll/.
import type { Result } from '@muster/kernel'
import type { By } from '../speakers.ts'
import type { AuthorityState } from '../tables.ts'

export interface AuthorityFacts {
  readonly id: string
  readonly state: AuthorityState
  readonly certificatePem: string
  readonly expiresMs: number
  /** Whether this process holds the private key. */
  readonly canIssue: boolean
}

export interface IssuedCertificate {
  readonly authorityId: string
  readonly der: Buffer
  readonly pem: string
  readonly serial: string
  readonly fingerprint: string
  readonly issuedMs: number
  readonly expiresMs: number
}

export interface Authority {
  list(): readonly AuthorityFacts[]
  current(): AuthorityFacts
  /** Certificates of every authority whose leaves are accepted, the current one first: `ca` of the gateway, `/ca.pem`. */
  trustedPems(): readonly string[]
  /** Called after the trusted set changed, here or in another process; returns the function that stops it. */
  onChange(listener: () => void): () => void
  /** A new authority issues from now on; the former stays trusted until it is retired or ends. */
  rotate(by: By): Promise<AuthorityFacts>
  retire(by: By, authorityId: string): Promise<Result<AuthorityFacts, 'not_found' | 'state_conflict'>>
}
