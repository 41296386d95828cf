// How often one operator may ask: a bucket of tokens each, refilled steadily.
// Whose bucket a request takes from is the caller's to say.
import type { Clock } from '@muster/kernel'

export interface Rate {
  /** Takes one token; false when there was none. */
  take(key: string): boolean
}

interface Bucket {
  tokens: number
  atMs: number
}

const bucketsKept = 10_000

/** `perMinute` is both the size of a bucket and what flows into it in a minute (fleet-product 12: 600). */
export const createRate = (perMinute: number, clock: Clock): Rate => {
  const perMs = perMinute / 60_000
  const buckets = new Map<string, Bucket>()

  const refilled = (key: string, nowMs: number): Bucket => {
    const bucket = buckets.get(key) ?? { tokens: perMinute, atMs: nowMs }
    bucket.tokens = Math.min(perMinute, bucket.tokens + Math.max(0, nowMs - bucket.atMs) * perMs)
    bucket.atMs = nowMs
    buckets.set(key, bucket)
    return bucket
  }

  /** A full bucket says nothing, so it can be forgotten. */
  const forgetFull = (nowMs: number): void => {
    for (const [key, bucket] of buckets) {
      if (bucket.tokens + (nowMs - bucket.atMs) * perMs >= perMinute) buckets.delete(key)
    }
  }

  return {
    take(key) {
      const nowMs = clock.nowMs()
      if (buckets.size > bucketsKept) forgetFull(nowMs)
      const bucket = refilled(key, nowMs)
      if (bucket.tokens < 1) return false
      bucket.tokens -= 1
      return true
    },
  }
}
