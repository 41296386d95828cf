// Batches, fates and pauses as tables (sensor-agent 11.2, 11.3; sensor-protocol 12).
// That they are carried out is tested in lane.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutBatch, decideFailure, decideFates, decidePauseMs } from './decide.ts'

const nowMs = 1_000_000
const settings = {
  maxBatchBytes: 1000,
  maxBatchEvents: 10,
  checkInIntervalSeconds: 60,
  retryBaseSeconds: 15,
  retryMaxSeconds: 1800,
  outboxMaxBytes: 1,
}
const facts = { settings, nowMs, jitter: 0.5 }
const event = (localSequence: number, bytes = 1, attemptCount = 0) => ({
  eventId: `e${localSequence}`,
  localSequence,
  attemptCount,
  payloadBytes: bytes,
})

const cuts = [
  { name: 'as many as allowed', sizes: [1, 1, 1], events: 2, bytes: 100, want: 2 },
  { name: 'up to exactly the bytes', sizes: [5, 5, 1], events: 9, bytes: 10, want: 2 },
  { name: 'the first however large', sizes: [50, 1], events: 9, bytes: 10, want: 1 },
  { name: 'nothing of nothing', sizes: [], events: 9, bytes: 10, want: 0 },
]
for (const { name, sizes, events, bytes, want } of cuts)
  test(`a batch holds ${name}`, () =>
    assert.equal(
      cutBatch(
        sizes.map((size, at) => event(at + 1, size)),
        events,
        bytes,
      ).length,
      want,
    ))

const reply = {
  acceptedThroughLocalSequence: 0,
  acceptedEvents: [],
  rejectedEvents: [],
  serverTime: '',
  configGeneration: '',
  configUpdateAvailable: false,
  fullResnapshotRequested: false,
  retryAfterSeconds: 0,
  maxBatchBytes: 0,
  maxBatchEvents: 0,
}
type Reply = Parameters<typeof decideFates>[1]
const rejected = (localSequence: number, code: string) => ({
  eventId: `e${localSequence}`,
  localSequence,
  code,
  message: 'm',
})

const fateCases: { name: string; said: Partial<Reply>; attempts?: number; want: string }[] = [
  { name: 'below the watermark', said: { acceptedThroughLocalSequence: 7 }, want: 'acked' },
  { name: 'above it', said: { acceptedThroughLocalSequence: 6 }, want: 'postponed 15000' },
  {
    name: 'accepted by its id',
    said: { acceptedEvents: [{ eventId: 'e7', localSequence: 99, duplicate: true }] },
    want: 'acked',
  },
  {
    name: 'another id with its number',
    said: { acceptedEvents: [{ eventId: 'other', localSequence: 7, duplicate: false }] },
    want: 'postponed 15000',
  },
  { name: 'rejected', said: { rejectedEvents: [rejected(7, 'invalid_payload')] }, want: 'poison invalid_payload' },
  {
    name: 'rejected and accepted',
    said: { acceptedThroughLocalSequence: 7, rejectedEvents: [rejected(7, 'duplicate_conflict')] },
    want: 'poison duplicate_conflict',
  },
  { name: 'rejected for now: rate', said: { rejectedEvents: [rejected(7, 'rate_limited')] }, want: 'postponed 15000' },
  {
    name: 'rejected for now: size',
    said: { rejectedEvents: [rejected(7, 'batch_too_large')], retryAfterSeconds: 500 },
    want: 'postponed 15000',
  },
  {
    name: 'rejected for now: schema',
    said: { rejectedEvents: [rejected(7, 'invalid_schema_version')] },
    want: 'postponed 15000',
  },
  { name: 'a code nobody knows', said: { rejectedEvents: [rejected(7, 'novel')] }, want: 'poison novel' },
  { name: 'undecided, the server names a time', said: { retryAfterSeconds: 40 }, want: 'postponed 40000' },
  {
    name: 'undecided, the server names too long a time',
    said: { retryAfterSeconds: 90_000 },
    want: 'postponed 1800000',
  },
  { name: 'undecided for the third time', said: {}, attempts: 2, want: 'postponed 60000' },
]
for (const { name, said, attempts = 0, want } of fateCases)
  test(`the fate of an event: ${name}`, () => {
    const [fate] = decideFates([event(7, 1, attempts)], { ...reply, ...said }, facts)
    assert.ok(fate)
    const spelled =
      fate.fate === 'poison'
        ? `poison ${fate.code}`
        : fate.fate === 'acked'
          ? 'acked'
          : `postponed ${fate.untilMs - nowMs}`
    assert.equal(spelled, want)
  })

test('a batch that failed waits as long as its most tried event deserves, and never longer than the cap', () => {
  const waits = [0, 1, 2, 6, 7, 40].map((attempts) => {
    const [fate] = decideFailure([event(1), event(2, 1, attempts)], facts)
    return fate?.fate === 'postponed' ? (fate.untilMs - nowMs) / 1000 : null
  })
  assert.deepEqual(waits, [15, 30, 60, 960, 1800, 1800])
})

const pauses = [
  { name: 'not authorised, first time', status: 401, inARow: 0, want: 60 },
  { name: 'not authorised, again', status: 403, inARow: 3, want: 480 },
  { name: 'not authorised, for ever', status: 403, inARow: 30, want: 1800 },
  { name: 'throttled with a time', status: 429, after: 7, want: 7 },
  { name: 'busy with a time', status: 503, after: 9, want: 9 },
  { name: 'busy for a day', status: 503, after: 86_400, want: 3600 },
  { name: 'throttled without a time', status: 429, want: 0 },
  { name: 'anything else', status: 500, after: 9, want: 0 },
]
for (const { name, status, inARow = 0, after, want } of pauses)
  test(`keeps away for ${want} seconds: ${name}`, () => {
    const refusal = { status, unauthorisedInARow: inARow, ...(after !== undefined && { retryAfterSeconds: after }) }
    assert.equal(decidePauseMs(refusal, facts) / 1000, want)
  })
