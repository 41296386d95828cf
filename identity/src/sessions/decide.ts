// How long a browser session lives and what ends it early (fleet-product 3.3); pure.
// Keeping sessions is store.ts, and telling whose they are sessions.ts.

/** A session that nobody used for so long is over; opening the dashboard once a working day does not need more. */
export const sessionIdleSeconds = 8 * 3600
/** However busy it is, a session is opened anew once a day. */
export const sessionSeconds = 24 * 3600
/** Uses closer together than this are written as one. */
export const useGrainMs = 60_000

export interface SessionFacts {
  readonly expiresMs: number
  readonly lastUsedMs: number
  /** The operator token behind it; null when the credential was none of the database. */
  readonly token: { readonly expiresMs: number; readonly revokedMs: number | null } | null
  /** By which secret its credential was believed when it was opened; null for tokens of the database. */
  readonly believedBy: string | null
}

/** A session never outlives its credential: not the token's end or revocation, nor a change of the server's secret. */
export const isLiving = (session: SessionFacts, believesNow: string, nowMs: number): boolean => {
  if (session.expiresMs <= nowMs || nowMs - session.lastUsedMs >= sessionIdleSeconds * 1000) return false
  if (session.token === null) return session.believedBy === believesNow
  return session.token.revokedMs === null && session.token.expiresMs > nowMs
}

/** When a session opened now ends at the latest. */
export const endOfSession = (nowMs: number, credentialExpiresMs: number | null): number =>
  Math.min(nowMs + sessionSeconds * 1000, credentialExpiresMs ?? Number.POSITIVE_INFINITY)

export const isUseWorthWriting = (lastUsedMs: number, nowMs: number): boolean => nowMs - lastUsedMs >= useGrainMs
