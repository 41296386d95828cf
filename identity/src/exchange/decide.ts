// Whether an agent comes in, and as whom: one verdict for an exchange, from facts read beforehand (telemetry 4.4, 6, 7.3).
// What its token and its device allow is enroll/decide.ts, the same for every wire; storing is admit.ts.
import {
  AGENT_CLASSES,
  type AgentState,
  confidenceOf,
  FINGERPRINT_SOURCES,
  type FingerprintConfidence,
  type FingerprintSource,
  nonceForm,
} from '@muster/contract'
import { ok, type Result, refuse } from '@muster/kernel'
import { completionMs } from '../agents/decide.ts'
import type { CertificateRequest } from './csr.ts'

/** Twenty times the three intervals after which an agent counts as silent. */
const recentlyMs = 60 * 60_000

export interface Fingerprint {
  readonly text: string
  readonly confidence: FingerprintConfidence
}

const fingerprintForm = /^sha256:[0-9a-f]{64}$/
const isSource = (text: string | undefined): text is FingerprintSource =>
  (FINGERPRINT_SOURCES as readonly (string | undefined)[]).includes(text)

/** Both or neither; it is a hint, and never a credential. */
export const decideFingerprint = (
  text: string | undefined,
  source: string | undefined,
): Result<Fingerprint | null, 'fingerprint_invalid'> => {
  if (text === undefined && source === undefined) return ok(null)
  if (text === undefined || !fingerprintForm.test(text) || !isSource(source)) return refuse('fingerprint_invalid')
  return ok({ text, confidence: confidenceOf[source] })
}

/** What of the request itself is wrong, in the order in which it is asked; null for nothing. */
export interface Form {
  readonly agentClass: string
  readonly nonce: string
  readonly request: Result<CertificateRequest, 'csr_invalid'>
}

export type FormRefusal = 'agent_class_not_allowed' | 'nonce_invalid' | 'nonce_replayed' | 'csr_invalid'

export const decideForm = (
  { agentClass, nonce, request }: Form,
  allowedClasses: readonly string[],
  isNonceUsed: boolean,
): Result<CertificateRequest, FormRefusal> => {
  if (!allowedClasses.includes(agentClass)) return refuse('agent_class_not_allowed')
  if (!nonceForm.test(nonce)) return refuse('nonce_invalid')
  if (isNonceUsed) return refuse('nonce_replayed')
  if (!request.ok) return request
  const { challenge } = request.value
  return challenge === null || challenge === nonce ? request : refuse('nonce_invalid')
}

export interface KeyHolder {
  readonly state: AgentState
  /** It waits for an approval, or for its first credentials after one. */
  readonly isWaiting: boolean
  readonly enrolledMs: number
  readonly isSameToken: boolean
}

/** Whoever waits with this token comes back for what it asked for, and not for more. */
export const isCompletion = (holder: KeyHolder | undefined, nowMs: number): boolean =>
  holder?.isWaiting === true && holder.isSameToken && nowMs - holder.enrolledMs <= completionMs

export interface EntryFacts {
  readonly holder: KeyHolder | undefined
  /** The key let in by this token a moment ago, over any wire: its answer may have been lost. */
  readonly isRepeat: boolean
  readonly isApprovalRequired: boolean
}

/**
 * `pending`: has to be approved, or waits for it. `graced`: the same again. `returned`: was here before, and older tokens
 * stop counting. `completed`: waited, and now is let in. `joined`: new.
 */
export type Entry = 'pending' | 'graced' | 'returned' | 'completed' | 'joined'

export const decideEntry = ({ holder, isRepeat, isApprovalRequired }: EntryFacts): Result<Entry, 'revoked_key'> => {
  if (holder === undefined) return ok(isApprovalRequired ? 'pending' : 'joined')
  if (holder.state === 'revoked') return refuse('revoked_key')
  if (holder.state === 'pending') return ok('pending')
  if (holder.isWaiting) return ok('completed')
  return ok(isRepeat && holder.state !== 'stale' ? 'graced' : 'returned')
}

export interface Twin {
  readonly agentId: string
  readonly assetId: string
  readonly lastSeenMs: number
}

export type TwinVerdict =
  | { readonly kind: 'none' }
  /** The same machine with a new key: the newest twin's asset goes on under the new agent, the twins end. */
  | { readonly kind: 'superseded'; readonly assetId: string }
  /** Two machines, or one that was copied; an operator has to look. */
  | { readonly kind: 'flagged' }

/** A new key on hardware that others of the tenant named before; twins come newest first (telemetry 7.3). */
export const decideTwins = (
  confidence: FingerprintConfidence | undefined,
  twins: readonly Twin[],
  nowMs: number,
): TwinVerdict => {
  const [newest] = twins
  if (newest === undefined) return { kind: 'none' }
  const isAnyAlive = twins.some(({ lastSeenMs }) => nowMs - lastSeenMs <= recentlyMs)
  return confidence === 'high' && !isAnyAlive ? { kind: 'superseded', assetId: newest.assetId } : { kind: 'flagged' }
}

/** Keys that would name an identity, were they listened to. */
const identityKeys = ['tenant_id', 'site_id', 'agent_id', 'collector_id', 'asset_id']

export const triesToOverride = (body: Readonly<Record<string, unknown>>): boolean =>
  identityKeys.some((key) => Object.hasOwn(body, key))

export const defaultAgentClass = AGENT_CLASSES[0]
