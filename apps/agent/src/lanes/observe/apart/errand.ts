// What is said between the agent and the process in which it has a large scan made: one errand, one outcome.
// Who starts that process is scan-apart.ts; what it does is scan-process.ts.
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import type { Recipient } from '../outbox/store.ts'
import type { Remembered, Scanned } from '../scan/scan.ts'

/** The first word on the command line of such a process; no command of the agent is called so. */
export const ERRAND_WORD = 'scan-apart'

export interface Errand {
  readonly dataDir: string
  readonly surface: string
  readonly settings: ObserveSettings
  readonly recipient: Recipient | null
  /** For whom the outbox was kept when the errand was given; see ScanNeeds. */
  readonly outboxOwner: string | null
}

export type Outcome =
  /** Null where the scan failed, which is in the surface's health by then. */
  | { readonly is: 'done'; readonly scanned: Scanned | null; readonly remembered: Remembered | null }
  /** The database is damaged. */
  | { readonly is: 'damaged'; readonly message: string }
  /** The disk takes no writes. */
  | { readonly is: 'troubled'; readonly message: string }
