// One tick of the conversation with the server: send what waits, or say that this sensor lives (sensor-agent 11.2, 11.7).
// What an answer means is decide.ts; when the next tick comes, and what a hint sets off, is the lane's.
import type { BodyOf, ReplyOf, spokenSensorRoutes } from '@muster/contract/device'
import type { RemoteRefusal } from '@muster/http/client'
import { type Clock, type Log, toIso } from '@muster/kernel'
import type { SyncSettings } from '../../../configuration/configuration.ts'
import type { Leftovers } from '../../../program/frugal.ts'
import { type Database, inTransaction } from '../database/open.ts'
import { rememberSequence } from '../enroll/enroll.ts'
import type { Enrollment } from '../enroll/enrollment.ts'
import type { HostDescription } from '../host.ts'
import { writeNote } from '../notes.ts'
import type { OutboxStore, QueuedEvent } from '../outbox/store.ts'
import {
  cutBatch,
  decideFailure,
  decideFates,
  decidePauseMs,
  type Fate,
  longestWaitMs,
  type RetryFacts,
} from './decide.ts'
import type { SensorServer } from './sensor-server.ts'
import { faultOf, messageFor } from './unwelcome.ts'

export interface SyncNeeds {
  /** Events were spelled out to be sent, and have left more in memory than will be needed. */
  readonly onLeftovers?: (leftovers: Leftovers) => void
  readonly dataDir: string
  /** Throws while something that was to be kept is not on the disk: then nothing is to be said. */
  readonly mustBeWritten?: () => void
  readonly db: Database
  readonly outbox: OutboxStore
  readonly host: HostDescription
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
}

export interface Speaker {
  readonly enrollment: Enrollment
  readonly sensors: SensorServer
  readonly settings: SyncSettings
  /** The policy really in force; empty when there is none. */
  readonly generation: string
}

export interface Heard {
  readonly isReached: boolean
  /** The server offers a policy other than the one in force; null when it does not. */
  readonly offeredGeneration: string | null
  readonly isResnapshotAsked: boolean
  readonly isRenewalAsked: boolean
  /** Nothing is to be sent for so long. */
  readonly pauseMs: number
}

/** So that a large backlog leaves in one go, and yet a tick ends (sensor-agent 11.2). */
const mostBatchesPerTick = 20

const silence: Heard = {
  isReached: false,
  offeredGeneration: null,
  isResnapshotAsked: false,
  isRenewalAsked: false,
  pauseMs: 0,
}

type SyncBody = BodyOf<typeof spokenSensorRoutes.sync>
type SyncReply = ReplyOf<typeof spokenSensorRoutes.sync>

/** What a conversation remembers from one tick to the next. */
interface Conversation extends SyncNeeds {
  unauthorisedInARow: number
  /** Since nothing was left to be sent. */
  batchesInARow: number
  /** What the server said it takes at once; 0 is no bound. */
  serverLimits: { readonly maxBatchEvents: number; readonly maxBatchBytes: number }
}

const envelopeOf = ({
  observedMs,
  collectedMs,
  payloadBase64,
  payloadBytes: _bytes,
  attemptCount: _count,
  ...event
}: QueuedEvent) => ({
  ...event,
  observedAt: toIso(observedMs),
  collectedAt: toIso(collectedMs),
  payload: payloadBase64,
})

const retryFacts = ({ clock, random }: Conversation, settings: SyncSettings) =>
  ({ settings, nowMs: clock.nowMs(), jitter: random() }) satisfies RetryFacts

const healthOf = ({ outbox }: Conversation, deviceId: string) => {
  const { events, bytes } = outbox.backlog(deviceId)
  return { syncBacklogEvents: events, syncBacklogBytes: bytes }
}

const noteContact = ({ db, clock }: Conversation, fault: string | null): void => {
  if (fault === null) writeNote(db, 'sync.last_contact_ms', String(clock.nowMs()))
  writeNote(db, 'sync.last_fault', fault)
}

type Refusing = Pick<RemoteRefusal, 'code' | 'status' | 'retryAfterSeconds'>

const refused = (talk: Conversation, refusal: Refusing, settings: SyncSettings): Heard => {
  const isUnwelcome = refusal.status === 401 || refusal.status === 403
  const facts = { ...refusal, unauthorisedInARow: talk.unauthorisedInARow }
  const pauseMs = decidePauseMs(facts, retryFacts(talk, settings))
  if (isUnwelcome) talk.unauthorisedInARow += 1
  noteContact(talk, faultOf(refusal.code))
  const message = isUnwelcome ? messageFor(refusal.code) : 'server declined'
  talk.log.warn(message, { 'error.code': refusal.code, 'http.status': refusal.status, 'retry.in_ms': pauseMs })
  return { ...silence, pauseMs }
}

/** A server of another make says no in its own words, and the status is all that can be read of them. */
const unreached = (talk: Conversation, { sensors, settings }: Speaker, err: unknown): Heard => {
  const answer = sensors.answerIn(err)
  if (answer !== null && answer.status >= 400)
    return refused(talk, { code: `http_${answer.status}`, ...answer }, settings)
  noteContact(talk, err instanceof Error ? err.message : String(err))
  talk.log.warn('server not reached', { err })
  return silence
}

const welcomed = (talk: Conversation): void => {
  talk.unauthorisedInARow = 0
  noteContact(talk, null)
}

const settle = ({ outbox, clock }: Conversation, fates: readonly Fate[], deviceId: string): void => {
  const nowMs = clock.nowMs()
  for (const fate of fates) {
    if (fate.fate === 'acked') outbox.acknowledge(fate.localSequence, deviceId, nowMs)
    else if (fate.fate === 'poison') outbox.poison(fate.localSequence, deviceId, fate, nowMs)
    else outbox.postpone(fate.localSequence, deviceId, fate.untilMs, nowMs)
  }
}

const nextBatch = (talk: Conversation, { enrollment, settings }: Speaker): readonly QueuedEvent[] => {
  talk.mustBeWritten?.()
  const { maxBatchEvents, maxBatchBytes } = talk.serverLimits
  const mostEvents = Math.min(settings.maxBatchEvents, maxBatchEvents || settings.maxBatchEvents)
  const mostBytes = Math.min(settings.maxBatchBytes, maxBatchBytes || settings.maxBatchBytes)
  const due = talk.outbox.due(enrollment.deviceId, talk.clock.nowMs(), mostEvents, longestWaitMs(settings))
  return cutBatch(due, mostEvents, mostBytes)
}

const requestOf = (talk: Conversation, { enrollment }: Speaker, batch: readonly QueuedEvent[]): SyncBody => ({
  tenantId: enrollment.tenantId,
  deviceId: enrollment.deviceId,
  sensorVersion: talk.host.sensorVersion,
  schemaVersion: 1,
  lastAckedLocalSequence: talk.outbox.lastAckedSequence(enrollment.deviceId),
  events: batch.map(envelopeOf),
  health: healthOf(talk, enrollment.deviceId),
})

const markInFlight = (
  { db, outbox, clock }: Conversation,
  { enrollment }: Speaker,
  batch: readonly QueuedEvent[],
): void => {
  const localSequences = batch.map(({ localSequence }) => localSequence)
  inTransaction(db, () => outbox.markInFlight(localSequences, enrollment.deviceId, clock.nowMs()))
}

interface BatchHeard extends Heard {
  /** Every event of the batch is done with. */
  readonly isWhole: boolean
}

const batchAnswered = (
  talk: Conversation,
  speaker: Speaker,
  batch: readonly QueuedEvent[],
  reply: SyncReply,
): BatchHeard => {
  const { deviceId } = speaker.enrollment
  const fates = decideFates(batch, reply, retryFacts(talk, speaker.settings))
  inTransaction(talk.db, () => {
    const through = reply.acceptedThroughLocalSequence
    if (through > 0) talk.outbox.acknowledgeThrough(through, deviceId, talk.clock.nowMs())
    settle(talk, fates, deviceId)
    welcomed(talk)
  })
  talk.serverLimits = reply
  const backlog = talk.outbox.backlog(deviceId).events
  talk.log.info('batch sent', { 'batch.events': batch.length, 'backlog.events': backlog })
  return {
    isReached: true,
    offeredGeneration: reply.configUpdateAvailable ? reply.configGeneration : null,
    isResnapshotAsked: reply.fullResnapshotRequested,
    isRenewalAsked: false,
    pauseMs: 0,
    isWhole: fates.every(({ fate }) => fate === 'acked'),
  }
}

/** One batch to its end: whatever happens, no event of it stays in flight. */
const sendBatch = async (talk: Conversation, speaker: Speaker, batch: readonly QueuedEvent[]): Promise<BatchHeard> => {
  const { settings, enrollment, sensors } = speaker
  const { deviceId } = enrollment
  const putBack = (): void => {
    const fates = decideFailure(batch, retryFacts(talk, settings))
    inTransaction(talk.db, () => settle(talk, fates, deviceId))
  }
  markInFlight(talk, speaker, batch)
  // Now that the numbers are on the disk, and before anybody hears them: a lost database must not use them again.
  rememberSequence(talk.dataDir, deviceId, talk.outbox.nextSequence(deviceId))
  talk.onLeftovers?.('little')
  let called: Awaited<ReturnType<SensorServer['sync']>>
  try {
    called = await sensors.sync(requestOf(talk, speaker, batch))
  } catch (err) {
    putBack()
    return { ...unreached(talk, speaker, err), isWhole: false }
  }
  if (called.ok) return batchAnswered(talk, speaker, batch, called.value)
  putBack()
  return { ...refused(talk, called.refusal, settings), isWhole: false }
}

/** Whoever sent more than a tick takes has had a backlog, and does no more of it now. */
const noteSent = (talk: Conversation, isAllSent: boolean): void => {
  if (!isAllSent) return
  if (talk.batchesInARow >= mostBatchesPerTick) talk.onLeftovers?.('much')
  talk.batchesInARow = 0
}

const sendBatches = async (
  talk: Conversation,
  speaker: Speaker,
  first: readonly QueuedEvent[],
  signal: AbortSignal,
): Promise<Heard> => {
  let batch = first
  let all = silence
  for (let sent = 0; sent < mostBatchesPerTick && batch.length > 0 && !signal.aborted; sent++) {
    const heard = await sendBatch(talk, speaker, batch)
    all = {
      ...heard,
      offeredGeneration: heard.offeredGeneration ?? all.offeredGeneration,
      isResnapshotAsked: heard.isResnapshotAsked || all.isResnapshotAsked,
    }
    if (!heard.isWhole) break
    talk.batchesInARow += 1
    batch = nextBatch(talk, speaker)
  }
  noteSent(talk, batch.length === 0)
  // Pages of the outbox that SQLite keeps at hand, and that an idle agent has no use for.
  talk.db.exec('pragma shrink_memory')
  return all
}

const checkIn = async (talk: Conversation, speaker: Speaker): Promise<Heard> => {
  const { tenantId, deviceId } = speaker.enrollment
  const { sensorVersion, osVersion } = talk.host
  const ids = { tenantId, deviceId, sensorVersion, osVersion, activeConfigGeneration: speaker.generation }
  let called: Awaited<ReturnType<SensorServer['checkIn']>>
  try {
    called = await speaker.sensors.checkIn({ ...ids, health: healthOf(talk, deviceId) })
  } catch (err) {
    return unreached(talk, speaker, err)
  }
  if (!called.ok) return refused(talk, called.refusal, speaker.settings)
  inTransaction(talk.db, () => welcomed(talk), 'soon')
  talk.log.debug('checked in')
  const { configGeneration, configUpdateAvailable, fullResnapshotRequested, certificateRenewalRequired } = called.value
  // A label is never adopted from here: if it differs, the bundle behind it is fetched (sensor-agent 11.7).
  const isOther = configUpdateAvailable || configGeneration !== speaker.generation
  return {
    isReached: true,
    offeredGeneration: isOther ? configGeneration : null,
    isResnapshotAsked: fullResnapshotRequested,
    isRenewalAsked: certificateRenewalRequired,
    pauseMs: 0,
  }
}

export const createSync = (needs: SyncNeeds) => {
  const serverLimits = { maxBatchEvents: 0, maxBatchBytes: 0 }
  const talk: Conversation = { ...needs, unauthorisedInARow: 0, batchesInARow: 0, serverLimits }
  return {
    /** Sends everything that is due, in batches; with nothing due, checks in. Throws nothing for the network's sake. */
    async tick(speaker: Speaker, signal: AbortSignal): Promise<Heard> {
      const batch = nextBatch(talk, speaker)
      return batch.length === 0 ? checkIn(talk, speaker) : sendBatches(talk, speaker, batch, signal)
    },
  }
}

export type Sync = ReturnType<typeof createSync>
