// Whether this device has to join, and what an answer to its exchange means (telemetry 4.5, 14 the column of `enroll`). Pure.
// Asking is exchange.ts, keeping what came join.ts.
import { backOffMs, intervalOf, retryAfterMs } from '../pace.ts'
import type { Answer } from '../platform.ts'

export interface JoinFacts {
  readonly server: string
  readonly identity: { readonly server: string } | null
  readonly hasToken: boolean
  /** The server said no to this very token before. */
  readonly isTokenRefused: boolean
}

export type JoinVerdict = 'joined' | 'join' | 'token_missing' | 'token_refused' | 'server_changed'

/** An identity at another server is never used silently. */
export const decideJoin = (facts: JoinFacts): JoinVerdict => {
  const { identity } = facts
  if (identity !== null) return identity.server === facts.server ? 'joined' : 'server_changed'
  if (!facts.hasToken) return 'token_missing'
  return facts.isTokenRefused ? 'token_refused' : 'join'
}

export interface ExchangeFacts {
  /** Consecutive attempts without an answer that decides. */
  readonly failures: number
  /** Attempts in a row that the server called a conflict. */
  readonly conflicts: number
  readonly nowMs: number
  /** In [0, 1). */
  readonly jitter: number
}

export type ExchangeVerdict =
  | { readonly verdict: 'granted' }
  | { readonly verdict: 'again' }
  | { readonly verdict: 'pending' | 'later'; readonly waitMs: number }
  | { readonly verdict: 'refused'; readonly status: number; readonly code: string }

const defaultPollSeconds = 60

/** Somebody has to say yes first: asked again when the server says, within bounds and up to a fifth later. */
const pending = (body: Readonly<Record<string, unknown>>, jitter: number): ExchangeVerdict => {
  const seconds = intervalOf(body['poll_after_seconds'], defaultPollSeconds)
  return { verdict: 'pending', waitMs: Math.round(seconds * 1000 * (1 + 0.2 * jitter)) }
}

const later = (retryAfter: string | null, { failures, nowMs, jitter }: ExchangeFacts): ExchangeVerdict => ({
  verdict: 'later',
  waitMs: retryAfterMs(retryAfter, nowMs, jitter) ?? backOffMs(failures + 1, jitter),
})

const isTransient = (status: number): boolean => [408, 425, 429].includes(status) || status >= 500

export const decideExchange = (answer: Answer, facts: ExchangeFacts): ExchangeVerdict => {
  if (!answer.isHeard) return later(null, facts)
  const { status, body, code, retryAfter } = answer
  if (status === 202 || (status < 300 && body['status'] === 'pending')) return pending(body, facts.jitter)
  if (status >= 200 && status < 300) return { verdict: 'granted' }
  if (isTransient(status)) return later(retryAfter, facts)
  // A nonce that was seen before is drawn anew, once.
  if (status === 409 && facts.conflicts === 0) return { verdict: 'again' }
  return { verdict: 'refused', status, code: code ?? `http_${status}` }
}
