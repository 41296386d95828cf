// Whether a reply asks to come again later, and how long this program is ready to wait for that. Pure.
// Waiting and asking again is patience.ts.

export interface Asking {
  readonly status: number
  /** The header as it came: seconds, or a date. */
  readonly retryAfter: string | undefined
  /** Whether the same request may be sent twice. */
  readonly repeatable: boolean
  readonly nowMs: number
  /** What this request has waited for already. */
  readonly waitedMs: number
}

/** Longer than any bucket takes to fill and any server to restart; who wants to wait longer runs the command again. */
const mostMs = 120_000
const leastMs = 1000

const askedMs = (retryAfter: string, nowMs: number): number => {
  const text = retryAfter.trim()
  return /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs
}

/**
 * How long to wait before the request is sent again; null when the reply is final. A request that was turned away for its
 * number did nothing, so any may come again; one that met a busy server, only when it may happen twice.
 */
export const decideWait = ({ status, retryAfter, repeatable, nowMs, waitedMs }: Asking): number | null => {
  const isTurnedAway = status === 429 || (status === 503 && repeatable)
  if (!isTurnedAway || retryAfter === undefined) return null
  const waitMs = Math.max(leastMs, askedMs(retryAfter, nowMs))
  return waitedMs + waitMs <= mostMs ? waitMs : null
}
