// Which events go together, what the server's answer means for each, and how long to keep away. Pure.
// Rows are outbox/store.ts; talking is sync.ts (sensor-agent 11.2, 11.3).
import type { ReplyOf, spokenSensorRoutes } from '@muster/contract/device'
import { backoffMs } from '@muster/kernel'
import type { SyncSettings } from '../../../configuration/configuration.ts'

type SyncReply = ReplyOf<typeof spokenSensorRoutes.sync>

export interface Sendable {
  readonly eventId: string
  readonly localSequence: number
  readonly attemptCount: number
  readonly payloadBytes: number
}

/** As many of the events, from the first, as the limits allow; the first always, so that no event can block the queue. */
export const cutBatch = <E extends Sendable>(due: readonly E[], maxEvents: number, maxBytes: number): readonly E[] => {
  let bytes = 0
  let length = 0
  for (const { payloadBytes } of due.slice(0, maxEvents)) {
    bytes += payloadBytes
    if (length > 0 && bytes > maxBytes) break
    length += 1
  }
  return due.slice(0, length)
}

/** What becomes of the event of this number. */
export type Fate = { readonly localSequence: number } & (
  | { readonly fate: 'acked' }
  | { readonly fate: 'poison'; readonly code: string; readonly message: string }
  | { readonly fate: 'postponed'; readonly untilMs: number }
)

/** Codes that say "not now" and not "never", whatever list they came in (sensor-protocol 12). */
const retryable: ReadonlySet<string> = new Set(['rate_limited', 'batch_too_large', 'invalid_schema_version'])

export interface RetryFacts {
  readonly settings: Pick<SyncSettings, 'retryBaseSeconds' | 'retryMaxSeconds'>
  readonly nowMs: number
  /** From 0 to 1. */
  readonly jitter: number
}

/** With the most that jitter adds to it. */
export const longestWaitMs = ({ retryMaxSeconds }: RetryFacts['settings']): number => retryMaxSeconds * 1100

const retryAtMs = (batch: readonly Sendable[], { settings, nowMs, jitter }: RetryFacts): number => {
  const attempts = Math.max(0, ...batch.map(({ attemptCount }) => attemptCount))
  const rule = { baseMs: settings.retryBaseSeconds * 1000, maxMs: settings.retryMaxSeconds * 1000 }
  return nowMs + backoffMs(rule, attempts, jitter)
}

/** A request that failed as a whole says nothing about its events: all of them wait (sensor-agent 11.2). */
export const decideFailure = (batch: readonly Sendable[], facts: RetryFacts): readonly Fate[] => {
  const untilMs = retryAtMs(batch, facts)
  return batch.map(({ localSequence }) => ({ localSequence, fate: 'postponed', untilMs }))
}

/** One fate per event of the batch; a rejection outweighs an acceptance, and silence means later. */
export const decideFates = (batch: readonly Sendable[], reply: SyncReply, facts: RetryFacts): readonly Fate[] => {
  const accepted = new Set(reply.acceptedEvents.map(({ eventId }) => eventId))
  const rejected = new Map(reply.rejectedEvents.map((rejection) => [rejection.eventId, rejection]))
  const backoffUntilMs = retryAtMs(batch, facts)
  const askedSeconds = Math.min(reply.retryAfterSeconds, facts.settings.retryMaxSeconds)
  const undecidedUntilMs = askedSeconds > 0 ? facts.nowMs + askedSeconds * 1000 : backoffUntilMs
  return batch.map(({ eventId, localSequence }): Fate => {
    const rejection = rejected.get(eventId)
    if (rejection !== undefined && retryable.has(rejection.code)) {
      return { localSequence, fate: 'postponed', untilMs: backoffUntilMs }
    }
    if (rejection !== undefined) {
      return { localSequence, fate: 'poison', code: rejection.code, message: rejection.message }
    }
    const isAcked = accepted.has(eventId) || localSequence <= reply.acceptedThroughLocalSequence
    return isAcked ? { localSequence, fate: 'acked' } : { localSequence, fate: 'postponed', untilMs: undecidedUntilMs }
  })
}

export interface RefusalFacts {
  readonly status: number
  readonly retryAfterSeconds?: number
  /** How many answers in a row said that this device is not welcome. */
  readonly unauthorisedInARow: number
}

const mostRetryAfterSeconds = 3_600

/**
 * How long nothing at all is sent after a refusal; 0 leaves it to the ordinary tick. A device that is not authorised
 * keeps away for longer each time, and a server that names a time is given it.
 */
export const decidePauseMs = (
  { status, retryAfterSeconds = 0, unauthorisedInARow }: RefusalFacts,
  { settings, jitter }: RetryFacts & { readonly settings: SyncSettings },
): number => {
  if (status === 401 || status === 403) {
    const rule = { baseMs: settings.checkInIntervalSeconds * 1000, maxMs: settings.retryMaxSeconds * 1000 }
    return backoffMs(rule, unauthorisedInARow, jitter)
  }
  const named = status === 429 || status === 503 ? Math.min(retryAfterSeconds, mostRetryAfterSeconds) : 0
  return named * 1000
}
