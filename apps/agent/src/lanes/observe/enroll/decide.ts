// Whether this device has to enrol, may, or must not, and when to try again. Pure.
// Asking the server is enroll.ts.
import type { Enrollment } from './enrollment.ts'

export interface EnrollFacts {
  readonly server: string | null
  readonly enrollment: Enrollment | null
  readonly publicKeySha256: string
  readonly hasToken: boolean
  /** The server said no to this very token before. */
  readonly isTokenRefused: boolean
  /** The owner says who this device is, to a server in its development mode. */
  readonly isNamed: boolean
}

export type EnrollVerdict =
  | { readonly verdict: 'enrolled'; readonly enrollment: Enrollment }
  | { readonly verdict: 'enroll' | 'named' }
  | { readonly verdict: 'off' | 'token_missing' | 'token_refused' | 'server_changed' | 'key_changed' }

/** An enrolment with another server, or with another key, is never used silently (sensor-agent 12.2). */
export const decideEnroll = (facts: EnrollFacts): EnrollVerdict => {
  const { server, enrollment } = facts
  if (server === null) return { verdict: 'off' }
  if (enrollment !== null) {
    if (enrollment.server !== server) return { verdict: 'server_changed' }
    if (enrollment.publicKeySha256 !== facts.publicKeySha256) return { verdict: 'key_changed' }
    return { verdict: 'enrolled', enrollment }
  }
  if (!facts.hasToken) return { verdict: facts.isNamed ? 'named' : 'token_missing' }
  return { verdict: facts.isTokenRefused ? 'token_refused' : 'enroll' }
}

const minutes = [1, 2, 5, 15, 30]
const lateMinutes = 60

/** 1, 2, 5, 15, 30 minutes, then every hour; `failures` counts those so far. */
export const enrollDelayMs = (failures: number): number => (minutes[failures - 1] ?? lateMinutes) * 60_000

export interface RenewalFacts {
  readonly issuedMs: number
  readonly expiresMs: number
  readonly nowMs: number
  /** The server said that it wants this device to renew. */
  readonly isAsked: boolean
}

const earliestMs = 30 * 24 * 60 * 60_000

/** In the last third of its life but no sooner than thirty days before its end, so that a month offline is survived. */
export const isRenewalDue = ({ issuedMs, expiresMs, nowMs, isAsked }: RenewalFacts): boolean =>
  isAsked || expiresMs - nowMs <= Math.min(earliestMs, (expiresMs - issuedMs) / 3)

const hoursMs = 60 * 60_000

/** To a clock that runs far ahead of the server's, the next certificate looks as old as the one before. */
export const renewalRestMs = 24 * hoursMs

/** A server that does not know the route is asked once a week, any other after one, two, four and then six hours. */
export const renewalDelayMs = (failures: number, isRouteUnknown: boolean): number =>
  isRouteUnknown ? 7 * 24 * hoursMs : Math.min(2 ** Math.max(0, failures - 1), 6) * hoursMs
