// How long to wait before trying again.
// Whether trying again makes sense is the caller's decision.

export interface BackoffRule {
  readonly baseMs: number
  readonly maxMs: number
}

/** `base * 2^attempts`, capped; `jitter` in [0, 1) spreads the wait over 90 to 110 percent. */
export const backoffMs = (rule: BackoffRule, attempts: number, jitter = 0.5): number =>
  Math.round(Math.min(rule.baseMs * 2 ** Math.min(attempts, 30), rule.maxMs) * (0.9 + 0.2 * jitter))
