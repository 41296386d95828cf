// What the owner's own file on a machine settles and no server can raise, as our agent tells it (ARCHITECTURE 6): an extra of its
// heartbeat, so servers that do not know it keep it as any other, and agents that do not tell it are heard as before.
// What the file says in full, and how it is kept to, is the agent's.
import { z } from 'zod'

/** The name of that extra (telemetry 10.4). */
export const CEILING_EXTRA = 'ceiling'

/** An agent leaves off what is beyond these, and counts it; whatever else says more is not believed. */
export const CEILING_BOUNDS = { maxRoots: 32, maxRootLength: 512 } as const

/** As it is said on the wire; newer agents may say more. Every text in it is the machine's own. */
export const HeartbeatCeiling = z.object({
  /** Those that may run; no other is ever started. */
  planes: z.array(z.string().regex(/^[a-z]{1,32}$/)).max(8),
  /** Nothing outside these is looked for projects in, whatever a policy says. */
  scan_roots: z.array(z.string().min(1).max(CEILING_BOUNDS.maxRootLength)).max(CEILING_BOUNDS.maxRoots),
  scan_roots_left_off: z.int().nonnegative(),
  /** Whether a server can have anything run. */
  jobs: z.boolean(),
})
export type HeartbeatCeiling = z.infer<typeof HeartbeatCeiling>
