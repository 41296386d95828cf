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

/** RFC 3339 in UTC with three fractional digits and a literal Z. */
export const toIso = (atMs: number): string => new Date(atMs).toISOString()
