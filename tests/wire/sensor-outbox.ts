// The agent's outbox as sensor-protocol 7.3, 10 and 13 describe it, in memory: states, batches, acks by sequence, backoff.
// Its defects are kept, because a server has to live with them.
import { createHash, randomUUID } from 'node:crypto'
import type { ReplyBody } from './sensor-replies.ts'

export type RowState = 'pending' | 'inFlight' | 'acked' | 'poison'

export interface Envelope {
  readonly eventId: string
  readonly deviceId: string
  readonly localSequence: number
  readonly surface: string
  readonly kind: string
  readonly observedAt: string
  readonly collectedAt: string
  readonly payloadHash: string
  readonly payload: string
}

export interface OutboxRow {
  readonly envelope: Envelope
  readonly payloadBytes: number
  state: RowState
  attempts: number
  nextAttemptMs: number | null
}

export interface QueuedEvent {
  readonly surface: string
  readonly kind: 'added' | 'modified' | 'removed'
  readonly payload: Uint8Array
  readonly observedAtMs: number
  readonly collectedAtMs: number
}

/** ISO 8601 in UTC with three digits and a literal Z. */
export const sensorTime = (atMs: number): string => new Date(atMs).toISOString()

/** An event as it is queued, and as every retry repeats it. */
export const envelopeOf = (deviceId: string, localSequence: number, event: QueuedEvent): Envelope => ({
  eventId: randomUUID().toUpperCase(),
  deviceId,
  localSequence,
  surface: event.surface,
  kind: event.kind,
  observedAt: sensorTime(event.observedAtMs),
  collectedAt: sensorTime(event.collectedAtMs),
  payloadHash: createHash('sha256').update(event.payload).digest('hex'),
  payload: Buffer.from(event.payload).toString('base64'),
})

export interface OutboxLimits {
  maxBatchEvents: number
  maxBatchBytes: number
  readonly retryBaseSeconds: number
  readonly retryMaxSeconds: number
}

export const defaultOutboxLimits: OutboxLimits = {
  maxBatchEvents: 500,
  maxBatchBytes: 524_288,
  retryBaseSeconds: 15,
  retryMaxSeconds: 1800,
}

const backlogOf = (rows: readonly OutboxRow[], deviceId: string) => {
  const waiting = rows.filter(
    ({ envelope, state }) => envelope.deviceId === deviceId && (state === 'pending' || state === 'inFlight'),
  )
  return {
    syncBacklogEvents: waiting.length,
    syncBacklogBytes: waiting.reduce((bytes, row) => bytes + row.payloadBytes, 0),
  }
}

export const createOutbox = (limits: OutboxLimits) => {
  let rows: OutboxRow[] = []

  const postpone = (batch: readonly OutboxRow[], nowMs: number, seconds: number): void => {
    for (const row of batch) {
      row.state = 'pending'
      row.attempts += 1
      row.nextAttemptMs = nowMs + seconds * 1000
    }
  }
  const backoffSeconds = (batch: readonly OutboxRow[]): number => {
    const attempts = Math.max(0, ...batch.map((row) => row.attempts))
    return Math.min(limits.retryBaseSeconds * 2 ** attempts, limits.retryMaxSeconds)
  }
  const settle = (sequences: readonly number[], state: RowState): void => {
    const named = new Set(sequences)
    // By sequence alone, whatever device a row belongs to (sensor-protocol 10.5).
    for (const row of rows) if (named.has(row.envelope.localSequence)) row.state = state
  }

  return {
    rows: (): readonly OutboxRow[] => rows,
    limits,

    /** The next sequence is one above the highest in the table. */
    queue(deviceId: string, event: QueuedEvent): Envelope {
      const own = rows.filter(({ envelope }) => envelope.deviceId === deviceId)
      const sequence = (own.at(-1)?.envelope.localSequence ?? 0) + 1
      const envelope = envelopeOf(deviceId, sequence, event)
      const payloadBytes = event.payload.length
      rows.push({ envelope, payloadBytes, state: 'pending', attempts: 0, nextAttemptMs: null })
      return envelope
    },

    /** A lost database: sequences start again, for the same device. */
    lose: (): void => {
      rows = []
    },

    /** Due rows in order of sequence, a prefix within the limits; the first always, however large. */
    takeBatch(nowMs: number): readonly OutboxRow[] {
      const due = rows
        .filter((row) => row.state === 'pending' && (row.nextAttemptMs ?? 0) <= nowMs)
        .toSorted((left, right) => left.envelope.localSequence - right.envelope.localSequence)
        .slice(0, limits.maxBatchEvents)
      let bytes = 0
      const fitting = due.findIndex((row, at) => {
        bytes += row.payloadBytes
        return at > 0 && bytes > limits.maxBatchBytes
      })
      const batch = fitting === -1 ? due : due.slice(0, fitting)
      for (const row of batch) row.state = 'inFlight'
      return batch
    },

    /** The highest sequence ever acked; not a watermark. */
    lastAcked: (deviceId: string): number =>
      Math.max(
        0,
        ...rows
          .filter(({ envelope, state }) => envelope.deviceId === deviceId && state === 'acked')
          .map(({ envelope }) => envelope.localSequence),
      ),

    backlog: (deviceId: string) => backlogOf(rows, deviceId),

    /** The whole batch waits: nothing was learnt of any event in it. */
    fail: (batch: readonly OutboxRow[], nowMs: number): void => postpone(batch, nowMs, backoffSeconds(batch)),

    /** Watermark, then accepted, then rejected, then whatever was left undecided. */
    apply(batch: readonly OutboxRow[], deviceId: string, reply: ReplyBody<'sync'>, nowMs: number): void {
      const watermark = reply.acceptedThroughLocalSequence
      for (const row of rows) {
        const { envelope } = row
        if (envelope.deviceId === deviceId && envelope.localSequence <= watermark) row.state = 'acked'
      }
      settle(
        reply.acceptedEvents.map(({ localSequence }) => localSequence),
        'acked',
      )
      settle(
        reply.rejectedEvents.map(({ localSequence }) => localSequence),
        'poison',
      )
      const undecided = batch.filter(({ state }) => state === 'inFlight')
      const asked = Math.min(reply.retryAfterSeconds, limits.retryMaxSeconds)
      postpone(undecided, nowMs, asked > 0 ? asked : backoffSeconds(undecided))
    },
  }
}

export type Outbox = ReturnType<typeof createOutbox>
