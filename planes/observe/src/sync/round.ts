// One round of a group: at most one request per device, decided on loaded facts, and everything kept that follows.
// How requests come together in a transaction is sync.ts; each kind of row is its own feature's.
import type { Told } from '@muster/contract'
import { type Announcement, announce, type Tx } from '@muster/storage'
import { extendRecord, type SurfaceRecord } from '../coverage/decide.ts'
import { loadRecords, type SurfaceKey, storeRecords } from '../coverage/store.ts'
import { type Hit, storeHits } from '../findings/store.ts'
import {
  type Baselines,
  type FoldedDevice,
  type FoldedEvent,
  type Folding,
  foldInventory,
  type Settling,
} from '../inventory/fold.ts'
import type { Names } from '../inventory/names.ts'
import type { ReadEvent } from './candidate.ts'
import { decideSync, type StoredEvent, type SyncDecision } from './decide.ts'
import type { SyncBody } from './frame.ts'
import { orderOf } from './order.ts'
import { highestOf } from './reach.ts'
import {
  type DeadLetter,
  loadStates,
  loadStored,
  type StateRow,
  type StoredCandidate,
  storeDeadLetters,
  storeEvents,
  storeStates,
} from './store.ts'

export interface SyncSpeaker extends FoldedDevice {
  readonly deviceId: string
  readonly formerDeviceIds: readonly string[]
}

/** A request whose frame is sound. */
export interface Request {
  readonly speaker: SyncSpeaker
  readonly receivedMs: number
  readonly body: SyncBody
  readonly events: readonly ReadEvent[]
}

interface Decided extends Request {
  readonly decision: SyncDecision
}

/**
 * How far the events of a batch are looked up before they are decided. `fresh` takes a sequence above all that is
 * stored for a new event, which saves a look at the index for almost every event; storing it proves that right or
 * throws `AssumedNew`. `all` looks every event up.
 */
export type LookUp = 'fresh' | 'all'

/** An event taken for new was stored before, under another sequence: the round has to be decided anew with `all`. */
export class AssumedNew extends Error {}

/** In the order of the requests. */
export const decideRound = async (
  tx: Tx,
  names: Names,
  requests: readonly Request[],
  lookUp: LookUp,
): Promise<readonly Decided[]> => {
  const states = await loadStates(
    tx,
    requests.map(({ speaker }) => speaker.deviceNo),
  )
  const stored = await loadStoredByRequest(tx, requests, (index) => {
    const state = states[index]
    if (lookUp === 'all') return Number.POSITIVE_INFINITY
    return state === undefined ? 0 : highestOf(state.reach)
  })
  return requests.map((request, index) => {
    const { speaker, body, events } = request
    const facts = {
      deviceIds: [speaker.deviceId, ...speaker.formerDeviceIds],
      state: states[index],
      stored: stored[index] as ReadonlyMap<string, StoredEvent>,
      recognised: events.map((read) =>
        read.readable ? names.recognise(speaker.tenantId, read.event.surface, read.event.payload) : undefined,
      ),
    }
    return { ...request, decision: decideSync(facts, { lastAcked: body.lastAckedLocalSequence, events }) }
  })
}

const loadStoredByRequest = async (
  tx: Tx,
  requests: readonly Request[],
  lookUpThrough: (index: number) => number,
): Promise<readonly ReadonlyMap<string, StoredEvent>[]> => {
  const keys: { device_no: number; event_key: Uint8Array }[] = []
  const askers: { readonly stored: Map<string, StoredEvent>; readonly eventId: string }[] = []
  const storedOf = requests.map(({ speaker, events }, index) => {
    const stored = new Map<string, StoredEvent>()
    const through = lookUpThrough(index)
    for (const read of events) {
      if (!read.readable || read.event.sequence > through) continue
      keys.push({ device_no: speaker.deviceNo, event_key: read.event.eventKey })
      askers.push({ stored, eventId: read.event.eventId })
    }
    return stored
  })
  const rows = await loadStored(tx, keys)
  for (const [index, { stored, eventId }] of askers.entries()) {
    const row = rows[index]
    if (row !== undefined) stored.set(eventId, row)
  }
  return storedOf
}

/** What the verdicts of a round leave behind, row by row. */
interface Rows {
  readonly events: StoredCandidate[]
  readonly items: FoldedEvent[]
  readonly hits: Hit[]
  readonly letters: DeadLetter[]
}

const sortVerdicts = (decided: readonly Decided[]): Rows => {
  const rows: Rows = { events: [], items: [], hits: [], letters: [] }
  for (const request of decided) for (const index of request.decision.verdicts.keys()) sortVerdict(rows, request, index)
  return rows
}

const sortVerdict = (rows: Rows, { speaker, receivedMs, decision, body }: Decided, index: number): void => {
  const verdict = decision.verdicts[index]
  if (verdict === undefined || verdict.outcome === 'duplicate') return
  if (verdict.outcome === 'rejected') {
    const { tenantId, deviceNo } = speaker
    const { eventId, sequence, code } = verdict
    rows.letters.push({
      tenantId,
      deviceNo,
      eventId: eventId.replaceAll('\u0000', '\ufffd'),
      sequence,
      code,
      raw: body.events[index],
      receivedMs,
    })
    return
  }
  const { event, said } = verdict
  const { epoch } = decision.state
  rows.events.push({
    device: speaker,
    epoch,
    event,
    body: said.body === 'finding' ? 'finding' : 'inventoryItem',
    receivedMs,
  })
  if (said.body === 'finding') {
    const { tenantId, deviceNo } = speaker
    rows.hits.push({ deviceNo, tenantId, observedMs: Math.min(event.observedMs, receivedMs), finding: said.finding })
    return
  }
  rows.items.push({ device: speaker, event, order: orderOf(epoch, event.sequence), receivedMs, said })
}

/** Answers what to call once the transaction is on disk. */
export const storeRound = async (tx: Tx, folding: Folding, decided: readonly Decided[]): Promise<Settling> => {
  const rows = sortVerdicts(decided)
  if ((await storeEvents(tx, rows.events)) < rows.events.length) throw new AssumedNew('an event was stored before')
  await storeDeadLetters(tx, rows.letters)
  const baselines = await extendCoverage(tx, rows.items)
  const settling = await foldInventory(tx, folding, rows.items, baselines)
  await storeHits(tx, rows.hits)
  await storeStates(tx, decided.map(toStateRow))
  await announce(tx, ...decided.flatMap(toAnnouncement))
  return settling
}

interface SurfaceOf extends SurfaceKey {
  record: SurfaceRecord | undefined
}

/** Extends the record of every surface the events speak of, and answers when each was first collected. */
const extendCoverage = async (tx: Tx, items: readonly FoldedEvent[]): Promise<Baselines> => {
  const bySurface = new Map<number, Map<string, SurfaceOf>>()
  const surfaces: SurfaceOf[] = []
  const of = items.map(({ device: { tenantId, deviceNo }, event: { surface } }) => {
    const ofDevice = bySurface.get(deviceNo) ?? new Map<string, SurfaceOf>()
    const known = ofDevice.get(surface)
    if (known !== undefined) return known
    const found: SurfaceOf = { tenantId, deviceNo, surface, record: undefined }
    bySurface.set(deviceNo, ofDevice.set(surface, found))
    surfaces.push(found)
    return found
  })
  for (const [index, record] of (await loadRecords(tx, surfaces)).entries())
    (surfaces[index] as SurfaceOf).record = record
  for (const [index, { event, receivedMs }] of items.entries()) {
    const extended = of[index] as SurfaceOf
    extended.record = extendRecord(extended.record, event, receivedMs)
  }
  await storeRecords(
    tx,
    surfaces.map(({ record, ...key }) => ({ ...key, ...(record as SurfaceRecord) })),
  )
  return (deviceNo, surface) =>
    bySurface.get(deviceNo)?.get(surface)?.record?.firstCollectedMs ?? Number.NEGATIVE_INFINITY
}

const toStateRow = ({ speaker, receivedMs, decision, events }: Decided): StateRow => {
  let newestMs = 0
  for (const read of events) if (read.readable) newestMs = Math.max(newestMs, read.event.collectedMs)
  return {
    deviceNo: speaker.deviceNo,
    tenantId: speaker.tenantId,
    state: decision.state,
    receivedMs,
    skewMs: newestMs === 0 ? null : receivedMs - newestMs,
  }
}

const toAnnouncement = ({ speaker, receivedMs, decision }: Decided): readonly (Told & Announcement)[] => {
  const stored = decision.verdicts.filter(({ outcome }) => outcome === 'stored').length
  if (stored === 0) return []
  const body = { deviceNo: speaker.deviceNo, epoch: decision.state.epoch, stored }
  const { tenantId, deviceId } = speaker
  return [{ tenantId, topic: 'observe.batch_stored', key: deviceId, body, createdMs: receivedMs }]
}
