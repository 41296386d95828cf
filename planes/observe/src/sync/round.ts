// One round of a group: at most one request per device, decided on loaded facts, and everything kept that follows.
// How requests come together in a transaction is sync.ts; each kind of row is its own feature's.
import type { Told } from '@muster/contract'
import type { ScannedDevice } from '@muster/identity'
import { sha256Hex } from '@muster/kernel'
import { type Announcement, announce, type Tx } from '@muster/storage'
import { extendRecord, type SurfaceRecord, scannedOf } from '../coverage/decide.ts'
import { loadBaselines, loadRecords, type SurfaceKey, storeRecords } from '../coverage/store.ts'
import { bitsOf, mayRepeat } from '../events/key-filter.ts'
import type { PackedEvent } from '../events/pack.ts'
import {
  type EventBatch,
  type FoundEvent,
  findEvents,
  type KeyFilter,
  loadFilters,
  nameOfKey,
  type Question,
  storeEvents,
} from '../events/store.ts'
import { type Hit, storeHits } from '../findings/store.ts'
import {
  type Baselines,
  type FoldedDevice,
  type FoldedEvent,
  type Folding,
  foldInventory,
  type Settling,
} from '../inventory/fold.ts'
import type { ReadEvent } from './candidate.ts'
import { decideSync, type StoredEvent, type SyncDecision } from './decide.ts'
import type { SyncBody } from './frame.ts'
import { orderOf } from './order.ts'
import { type DeadLetter, loadStates, type StateRow, storeDeadLetters, storeStates } from './store.ts'

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
  readonly filters: KeyFilter[]
  readonly decision: SyncDecision
}

/** In the order of the requests. */
export const decideRound = async (tx: Tx, requests: readonly Request[]): Promise<readonly Decided[]> => {
  const deviceNos = requests.map(({ speaker }) => speaker.deviceNo)
  const states = await loadStates(tx, deviceNos)
  const filters = await loadFilters(tx, deviceNos)
  const questions = requests.map((request, index) => askFor(request, filters[index] as KeyFilter[]))
  const found = await findEvents(tx, questions)
  return requests.map((request, index) => {
    const { speaker, body, events } = request
    const facts = {
      deviceIds: [speaker.deviceId, ...speaker.formerDeviceIds],
      state: states[index],
      stored: storedUnder(request, found[index] as (typeof found)[number]),
      mayRepeat: mayRepeat((questions[index] as Question).keyBits),
    }
    return {
      ...request,
      filters: filters[index] as KeyFilter[],
      decision: decideSync(facts, { lastAcked: body.lastAckedLocalSequence, events }),
    }
  })
}

/** What is to be found out of the event ids that a request names. */
const askFor = ({ speaker: { deviceNo }, events }: Request, filters: readonly KeyFilter[]): Question => {
  const keys: Uint8Array[] = []
  for (const read of events) if (read.readable) keys.push(read.event.eventKey)
  return { deviceNo, filters, keys, keyBits: bitsOf(keys) }
}

/** By event id. */
const storedUnder = ({ events }: Request, found: ReadonlyMap<string, FoundEvent>): ReadonlyMap<string, StoredEvent> => {
  const stored = new Map<string, StoredEvent>()
  if (found.size === 0) return stored
  for (const read of events) {
    const event = read.readable ? found.get(nameOfKey(read.event.eventKey)) : undefined
    if (!read.readable || event === undefined) continue
    stored.set(read.event.eventId, { ...event, payloadHash: sha256Hex(event.payload) })
  }
  return stored
}

/** What the verdicts of a round leave behind, row by row. */
interface Rows {
  readonly events: (EventBatch & { readonly retold: Set<PackedEvent> })[]
  readonly items: FoldedEvent[]
  readonly hits: Hit[]
  readonly letters: DeadLetter[]
}

const sortVerdicts = (decided: readonly Decided[]): Rows => {
  const rows: Rows = { events: [], items: [], hits: [], letters: [] }
  for (const request of decided) {
    const events: PackedEvent[] = []
    for (const index of request.decision.verdicts.keys()) sortVerdict(rows, events, request, index)
    const { speaker: device, decision, receivedMs, filters } = request
    const { epoch } = decision.state
    if (events.length > 0) rows.events.push({ device, epoch, receivedMs, events, filters, retold: new Set() })
  }
  return rows
}

const sortVerdict = (
  rows: Rows,
  events: PackedEvent[],
  { speaker, receivedMs, decision, body }: Decided,
  index: number,
): void => {
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
  const { eventKey, sequence, surface, kind, observedMs, collectedMs, payload } = event
  const eventBody = said.body === 'finding' ? 'finding' : 'inventoryItem'
  events.push({ eventKey, sequence, surface, kind, body: eventBody, observedMs, collectedMs, payload })
  if (said.body === 'finding') {
    const { tenantId, deviceNo } = speaker
    rows.hits.push({ deviceNo, tenantId, observedMs: Math.min(event.observedMs, receivedMs), finding: said.finding })
    return
  }
  rows.items.push({ device: speaker, event, order: orderOf(epoch, event.sequence), receivedMs, said })
}

/** Told in the transaction how much of each device is scanned now, of those of which it may have changed. */
export type OnScanned = (tx: Tx, devices: readonly ScannedDevice[]) => Promise<unknown>

/** Notes which of the events only said what was known; the items are those of the events, in the same order. */
const markRetold = ({ events: batches }: Rows, isRetold: readonly boolean[]): void => {
  let at = 0
  for (const { events, retold } of batches)
    for (const event of events) {
      if (event.body !== 'inventoryItem') continue
      if (isRetold[at] === true) retold.add(event)
      at += 1
    }
}

/** Answers what to call once the transaction is on disk. */
export const storeRound = async (
  tx: Tx,
  folding: Folding,
  onScanned: OnScanned,
  decided: readonly Decided[],
): Promise<Settling> => {
  const rows = sortVerdicts(decided)
  const baselines = await extendCoverage(tx, onScanned, rows.items)
  const fold = await foldInventory(tx, folding, rows.items, baselines)
  markRetold(rows, fold.isRetold)
  await storeEvents(tx, rows.events)
  await storeDeadLetters(tx, rows.letters)
  const settling = await fold.store()
  await storeHits(tx, rows.hits)
  await storeStates(tx, decided.map(toStateRow))
  await announce(tx, ...decided.flatMap(toAnnouncement))
  return settling
}

interface SurfaceOf extends SurfaceKey {
  /** As it was before the round. */
  known: SurfaceRecord | undefined
  record: SurfaceRecord | undefined
}

/** What these surfaces make of their devices, with those that the round does not speak of. */
const scannedWith = async (tx: Tx, surfaces: readonly SurfaceOf[]): Promise<readonly ScannedDevice[]> => {
  const changed = surfaces.filter(({ known, record }) => known?.baseline !== record?.baseline)
  if (changed.length === 0) return []
  const deviceNos = [...new Set(changed.map(({ deviceNo }) => deviceNo))]
  const before = Map.groupBy(await loadBaselines(tx, deviceNos), ({ deviceNo }) => deviceNo)
  const now = Map.groupBy(changed, ({ deviceNo }) => deviceNo)
  return deviceNos.map((deviceNo) => {
    const all = [...(before.get(deviceNo) ?? []), ...(now.get(deviceNo) ?? []).map(baselineOf)]
    return { deviceNo, scanned: scannedOf(new Map(all.map((one) => [one.surface, one])).values()) }
  })
}

const baselineOf = ({ surface, record }: SurfaceOf) => ({ surface, baseline: record?.baseline === true })

/** Extends the record of every surface the events speak of, and answers when each was first collected. */
const extendCoverage = async (tx: Tx, onScanned: OnScanned, items: readonly FoldedEvent[]): Promise<Baselines> => {
  const bySurface = new Map<number, Map<string, SurfaceOf>>()
  const surfaces: SurfaceOf[] = []
  const of = items.map(({ device: { tenantId, deviceNo }, event: { surface } }) => {
    const ofDevice = bySurface.get(deviceNo) ?? new Map<string, SurfaceOf>()
    const known = ofDevice.get(surface)
    if (known !== undefined) return known
    const found: SurfaceOf = { tenantId, deviceNo, surface, known: undefined, record: undefined }
    bySurface.set(deviceNo, ofDevice.set(surface, found))
    surfaces.push(found)
    return found
  })
  for (const [index, known] of (await loadRecords(tx, surfaces)).entries())
    Object.assign(surfaces[index] as SurfaceOf, { known, record: known })
  for (const [index, { event, receivedMs }] of items.entries()) {
    const extended = of[index] as SurfaceOf
    extended.record = extendRecord(extended.record, event, receivedMs)
  }
  // Rows of devices come first, as they do where the life of a device turns; else two such would wait for each other.
  const scanned = await scannedWith(tx, surfaces)
  if (scanned.length > 0) await onScanned(tx, scanned)
  await storeRecords(
    tx,
    surfaces.map(({ known: _known, record, ...key }) => ({ ...key, ...(record as SurfaceRecord) })),
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
