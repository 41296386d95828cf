// The one number stream both listeners emit: a line per answered request.
// Turning it into histograms is the app's business.
import type { RefusalCode } from '@muster/contract'

/**
 * Called once per answer. `routePath` is the route's own path with its braces, or `unmatched`, never what was sent;
 * `status` 499 means that the caller left before its answer.
 */
export type Measure = (routePath: string, status: number, code: RefusalCode | undefined, seconds: number) => void

export const unmatched = 'unmatched'
export const callerLeft = 499
