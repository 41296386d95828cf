// A client that comes again when the server says when: after too many requests, and while it is busy or restarting.
// How long is decided in decide.ts; what a refusal in the end means is the caller's.
import type { Client } from '@muster/http/client'
import type { Printer } from '../show/print.ts'
import type { World } from '../world.ts'
import { decideWait } from './decide.ts'

export interface PatienceNeeds {
  readonly world: Pick<World, 'clock' | 'wait'>
  readonly print: Pick<Printer, 'progress'>
}

const stepMs = 1000

/** Counts down where somebody watches. */
const waitFor = async ({ world, print }: PatienceNeeds, waitMs: number): Promise<void> => {
  for (let leftMs = waitMs; leftMs > 0; leftMs -= stepMs) {
    await print.progress(`The server asks to wait: ${Math.ceil(leftMs / 1000)} s…`)
    await world.wait(Math.min(stepMs, leftMs))
  }
  await print.progress('')
}

export const createPatientClient = (client: Client, needs: PatienceNeeds): Client => ({
  ...client,
  async send(sending) {
    for (let waitedMs = 0; ; ) {
      const reply = await client.send(sending)
      const waitMs = decideWait({
        status: reply.statusCode ?? 0,
        retryAfter: reply.headers['retry-after'],
        repeatable: sending.repeatable === true,
        nowMs: needs.world.clock.nowMs(),
        waitedMs,
      })
      if (waitMs === null) return reply
      // Its body is not needed, and the connection is.
      reply.resume()
      await waitFor(needs, waitMs)
      waitedMs += waitMs
    }
  },
})
