// A machine's history as an operator asks for it: from when to when, and how finely told.
// Where the points come from is presence.ts; the route is the server's, because it is about a device of the fleet.
import type { HeartbeatResolution } from '@muster/contract'
import { type Clock, ok, type Result, refuse } from '@muster/kernel'
import { decideResolution, KEPT_MS, type Point, STEP_MS } from './decide.ts'
import type { Presences } from './presence.ts'

export interface HistoryQuestion {
  readonly fromMs: number | undefined
  readonly toMs: number | undefined
  readonly resolution: HeartbeatResolution | undefined
}

export interface History {
  readonly resolution: HeartbeatResolution
  readonly points: readonly Point[]
}

export type HeartbeatPoints = (
  tenantId: string,
  deviceNos: readonly number[],
  question: HistoryQuestion,
) => Promise<Result<History, 'request_malformed'>>

const usualMs = STEP_MS.day
/** A week by the minute; more in one reply serves nobody. */
const maxPoints = 7 * 24 * 60

/** Of what is not kept any more there are no points; without a resolution the finest that is kept for all of it. */
export const createHeartbeatPoints =
  (presences: Pick<Presences, 'history'>, clock: Clock): HeartbeatPoints =>
  async (tenantId, deviceNos, question) => {
    const nowMs = clock.nowMs()
    const { toMs = nowMs, fromMs = toMs - usualMs } = question
    if (fromMs >= toMs) return refuse('request_malformed', 'query.from must be before query.to.')
    const resolution = question.resolution ?? decideResolution(fromMs, nowMs)
    const span = { fromMs: Math.max(fromMs, nowMs - KEPT_MS[resolution]), beforeMs: toMs + 1 }
    if ((span.beforeMs - span.fromMs) / STEP_MS[resolution] > maxPoints + 1)
      return refuse('request_malformed', 'query.resolution is too fine for so long a time.')
    return ok({ resolution, points: await presences.history(tenantId, deviceNos, span, resolution) })
  }
