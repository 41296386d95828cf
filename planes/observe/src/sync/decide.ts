// The sync decision of sensor-protocol 18.2: what becomes of each event of a batch, and how far the device may forget.
// Facts come from the store; what is kept because of the verdicts is folded and written elsewhere.
import type { EventKind, Payload, RejectionCode } from '@muster/contract'
import type { RecognisedItem } from '../inventory/names.ts'
import type { Candidate, ReadEvent } from './candidate.ts'
import { maxEpoch } from './order.ts'
import { emptyReach, extendReach, isBound, type Reach } from './reach.ts'
import { readPayload } from './readable.ts'

export interface SyncState {
  readonly epoch: number
  readonly reach: Reach
  /** The `lastAckedLocalSequence` of the latest request. */
  readonly lastAcked: number
}

/** What is stored under an event id this batch names. */
export interface StoredEvent {
  readonly sequence: number
  readonly surface: string
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
  readonly payloadHash: string
}

export interface SyncFacts {
  /** The device's id and the ids it had before. */
  readonly deviceIds: readonly string[]
  /** Undefined when the device never sent anything here. */
  readonly state: SyncState | undefined
  /** By event id. */
  readonly stored: ReadonlyMap<string, StoredEvent>
  /** Whether an event id may stand in the batch twice. */
  readonly mayRepeat: boolean
}

export interface SyncBatch {
  readonly lastAcked: number
  readonly events: readonly ReadEvent[]
}

/** What a stored event says: a payload that was read, or an item that was recognised and need not be. */
export type Said = Payload | { readonly body: 'recognised'; readonly item: RecognisedItem }

export type Verdict =
  | { readonly outcome: 'stored'; readonly event: Candidate; readonly said: Said }
  | { readonly outcome: 'duplicate'; readonly event: Candidate }
  | {
      readonly outcome: 'rejected'
      readonly eventId: string
      readonly sequence: number
      readonly code: RejectionCode
      readonly message: string
    }

export interface SyncDecision {
  /** One verdict per event, in the order sent. */
  readonly verdicts: readonly Verdict[]
  readonly state: SyncState
  /** Never above a missing sequence of the epoch, never above the batch; 0 for none. */
  readonly acceptedThrough: number
}

/** Decides every event of the batch; nothing that could become acceptable is rejected. */
export const decideSync = (facts: SyncFacts, batch: SyncBatch): SyncDecision => {
  const before = decideEpoch(facts, batch)
  const verdicts = judgeAll(facts, batch.events)
  const reach = extendReach(
    before.reach,
    verdicts.flatMap((verdict) => (verdict.outcome === 'stored' ? [verdict.event.sequence] : [])),
  )
  return {
    verdicts,
    state: { epoch: before.epoch, reach, lastAcked: batch.lastAcked },
    acceptedThrough: Math.min(reach.contiguous, highestSequence(batch.events)),
  }
}

/** Step 3, and the cold start of step 5. */
const decideEpoch = (facts: SyncFacts, batch: SyncBatch): SyncState => {
  const { state } = facts
  if (state === undefined) {
    const assumed = lowestSequence(batch.events) === batch.lastAcked + 1 ? batch.lastAcked : 0
    return { epoch: 1, reach: { ...emptyReach, assumed, contiguous: assumed }, lastAcked: batch.lastAcked }
  }
  const restarted = batch.lastAcked < state.lastAcked || hasRebound(facts.stored, state.reach, batch.events)
  if (!restarted) return state
  return { epoch: Math.min(state.epoch + 1, maxEpoch), reach: emptyReach, lastAcked: batch.lastAcked }
}

/** Whether a sequence that is taken in this epoch now comes with an event never seen. */
const hasRebound = (stored: ReadonlyMap<string, StoredEvent>, reach: Reach, events: readonly ReadEvent[]): boolean =>
  events.some((read) => read.readable && isBound(reach, read.event.sequence) && !stored.has(read.event.eventId))

const judgeAll = (facts: SyncFacts, events: readonly ReadEvent[]): readonly Verdict[] => {
  const inBatch = new Map<string, StoredEvent>()
  return events.map((read) => {
    if (!read.readable) return { outcome: 'rejected', eventId: read.eventId, sequence: read.sequence, ...read.fault }
    const verdict = judge(facts, inBatch, read.event)
    if (facts.mayRepeat && verdict.outcome === 'stored') inBatch.set(read.event.eventId, read.event)
    return verdict
  })
}

/** Steps 4b and 4c, in that order: what is stored already is not looked into again. */
const judge = (facts: SyncFacts, inBatch: ReadonlyMap<string, StoredEvent>, event: Candidate): Verdict => {
  if (!facts.deviceIds.includes(event.deviceId))
    return reject(event, 'invalid_device', 'deviceId never belonged to this device')
  const isNew = facts.stored.size === 0 && inBatch.size === 0
  const known = isNew ? undefined : (facts.stored.get(event.eventId) ?? inBatch.get(event.eventId))
  if (known !== undefined)
    return sameContent(known, event)
      ? { outcome: 'duplicate', event }
      : reject(event, 'duplicate_conflict', 'eventId is stored with other content')
  if (!event.isIntact) return reject(event, 'invalid_payload_hash', 'payloadHash is not the SHA-256 of the payload')
  if (event.recognised !== undefined)
    return { outcome: 'stored', event, said: { body: 'recognised', item: event.recognised } }
  const decoded = readPayload(event.payload)
  if (!decoded.ok) return reject(event, 'invalid_payload', decoded.refusal.detail ?? 'payload is not a v1 message')
  if (surfaceOf(decoded.value) !== event.surface)
    return reject(event, 'invalid_payload', 'the surface of the payload is not that of its envelope')
  return { outcome: 'stored', event, said: decoded.value }
}

const reject = (event: Candidate, code: RejectionCode, message: string): Verdict => ({
  outcome: 'rejected',
  eventId: event.eventId,
  sequence: event.sequence,
  code,
  message,
})

const surfaceOf = (payload: Payload): string =>
  payload.body === 'inventoryItem' ? payload.item.surface : payload.finding.surface

const sameContent = (known: StoredEvent, event: Candidate): boolean =>
  known.sequence === event.sequence &&
  known.surface === event.surface &&
  known.kind === event.kind &&
  known.observedMs === event.observedMs &&
  known.collectedMs === event.collectedMs &&
  known.payloadHash === event.payloadHash

const sequencesOf = (events: readonly ReadEvent[]): number[] =>
  events.flatMap((read) => (read.readable ? [read.event.sequence] : []))

const highestSequence = (events: readonly ReadEvent[]): number =>
  sequencesOf(events).reduce((highest, sequence) => Math.max(highest, sequence), 0)

const lowestSequence = (events: readonly ReadEvent[]): number =>
  sequencesOf(events).reduce((lowest, sequence) => Math.min(lowest, sequence), Number.MAX_SAFE_INTEGER)
