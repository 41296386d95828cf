// How often one address may try to come in, and how often one token may fail (telemetry 20).
// In memory: a restart forgives, and each process counts for itself.
import type { Clock } from '@muster/kernel'

export interface ExchangeLimits {
  /** Takes one attempt of an address; false when it has none left. */
  mayTry(ip: string): boolean
  /** Whether a token failed so often that it is not even looked up. */
  isSpurned(tokenDigest: string): boolean
  noteFailure(tokenDigest: string): void
}

const burst = 20
const perMs = 10 / 60_000
const hourMs = 60 * 60_000
const failuresEach = 20
const kept = 10_000

interface Bucket {
  readonly tokens: number
  readonly atMs: number
}

interface Failures {
  readonly count: number
  readonly sinceMs: number
}

const forgetOldest = (map: Map<string, unknown>): void => {
  const oldest = map.keys().next()
  if (map.size >= kept && !oldest.done) map.delete(oldest.value)
}

export const createExchangeLimits = (clock: Clock): ExchangeLimits => {
  const buckets = new Map<string, Bucket>()
  const failures = new Map<string, Failures>()

  const failuresOf = (tokenDigest: string): Failures => {
    const held = failures.get(tokenDigest)
    const nowMs = clock.nowMs()
    return held === undefined || nowMs - held.sinceMs >= hourMs ? { count: 0, sinceMs: nowMs } : held
  }
  return {
    mayTry(ip) {
      const nowMs = clock.nowMs()
      const held = buckets.get(ip) ?? { tokens: burst, atMs: nowMs }
      const tokens = Math.min(burst, held.tokens + Math.max(0, nowMs - held.atMs) * perMs)
      buckets.delete(ip)
      forgetOldest(buckets)
      buckets.set(ip, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs })
      return tokens >= 1
    },
    isSpurned: (tokenDigest) => failuresOf(tokenDigest).count >= failuresEach,
    noteFailure(tokenDigest) {
      const { count, sinceMs } = failuresOf(tokenDigest)
      failures.delete(tokenDigest)
      forgetOldest(failures)
      // The hour of a token that failed too often begins with the failure that was too many.
      failures.set(tokenDigest, { count: count + 1, sinceMs: count + 1 === failuresEach ? clock.nowMs() : sinceMs })
    },
  }
}
