// Sync, the unit beside the database: frame, facts, decision, rows, verdicts (sensor-protocol 7 and 18.2).
// Hints and times of the reply are added by the gateway's half in sensor/; rules and alerts follow from the outbox.
import type { Result } from '@muster/kernel'
import { createGroup, type UnitHost } from '@muster/storage'
import type { Holdings } from '../holdings/holdings.ts'
import type { Folding, Settling } from '../inventory/fold.ts'
import { createNames, type Names } from '../inventory/names.ts'
import { readEvents } from './candidate.ts'
import type { SyncDecision } from './decide.ts'
import { type FrameRefusal, maxDecidedEvents, readFrame, type SyncBody } from './frame.ts'
import { writeVerdicts } from './reply.ts'
import { decideRound, type OnScanned, type Request, type SyncSpeaker, storeRound } from './round.ts'
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

/** A transaction of four small batches costs nearly as much as one of twenty, and no agent is in such a hurry. */
const paceMs = 20

/** A small batch costs as much for being one as for what is in it, and how long others wait is a matter of both. */
const eventsWorthOfRequest = 11

/** What an event takes of a body at least, as agents write them; less would only make a group smaller. */
const leastEventBytes = 512

/** Builds the unit. Every answer is given after the commit; a fault of the store is thrown to everyone in the group. */
export const createSync = (
  host: Host,
  holdings: Pick<Holdings, 'grew' | 'giveWay'>,
  onScanned: OnScanned = async () => undefined,
): ((call: SyncCall) => Promise<SyncAnswer>) => {
  const means: Means = { folding: { names: createNames(), holdings }, onScanned }
  return createGroup<SyncCall, SyncAnswer>({
    maxItems: maxGroupEvents,
    paceMs,
    weigh: ({ body }) => eventsWorthOfRequest + Math.ceil(body.length / leastEventBytes),
    onGroup: (calls, isNextFull) => {
      host.sample('sync_group_requests', calls)
      holdings.giveWay(isNextFull)
    },
    // Whoever waits does so as bytes: thousands of events read before their turn are what makes garbage collection dear.
    run: (calls) => answerGroup(host, means, calls),
  })
}

/** What a transaction is carried out with. */
interface Means {
  readonly folding: Folding
  readonly onScanned: OnScanned
}

const answerGroup = async (host: Host, means: Means, calls: readonly SyncCall[]): Promise<readonly SyncAnswer[]> => {
  const read = calls.map((call) => readCall(means.folding.names, call))
  const sound = read.flatMap((request) => (request.ok ? [request.value] : []))
  const decisions = sound.length === 0 ? [] : await commit(host, means, sound)
  let next = 0
  return read.map((request): SyncAnswer => {
    if (!request.ok) return request
    return { ok: true, value: toOutcome(request.value.body, decisions[next++] as SyncDecision) }
  })
}

const readCall = (names: Names, { speaker, body, receivedMs }: SyncCall): Result<Request, FrameRefusal> => {
  const framed = readFrame(body, speaker)
  if (!framed.ok) return framed
  const events = readEvents(framed.value.events.slice(0, maxDecidedEvents), (surface, payload) =>
    names.recognise(speaker.tenantId, surface, payload),
  )
  return { ok: true, value: { speaker, receivedMs, body: framed.value, events } }
}

const toOutcome = (body: SyncBody, decision: SyncDecision): SyncOutcome => ({
  verdictsJson: writeVerdicts(decision),
  rejectedCodes: decision.verdicts.flatMap((verdict) => (verdict.outcome === 'rejected' ? [verdict.code] : [])),
  sensorVersion: body.sensorVersion,
  backlogEvents: body.health.syncBacklogEvents,
  backlogBytes: body.health.syncBacklogBytes,
})

const commit = async (
  host: Host,
  { folding, onScanned }: Means,
  requests: readonly Request[],
): Promise<readonly SyncDecision[]> => {
  const decisions = new Map<Request, SyncDecision>()
  let settlings: Settling[] = []
  await host.write(async (tx) => {
    settlings = []
    await lockDevices(tx, host.engine, [...new Set(requests.map(({ speaker }) => speaker.deviceNo))])
    for (const round of roundsOf(requests)) {
      const decided = await decideRound(tx, round)
      for (const [index, request] of round.entries())
        decisions.set(request, (decided[index] as (typeof decided)[number]).decision)
      settlings.push(await storeRound(tx, folding, onScanned, decided))
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
