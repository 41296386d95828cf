// Whether a heartbeat was heard before, and whether it is the newest of its agent (telemetry 12).
// Where samples are held and looked up is memory.ts and store.ts.
import type { Heartbeat } from './decide.ts'

export interface OrderFacts {
  /** The digest under which a heartbeat of the same key is held; undefined when none is. */
  readonly heldDigest: string | undefined
  /** The greatest observation there is; null before the first heartbeat. */
  readonly newestObservedMs: number | null
}

export type Order = 'conflict' | 'duplicate' | 'newest' | 'late'

/** Held digests may be cut short; the heartbeat's own is whole. */
export const decideOrder = (
  { heldDigest, newestObservedMs }: OrderFacts,
  { digest, observedMs }: Pick<Heartbeat, 'digest' | 'observedMs'>,
): Order => {
  if (heldDigest !== undefined) return digest.startsWith(heldDigest) ? 'duplicate' : 'conflict'
  return newestObservedMs === null || observedMs >= newestObservedMs ? 'newest' : 'late'
}
