// One round of a group: at most one request per device, decided on loaded facts, and everything kept that follows.
// How requests come together in a transaction is sync.ts; each kind of row is its own feature's.
import { announce, type Tx } from '@muster/storage'
import { extendRecord, type SurfaceRecord } from '../coverage/decide.ts'
import { loadRecords, type SurfaceKey, storeRecords } from '../coverage/store.ts'
import { type Hit, storeHits } from '../findings/store.ts'
import { type FoldedDevice, type FoldedEvent, foldInventory, type Settling } from '../inventory/fold.ts'
import type { Names } from '../inventory/names.ts'
import type { Candidate, ReadEvent } from './candidate.ts'
import { decideSync, type StoredEvent, type SyncDecision } from './decide.ts'
import type { SyncBody } from './frame.ts'
import { orderOf } from './order.ts'
import {
  type DeadLetter,
  type EventRow,
  loadStates,
  loadStored,
  type StateRow,
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

/** In the order of the requests. */
export const decideRound = async (tx: Tx, requests: readonly Request[]): Promise<readonly Decided[]> => {
  const states = await loadStates(
    tx,
    requests.map(({ speaker }) => speaker.deviceNo),
  )
  const stored = await loadStoredByRequest(tx, requests)
  return requests.map((request, index) => {
    const { speaker, body, events } = request
    const facts = {
      deviceIds: [speaker.deviceId, ...speaker.formerDeviceIds],
      state: states[index],
      stored: stored[index] as ReadonlyMap<string, StoredEvent>,
    }
    return { ...request, decision: decideSync(facts, { lastAcked: body.lastAckedLocalSequence, events }) }
  })
}

const loadStoredByRequest = async (
  tx: Tx,
  requests: readonly Request[],
): Promise<readonly ReadonlyMap<string, StoredEvent>[]> => {
  const keys: { device_no: number; event_key: Uint8Array }[] = []
  for (const { speaker, events } of requests)
    for (const read of events)
      if (read.readable) keys.push({ device_no: speaker.deviceNo, event_key: read.event.eventKey })
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

/** What the verdicts of a round leave behind, row by row. */
interface Rows {
  readonly events: EventRow[]
  readonly items: {
    readonly request: Decided
    readonly event: Candidate
    readonly folded: Omit<FoldedEvent, 'baselineMs'>
  }[]
  readonly hits: Hit[]
  readonly letters: DeadLetter[]
}

const sortVerdicts = (decided: readonly Decided[]): Rows => {
  const rows: Rows = { events: [], items: [], hits: [], letters: [] }
  for (const request of decided) for (const index of request.decision.verdicts.keys()) sortVerdict(rows, request, index)
  return rows
}

const sortVerdict = (rows: Rows, request: Decided, index: number): void => {
  const { speaker, receivedMs, decision, body } = request
  const { tenantId, deviceNo } = speaker
  const verdict = decision.verdicts[index]
  if (verdict === undefined || verdict.outcome === 'duplicate') return
  if (verdict.outcome === 'rejected') {
    const { eventId, sequence, code } = verdict
    rows.letters.push({ tenantId, deviceNo, eventId, sequence, code, raw: body.events[index], receivedMs })
    return
  }
  const { event, payload } = verdict
  const { epoch } = decision.state
  rows.events.push({ tenantId, deviceNo, epoch, event, body: payload.body, receivedMs })
  if (payload.body === 'finding') {
    const observedMs = Math.min(event.observedMs, receivedMs)
    rows.hits.push({ deviceNo, tenantId, observedMs, finding: payload.finding })
    return
  }
  const { kind, observedMs, collectedMs } = event
  const order = orderOf(epoch, event.sequence)
  const folded = { device: speaker, item: payload.item, order, kind, observedMs, collectedMs, receivedMs }
  rows.items.push({ request, event, folded })
}

/** Answers what to call once the transaction is on disk. */
export const storeRound = async (tx: Tx, names: Names, decided: readonly Decided[]): Promise<Settling> => {
  const rows = sortVerdicts(decided)
  await storeEvents(tx, rows.events)
  await storeDeadLetters(tx, rows.letters)
  const records = await extendCoverage(tx, rows.items)
  const settling = await foldInventory(
    tx,
    names,
    rows.items.map(({ folded }) => ({
      ...folded,
      baselineMs: records.get(surfaceKeyOf(folded))?.firstCollectedMs ?? folded.collectedMs,
    })),
  )
  await storeHits(tx, rows.hits)
  await storeStates(tx, decided.map(toStateRow))
  await announce(tx, ...decided.flatMap(toAnnouncement))
  return settling
}

const surfaceKeyOf = ({ device, item }: Pick<FoldedEvent, 'device' | 'item'>): string =>
  `${device.deviceNo} ${item.surface}`

const extendCoverage = async (tx: Tx, items: Rows['items']): Promise<ReadonlyMap<string, SurfaceRecord>> => {
  const keys = new Map<string, SurfaceKey>()
  for (const { folded } of items) {
    const name = surfaceKeyOf(folded)
    if (!keys.has(name)) keys.set(name, { deviceNo: folded.device.deviceNo, surface: folded.item.surface })
  }
  const loaded = await loadRecords(tx, [...keys.values()])
  const records = new Map([...keys.keys()].map((name, index) => [name, loaded[index]]))
  for (const { folded, event } of items) {
    const name = surfaceKeyOf(folded)
    records.set(name, extendRecord(records.get(name), event, folded.receivedMs))
  }
  const extended = [...records].flatMap(([name, record]) => (record === undefined ? [] : [[name, record] as const]))
  await storeRecords(
    tx,
    extended.map(([name, record]) => ({ ...(keys.get(name) as SurfaceKey), ...record })),
  )
  return new Map(extended)
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

const toAnnouncement = ({ speaker, receivedMs, decision }: Decided) => {
  const stored = decision.verdicts.filter(({ outcome }) => outcome === 'stored').length
  if (stored === 0) return []
  const body = { deviceNo: speaker.deviceNo, epoch: decision.state.epoch, stored }
  const { tenantId, deviceId } = speaker
  return [{ tenantId, topic: 'observe.batch_stored', key: deviceId, body, createdMs: receivedMs }]
}
