// How long to wait before the next sentence to the server (telemetry 14, 15.2, 15.3). Pure.
// What an answer means for joining and for heartbeats is join/decide.ts and beat/decide.ts.
import { HEARTBEAT_INTERVAL } from '@muster/contract/device'

const { minSeconds, maxSeconds } = HEARTBEAT_INTERVAL

const clamp = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most)

/** What a server asked for, within bounds; what it left out, or said in no number, changes nothing. */
export const intervalOf = (said: unknown, beforeSeconds: number): number =>
  typeof said === 'number' && Number.isFinite(said) ? clamp(Math.round(said), minSeconds, maxSeconds) : beforeSeconds

/** An interval with a tenth more or less; `jitter` is in [0, 1). */
export const spreadMs = (intervalSeconds: number, jitter: number): number =>
  intervalSeconds * 1000 * (0.9 + 0.2 * jitter)

const firstBackOffMs = 5_000
const longestBackOffMs = 300_000
const shortestBackOffMs = 1_000

/** Anything between a second and twice as long as the last time could have been; `failures` counts this one. */
export const backOffMs = (failures: number, jitter: number): number =>
  Math.max(shortestBackOffMs, jitter * Math.min(longestBackOffMs, firstBackOffMs * 2 ** clamp(failures - 1, 0, 30)))

const longestToldSeconds = 900

/** The header Retry-After in milliseconds, as seconds or as a date, bounded and spread; null when it says nothing. */
export const retryAfterMs = (header: string | null, nowMs: number, jitter: number): number | null => {
  if (header === null || header.trim() === '') return null
  const seconds = /^\s*\d+\s*$/.test(header) ? Number(header) : (Date.parse(header) - nowMs) / 1000
  if (Number.isNaN(seconds)) return null
  return clamp(seconds, 1, longestToldSeconds) * 1000 * (1 + 0.1 * jitter)
}

export interface Passed {
  /** How long was to be waited. */
  readonly askedMs: number
  readonly wallMs: number
  readonly monotonicMs: number
}

/** Far more time went by than was waited for: the machine slept (telemetry 15.2, point 4). */
export const hasSlept = ({ askedMs, wallMs, monotonicMs }: Passed, intervalSeconds: number): boolean =>
  Math.max(wallMs, monotonicMs) - askedMs > 2 * intervalSeconds * 1000
