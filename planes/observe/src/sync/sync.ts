// Sync, the unit beside the database: frame, facts, decision, rows, verdicts (sensor-protocol 7 and 18.2).
// Hints and times of the reply are added by the gateway's half in sensor/; rules and alerts follow from the outbox.
import type { Result } from '@muster/kernel'
import { createGroup, type UnitHost } from '@muster/storage'
import type { Settling } from '../inventory/fold.ts'
import { createNames, type Names } from '../inventory/names.ts'
import { readEvents } from './candidate.ts'
import type { SyncDecision } from './decide.ts'
import { type FrameRefusal, maxDecidedEvents, readFrame, type SyncBody } from './frame.ts'
import { writeVerdicts } from './reply.ts'
import { AssumedNew, decideRound, type LookUp, type Request, type SyncSpeaker, storeRound } from './round.ts'
import { lockDevices } from './store.ts'

/** What the gateway hands over: the body as it came, and who was on the line. */
export interface SyncCall {
  readonly speaker: SyncSpeaker
  readonly body: Uint8Array
  readonly receivedMs: number
}

/** What comes back once everything accepted is on disk. */
export interface SyncOutcome {
  /** `acceptedThroughLocalSequence`, `acceptedEvents` and `rejectedEvents` as a run of JSON members. */
  readonly verdictsJson: string
  /** One for each rejected event. */
  readonly rejectedCodes: readonly string[]
  readonly sensorVersion: string
  readonly backlogEvents: number
  readonly backlogBytes: number
}

export type SyncAnswer = Result<SyncOutcome, FrameRefusal | 'store_busy'>

type Host = Pick<UnitHost, 'engine' | 'write' | 'sample'>

/** A transaction holds at most about this many events, so that nobody behind it waits long. */
const maxGroupEvents = 2500

/** Builds the unit. Every answer is given after the commit; a fault of the store is thrown to everyone in the group. */
export const createSync = (host: Host): ((call: SyncCall) => Promise<SyncAnswer>) => {
  const names = createNames()
  const decide = createGroup<Request, SyncDecision>({
    maxItems: maxGroupEvents,
    weigh: ({ events }) => events.length + 1,
    onGroup: (requests) => host.sample('sync_group_requests', requests),
    run: (requests) => commitGroup(host, names, requests),
  })
  return async ({ speaker, body, receivedMs }) => {
    const framed = readFrame(body, speaker)
    if (!framed.ok) return framed
    const events = readEvents(framed.value.events.slice(0, maxDecidedEvents))
    const decision = await decide({ speaker, receivedMs, body: framed.value, events })
    return { ok: true, value: toOutcome(framed.value, decision) }
  }
}

const toOutcome = (body: SyncBody, decision: SyncDecision): SyncOutcome => ({
  verdictsJson: writeVerdicts(decision),
  rejectedCodes: decision.verdicts.flatMap((verdict) => (verdict.outcome === 'rejected' ? [verdict.code] : [])),
  sensorVersion: body.sensorVersion,
  backlogEvents: body.health.syncBacklogEvents,
  backlogBytes: body.health.syncBacklogBytes,
})

const commitGroup = async (
  host: Host,
  names: Names,
  requests: readonly Request[],
): Promise<readonly SyncDecision[]> => {
  try {
    return await commit(host, names, requests, 'fresh')
  } catch (error) {
    if (error instanceof AssumedNew) return commit(host, names, requests, 'all')
    throw error
  }
}

const commit = async (
  host: Host,
  names: Names,
  requests: readonly Request[],
  lookUp: LookUp,
): Promise<readonly SyncDecision[]> => {
  const decisions = new Map<Request, SyncDecision>()
  let settlings: Settling[] = []
  await host.write(async (tx) => {
    settlings = []
    await lockDevices(tx, host.engine, [...new Set(requests.map(({ speaker }) => speaker.deviceNo))])
    for (const round of roundsOf(requests)) {
      const decided = await decideRound(tx, round, lookUp)
      for (const [index, request] of round.entries())
        decisions.set(request, (decided[index] as (typeof decided)[number]).decision)
      settlings.push(await storeRound(tx, names, decided))
    }
  })
  for (const settling of settlings) settling.settled()
  return requests.map((request) => decisions.get(request) as SyncDecision)
}

/** Requests of one device are decided one after the other; those of different devices together. */
const roundsOf = (requests: readonly Request[]): readonly (readonly Request[])[] => {
  const rounds: Request[][] = []
  const roundOf = new Map<number, number>()
  for (const request of requests) {
    const { deviceNo } = request.speaker
    const index = roundOf.get(deviceNo) ?? 0
    roundOf.set(deviceNo, index + 1)
    const round = rounds[index]
    if (round === undefined) rounds.push([request])
    else round.push(request)
  }
  return rounds
}
