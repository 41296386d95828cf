// Time as something handed in, so that rules can be tested at any moment.
// It tells wall-clock time only; intervals are measured by whoever needs them.

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now() }

/** A clock for tests that stands still until it is moved. */
export const createFakeClock = (startMs = Date.UTC(2026, 5, 2, 12)): Clock & { advance(byMs: number): void } => {
  let atMs = startMs
  return {
    nowMs: () => atMs,
    advance: (byMs) => {
      atMs += byMs
    },
  }
}

let spelledMs = Number.NaN
let spelled = ''

/**
 * RFC 3339 in UTC with three fractional digits and a literal Z. A busy server asks for one millisecond many times, and
 * spelling it is a good part of what a check-in costs, so the last answer is kept.
 */
export const toIso = (atMs: number): string => {
  if (atMs === spelledMs) return spelled
  spelled = new Date(atMs).toISOString()
  spelledMs = atMs
  return spelled
}
