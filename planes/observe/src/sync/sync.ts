// Sync, the unit beside the database: frame, facts, decision, rows, verdicts (sensor-protocol 7 and 18.2).
// Hints and times of the reply are added by the gateway's half in device/; rules and alerts follow from the outbox.
import type { Result } from '@muster/kernel'
import { announce, createGroup, type Tx, type UnitHost } from '@muster/storage'
import { extendRecord, type SurfaceRecord } from '../coverage/decide.ts'
import { loadRecords, type SurfaceKey, storeRecords } from '../coverage/store.ts'
import { storeHits } from '../findings/store.ts'
import { type FoldedDevice, type FoldedEvent, foldInventory } from '../inventory/fold.ts'
import { createNames, type Names } from '../inventory/names.ts'
import { type ReadEvent, readEvents } from './candidate.ts'
import { decideSync, type StoredEvent, type SyncDecision } from './decide.ts'
import { type FrameRefusal, maxDecidedEvents, readFrame, type SyncBody } from './frame.ts'
import { orderOf } from './order.ts'
import { writeVerdicts } from './reply.ts'
import { loadStates, loadStored, lockDevices, storeDeadLetters, storeEvents, storeStates } from './store.ts'

export interface SyncSpeaker extends FoldedDevice {
  readonly deviceId: string
  readonly formerDeviceIds: readonly string[]
}

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
  /** Events beyond what one request may have decided, to come again. */
  readonly undecided: number
  readonly stored: number
  readonly rejectedCodes: readonly string[]
  readonly sensorVersion: string
  readonly backlogEvents: number
  readonly backlogBytes: number
}

export type SyncAnswer = Result<SyncOutcome, FrameRefusal | 'store_busy'>

/** A request whose frame is sound. */
interface Request {
  readonly call: SyncCall
  readonly body: SyncBody
  readonly events: readonly ReadEvent[]
}

interface Decided extends Request {
  readonly decision: SyncDecision
}

/** Requests that wait together share one transaction; a group holds at most about this many events. */
const maxGroupEvents = 5000

/** Builds the unit. Every answer is given after the commit; a fault of the store is thrown to everyone in the group. */
export const createSync = (
  host: Pick<UnitHost, 'engine' | 'write' | 'sample'>,
): ((call: SyncCall) => Promise<SyncAnswer>) => {
  const names = createNames()
  const decideInGroup = createGroup<Request, SyncDecision>({
    maxItems: maxGroupEvents,
    weigh: ({ events }) => events.length + 1,
    onGroup: (requests) => host.sample('sync_group_requests', requests),
    run: (requests) => commitGroup(host, names, requests),
  })
  return async (call) => {
    const framed = readFrame(call.body, call.speaker)
    if (!framed.ok) return framed
    const events = readEvents(framed.value.events.slice(0, maxDecidedEvents))
    const decision = await decideInGroup({ call, body: framed.value, events })
    return { ok: true, value: toOutcome(framed.value, decision) }
  }
}

const toOutcome = (body: SyncBody, decision: SyncDecision): SyncOutcome => ({
  verdictsJson: writeVerdicts(decision),
  undecided: body.events.length - decision.verdicts.length,
  stored: decision.verdicts.reduce((count, { outcome }) => count + (outcome === 'stored' ? 1 : 0), 0),
  rejectedCodes: decision.verdicts.flatMap((verdict) => (verdict.outcome === 'rejected' ? [verdict.code] : [])),
  sensorVersion: body.sensorVersion,
  backlogEvents: body.health.syncBacklogEvents,
  backlogBytes: body.health.syncBacklogBytes,
})

const commitGroup = async (
  host: Pick<UnitHost, 'engine' | 'write'>,
  names: Names,
  requests: readonly Request[],
): Promise<readonly SyncDecision[]> => {
  const decisions = new Map<Request, SyncDecision>()
  let settlings: { settled(): void }[] = []
  await host.write(async (tx) => {
    settlings = []
    await lockDevices(tx, host.engine, [...new Set(requests.map(({ call }) => call.speaker.deviceNo))])
    for (const round of roundsOf(requests)) {
      const decided = await decideRound(tx, round)
      for (const [index, one] of decided.entries()) decisions.set(round[index] as Request, one.decision)
      settlings.push(await storeRound(tx, names, decided))
    }
  })
  for (const settling of settlings) settling.settled()
  return requests.map((request) => decisions.get(request) as SyncDecision)
}

/** Requests of one device are decided one after the other; those of different devices together. */
const roundsOf = (requests: readonly Request[]): readonly (readonly Request[])[] => {
  const rounds: Request[][] = []
  const seen = new Map<number, number>()
  for (const request of requests) {
    const { deviceNo } = request.call.speaker
    const round = seen.get(deviceNo) ?? 0
    seen.set(deviceNo, round + 1)
    ;(rounds[round] ??= []).push(request)
  }
  return rounds
}

const decideRound = async (tx: Tx, requests: readonly Request[]): Promise<readonly Decided[]> => {
  const states = await loadStates(
    tx,
    requests.map(({ call }) => call.speaker.deviceNo),
  )
  const stored = await loadStoredByRequest(tx, requests)
  return requests.map((request, index) => {
    const { speaker } = request.call
    const facts = {
      deviceIds: [speaker.deviceId, ...speaker.formerDeviceIds],
      state: states[index],
      stored: stored[index] as ReadonlyMap<string, StoredEvent>,
    }
    const batch = { lastAcked: request.body.lastAckedLocalSequence, events: request.events }
    return { ...request, decision: decideSync(facts, batch) }
  })
}

const loadStoredByRequest = async (
  tx: Tx,
  requests: readonly Request[],
): Promise<readonly ReadonlyMap<string, StoredEvent>[]> => {
  const keys = requests.flatMap(({ call, events }) =>
    events.flatMap((read) =>
      read.readable ? [{ device_no: call.speaker.deviceNo, event_key: read.event.eventKey }] : [],
    ),
  )
  const rows = await loadStored(tx, keys)
  let at = 0
  return requests.map(({ events }) => {
    const stored = new Map<string, StoredEvent>()
    for (const read of events) {
      if (!read.readable) continue
      const row = rows[at++]
      if (row !== undefined) stored.set(read.event.eventId, row)
    }
    return stored
  })
}

const storeRound = async (tx: Tx, names: Names, decided: readonly Decided[]): Promise<{ settled(): void }> => {
  await storeEvents(tx, decided.flatMap(toEventRows))
  await storeDeadLetters(tx, decided.flatMap(toDeadLetters))
  const records = await extendCoverage(tx, decided)
  const settling = await foldInventory(
    tx,
    names,
    decided.flatMap((one) => toFoldedEvents(one, records)),
  )
  await storeHits(tx, decided.flatMap(toHits))
  await storeStates(tx, decided.map(toStateRow))
  await announce(tx, ...decided.flatMap(toAnnouncement))
  return settling
}

const toEventRows = ({ call, decision }: Decided) =>
  decision.verdicts.flatMap((verdict) =>
    verdict.outcome === 'stored'
      ? [
          {
            tenantId: call.speaker.tenantId,
            deviceNo: call.speaker.deviceNo,
            epoch: decision.state.epoch,
            event: verdict.event,
            body: verdict.payload.body,
            receivedMs: call.receivedMs,
          },
        ]
      : [],
  )

const toDeadLetters = ({ call, body, decision }: Decided) =>
  decision.verdicts.flatMap((verdict, index) =>
    verdict.outcome === 'rejected'
      ? [
          {
            tenantId: call.speaker.tenantId,
            deviceNo: call.speaker.deviceNo,
            eventId: verdict.eventId,
            sequence: verdict.sequence,
            code: verdict.code,
            raw: body.events[index],
            receivedMs: call.receivedMs,
          },
        ]
      : [],
  )

const surfaceKeyOf = ({ deviceNo, surface }: SurfaceKey): string => `${deviceNo} ${surface}`

type Records = ReadonlyMap<string, SurfaceKey & SurfaceRecord>

const extendCoverage = async (tx: Tx, decided: readonly Decided[]): Promise<Records> => {
  const events = decided.flatMap(({ call, decision }) =>
    decision.verdicts.flatMap((verdict) =>
      verdict.outcome === 'stored' && verdict.payload.body === 'inventoryItem'
        ? [{ deviceNo: call.speaker.deviceNo, receivedMs: call.receivedMs, event: verdict.event }]
        : [],
    ),
  )
  const keys = new Map<string, SurfaceKey>()
  for (const { deviceNo, event } of events) {
    const key = { deviceNo, surface: event.surface }
    keys.set(surfaceKeyOf(key), key)
  }
  const loaded = await loadRecords(tx, [...keys.values()])
  const records = new Map<string, SurfaceRecord | undefined>([...keys.keys()].map((key, index) => [key, loaded[index]]))
  for (const { deviceNo, receivedMs, event } of events) {
    const key = surfaceKeyOf({ deviceNo, surface: event.surface })
    records.set(key, extendRecord(records.get(key), event, receivedMs))
  }
  const extended = new Map(
    [...keys].map(([name, key]) => [name, { ...key, ...(records.get(name) as SurfaceRecord) }] as const),
  )
  await storeRecords(tx, [...extended.values()])
  return extended
}

const toFoldedEvents = ({ call, decision }: Decided, records: Records): readonly FoldedEvent[] =>
  decision.verdicts.flatMap((verdict) => {
    if (verdict.outcome !== 'stored' || verdict.payload.body !== 'inventoryItem') return []
    const { event } = verdict
    const key = surfaceKeyOf({ deviceNo: call.speaker.deviceNo, surface: event.surface })
    return [
      {
        device: call.speaker,
        item: verdict.payload.item,
        order: orderOf(decision.state.epoch, event.sequence),
        kind: event.kind,
        observedMs: event.observedMs,
        collectedMs: event.collectedMs,
        receivedMs: call.receivedMs,
        baselineMs: records.get(key)?.firstCollectedMs ?? event.collectedMs,
      },
    ]
  })

const toHits = ({ call, decision }: Decided) =>
  decision.verdicts.flatMap((verdict) =>
    verdict.outcome === 'stored' && verdict.payload.body === 'finding'
      ? [
          {
            deviceNo: call.speaker.deviceNo,
            tenantId: call.speaker.tenantId,
            observedMs: Math.min(verdict.event.observedMs, call.receivedMs),
            finding: verdict.payload.finding,
          },
        ]
      : [],
  )

const toStateRow = ({ call, decision, events }: Decided) => {
  const newestMs = events.reduce(
    (newest, read) => (read.readable ? Math.max(newest, read.event.collectedMs) : newest),
    0,
  )
  return {
    deviceNo: call.speaker.deviceNo,
    tenantId: call.speaker.tenantId,
    state: decision.state,
    receivedMs: call.receivedMs,
    skewMs: newestMs === 0 ? null : call.receivedMs - newestMs,
  }
}

const toAnnouncement = ({ call, decision }: Decided) => {
  const sequences = decision.verdicts.flatMap((verdict) =>
    verdict.outcome === 'stored' ? [verdict.event.sequence] : [],
  )
  if (sequences.length === 0) return []
  return [
    {
      tenantId: call.speaker.tenantId,
      topic: 'observe.batch_stored',
      key: call.speaker.deviceId,
      body: { deviceNo: call.speaker.deviceNo, epoch: decision.state.epoch, events: sequences.length },
      createdMs: call.receivedMs,
    },
  ]
}
