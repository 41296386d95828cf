// By what a heartbeat is known again: the key it is stored under, and the digest of what it said (telemetry 12).
// What follows from meeting one again is decided in order.ts.
import { hash } from 'node:crypto'
import { canonicalJson } from '@muster/contract'
import type { Json } from './aliases.ts'

const keyBytes = 16

/** The same of a body whose canonical JSON is there already. */
export const textDigest = (canonical: string): string => hash('sha256', canonical, 'hex')

/** SHA-256 over the canonical JSON (RFC 8785) of the body after aliasing, hex; throws on half a surrogate pair. */
export const contentDigest = (body: Json): string => textDigest(canonicalJson(body))

const uuidForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

export const isUuid = (text: string): boolean => uuidForm.test(text)

/** What stands between the dashes of a UUID; quicker than seeking them. */
const undashed = (uuid: string): string =>
  uuid.slice(0, 8) + uuid.slice(9, 13) + uuid.slice(14, 18) + uuid.slice(19, 23) + uuid.slice(24)

const shortDigest = (text: string): Buffer => hash('sha256', text, 'buffer').subarray(0, keyBytes)

export interface KeyFacts {
  readonly agentId: string
  readonly heartbeatId: string | null
  /** The `Idempotency-Key` header, which counts where the body has no id of its own. */
  readonly idempotencyKey: string | null
  /** As the agent wrote it. */
  readonly observedAt: string | null
  readonly digest: string
}

/** 16 bytes, hex; null for a heartbeat that cannot be known again. */
export const heartbeatKey = (said: KeyFacts): string | null => {
  const id = said.heartbeatId ?? said.idempotencyKey
  if (id !== null) return isUuid(id) ? undashed(id).toLowerCase() : shortDigest(id).toString('hex')
  if (said.observedAt === null) return null
  return shortDigest(`${said.agentId}\n${said.observedAt}\n${said.digest}`).toString('hex')
}
