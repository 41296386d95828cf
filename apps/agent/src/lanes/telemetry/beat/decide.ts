// What an answer to a heartbeat means (telemetry 14, the column of `run`). Pure.
// Only 401 and 403 end the lane; how long to wait is pace.ts, doing it is beat.ts.
import { backOffMs, intervalOf, retryAfterMs, spreadMs } from '../pace.ts'
import type { Answer } from '../platform.ts'

export interface Rhythm {
  readonly intervalSeconds: number
  /** Consecutive answers that were none, or that said: later. */
  readonly failures: number
  /** How many of the next heartbeats carry the required facts only. */
  readonly minimalLeft: number
}

export type BeatVerdict =
  | { readonly verdict: 'accepted' | 'dropped' | 'later'; readonly rhythm: Rhythm; readonly wait: Wait }
  | { readonly verdict: 'rejected'; readonly status: number; readonly code: string }

/** `start`: counted from the start of this heartbeat; `now`: from its end. */
export interface Wait {
  readonly from: 'start' | 'now'
  readonly ms: number
}

export interface BeatFacts {
  readonly rhythm: Rhythm
  readonly nowMs: number
  /** In [0, 1). */
  readonly jitter: number
}

/** A server that does not like the full form gets the minimal one for an hour, at an interval of a minute. */
const minimalBeats = 60

const nextInterval = (rhythm: Rhythm, jitter: number): Wait => ({
  from: 'start',
  ms: spreadMs(rhythm.intervalSeconds, jitter),
})

const accepted = (body: Readonly<Record<string, unknown>>, { rhythm, jitter }: BeatFacts): BeatVerdict => {
  const next: Rhythm = {
    intervalSeconds: intervalOf(body['next_heartbeat_seconds'], rhythm.intervalSeconds),
    failures: 0,
    minimalLeft: Math.max(0, rhythm.minimalLeft - 1),
  }
  return { verdict: 'accepted', rhythm: next, wait: nextInterval(next, jitter) }
}

/** The server was reached and this heartbeat is of no use to it; another kind of waiting would not change that. */
const dropped = (status: number, { rhythm, jitter }: BeatFacts): BeatVerdict => {
  const isFormDisliked = status === 413 || status === 422
  const next = isFormDisliked ? { ...rhythm, minimalLeft: minimalBeats } : rhythm
  return { verdict: 'dropped', rhythm: next, wait: nextInterval(next, jitter) }
}

const later = (retryAfter: string | null, { rhythm, nowMs, jitter }: BeatFacts): BeatVerdict => {
  const next = { ...rhythm, failures: rhythm.failures + 1 }
  const ms = retryAfterMs(retryAfter, nowMs, jitter) ?? backOffMs(next.failures, jitter)
  return { verdict: 'later', rhythm: next, wait: { from: 'now', ms } }
}

const isRejection = (status: number): boolean => status === 401 || status === 403
const isOfNoUse = (status: number): boolean => [400, 409, 413, 415, 422].includes(status)

export const decideBeat = (answer: Answer, facts: BeatFacts): BeatVerdict => {
  if (!answer.isHeard) return later(null, facts)
  const { status, body, code, retryAfter } = answer
  if (status >= 200 && status < 300) return accepted(body, facts)
  if (isRejection(status)) return { verdict: 'rejected', status, code: code ?? `http_${status}` }
  if (isOfNoUse(status)) return dropped(status, facts)
  return later(retryAfter, facts)
}

export interface RotationFacts {
  readonly issuedMs: number
  readonly expiresMs: number
  /** Drawn once for a certificate, in [0, 1): not all agents of a day come at one moment. */
  readonly jitter: number
}

/** When the last third of a certificate's life has begun, and up to a tenth of its life later (telemetry 5.1). */
export const rotationDueMs = ({ issuedMs, expiresMs, jitter }: RotationFacts): number => {
  const lifeMs = expiresMs - issuedMs
  return expiresMs - lifeMs / 3 + 0.1 * lifeMs * jitter
}
