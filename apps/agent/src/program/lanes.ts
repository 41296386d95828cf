// The lanes of this agent beside each other, each loaded only if the owner wants its plane.
// What a lane does is in lanes/; when all of them begin anew is commands/run.ts.
import type { Log } from '@muster/kernel'
import type { AgentConfiguration } from '../configuration/configuration.ts'
import type { Plane } from '../configuration/schema.ts'
import type { LaneEnd } from '../lanes/telemetry/lane.ts'
import { PlainFault } from '../plain-fault.ts'

export type RunLane = (signal: AbortSignal) => Promise<LaneEnd>

/** A lane that is of no use any more, as whoever started the program has to hear it. */
export const faultOf = (end: Exclude<LaneEnd, { end: 'stopped' }>): PlainFault => {
  if (end.end === 'rejected') {
    const what = `the server rejects this device (${end.code})`
    return new PlainFault(`${what}; once it is let in again: muster-agent run --clear-rejected, or enroll`, 4)
  }
  return new PlainFault(end.detail, end.end === 'refused' ? 3 : 2)
}

/**
 * Runs the lanes until the signal. One that fails takes the others with it, and so does the failure. One that is of no
 * use any more leaves the others alone: that a server does not want to hear how this machine does is no word about what
 * is on it. When none is left, this resolves with how the last one ended.
 */
export const runLanes = async (
  lanes: Partial<Record<Plane, RunLane>>,
  log: Log,
  signal: AbortSignal,
): Promise<LaneEnd> => {
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  let last: LaneEnd = { end: 'stopped' }
  const running = Object.entries(lanes).map(async ([plane, run]) => {
    try {
      const end = await run(either)
      if (end.end === 'stopped') return
      last = end
      log.error('lane has ended', { plane, err: faultOf(end) })
    } catch (fault) {
      failure.abort(fault)
    }
  })
  await Promise.all(running)
  if (failure.signal.aborted) throw failure.signal.reason
  return last
}

/** Whether a lane has others beside it. */
export const isAlone = ({ planes }: AgentConfiguration): boolean => planes.length === 1
