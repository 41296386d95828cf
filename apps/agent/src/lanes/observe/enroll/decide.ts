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
}

export type EnrollVerdict =
  | { readonly verdict: 'enrolled'; readonly enrollment: Enrollment }
  | { readonly verdict: 'enroll' }
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
  if (!facts.hasToken) return { verdict: 'token_missing' }
  return { verdict: facts.isTokenRefused ? 'token_refused' : 'enroll' }
}

const minutes = [1, 2, 5, 15, 30]
const lateMinutes = 60

/** 1, 2, 5, 15, 30 minutes, then every hour; `failures` counts those so far. */
export const enrollDelayMs = (failures: number): number => (minutes[failures - 1] ?? lateMinutes) * 60_000
