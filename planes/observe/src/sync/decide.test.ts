// Proof of the sync decision: tables for each line of the checklist, and a plain model for everything in between.
// That what was decided is stored is proved in sync.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodePayload, type Payload } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import * as fc from 'fast-check'
import { readEvents } from './candidate.ts'
import { decideSync, type StoredEvent, type SyncDecision, type SyncState } from './decide.ts'

const item: Payload = {
  body: 'inventoryItem',
  item: {
    itemId: 'homebrew/package//opt/homebrew/Cellar/ripgrep/ripgrep',
    surface: 'homebrew',
    kind: 'package',
    name: 'ripgrep',
    version: '14.1.1',
    path: '/opt/homebrew/Cellar/ripgrep',
    origin: 'homebrew/core',
    detail: null,
    installedOnRequest: true,
    attributes: {},
  },
}
const bytes = Buffer.from(encodePayload(item))

const envelope = (eventId: string, localSequence: number, change: Record<string, unknown> = {}) => ({
  eventId,
  deviceId: 'dev_1',
  localSequence,
  surface: 'homebrew',
  kind: 'added',
  observedAt: '2026-06-02T12:00:00.123Z',
  collectedAt: '2026-06-02T12:00:00.123Z',
  payloadHash: sha256Hex(bytes),
  payload: bytes.toString('base64'),
  ...change,
})

/** A device's stored events, as the store would answer for them. */
const createModel = () => {
  const stored = new Map<string, StoredEvent>()
  let state: SyncState | undefined
  return {
    stored,
    get state() {
      return state
    },
    send(lastAcked: number, events: readonly unknown[]): SyncDecision {
      const read = readEvents(events, () => undefined)
      const facts = { deviceIds: ['dev_1', 'dev_0'], state, stored, mayRepeat: true }
      const decision = decideSync(facts, { lastAcked, events: read })
      state = decision.state
      for (const verdict of decision.verdicts)
        if (verdict.outcome === 'stored') stored.set(verdict.event.eventId, verdict.event)
      return decision
    },
  }
}

const outcomes = (decision: SyncDecision): readonly string[] =>
  decision.verdicts.map((verdict) => (verdict.outcome === 'rejected' ? verdict.code : verdict.outcome))

const bad: readonly { readonly name: string; readonly change: Record<string, unknown>; readonly code: string }[] = [
  { name: 'no event id', change: { eventId: undefined }, code: 'invalid_event_id' },
  { name: 'an empty event id', change: { eventId: '' }, code: 'invalid_event_id' },
  { name: 'an event id beyond 128 characters', change: { eventId: 'x'.repeat(129) }, code: 'invalid_event_id' },
  { name: 'half a surrogate pair in an event id', change: { eventId: 'b\ud800' }, code: 'invalid_event_id' },
  { name: 'sequence zero', change: { localSequence: 0 }, code: 'invalid_sequence' },
  { name: 'a sequence that is text', change: { localSequence: '7' }, code: 'invalid_sequence' },
  { name: 'a sequence with a fraction', change: { localSequence: 1.5 }, code: 'invalid_sequence' },
  { name: 'another device', change: { deviceId: 'dev_2' }, code: 'invalid_device' },
  { name: 'no device', change: { deviceId: undefined }, code: 'invalid_device' },
  { name: 'a surface with a space', change: { surface: 'home brew' }, code: 'invalid_surface' },
  { name: 'an unknown kind', change: { kind: 'renamed' }, code: 'invalid_kind' },
  { name: 'no observation time', change: { observedAt: undefined }, code: 'invalid_timestamp' },
  { name: 'a collection time that is no moment', change: { collectedAt: 'yesterday' }, code: 'invalid_timestamp' },
  { name: 'a hash of other bytes', change: { payloadHash: sha256Hex('other') }, code: 'invalid_payload_hash' },
  { name: 'no hash', change: { payloadHash: undefined }, code: 'invalid_payload_hash' },
  { name: 'a payload that is no text', change: { payload: 7 }, code: 'invalid_payload' },
  { name: 'an empty payload', change: { payload: '' }, code: 'empty_payload' },
  { name: 'a surface unlike that of the payload', change: { surface: 'claudeConfig' }, code: 'invalid_payload' },
]

for (const { name, change, code } of bad)
  test(`${name} is rejected as ${code} while its neighbours are stored`, () => {
    const decision = createModel().send(0, [envelope('a', 1), envelope('b', 2, change), envelope('c', 3)])
    assert.deepEqual(outcomes(decision), ['stored', code, 'stored'])
    assert.equal(decision.acceptedThrough, 1)
  })

const accepted: readonly { readonly name: string; readonly change: Record<string, unknown> }[] = [
  { name: 'a time without a fraction', change: { observedAt: '2026-06-02T12:00:00Z' } },
  { name: 'a time with an offset', change: { collectedAt: '2026-06-02T14:00:00.5+02:00' } },
  { name: 'an observation later than its collection', change: { observedAt: '2026-06-02T12:00:09.000Z' } },
  { name: 'an observation before its collection', change: { observedAt: '2026-06-02T11:00:00.000Z' } },
  { name: 'a hash in upper case', change: { payloadHash: sha256Hex(bytes).toUpperCase() } },
  { name: 'a former id of the device', change: { deviceId: 'dev_0' } },
  { name: 'keys nobody knows', change: { colour: 'blue' } },
]

for (const { name, change } of accepted)
  test(`${name} is accepted`, () =>
    assert.deepEqual(outcomes(createModel().send(0, [envelope('a', 1, change)])), ['stored']))

test('an id that is refused comes back as text that every decoder reads', () => {
  const ids = ['b\ud800', `${'x'.repeat(127)}💻`]
  for (const verdict of createModel().send(
    0,
    ids.map((eventId, at) => envelope(eventId, at + 1)),
  ).verdicts)
    assert.ok(verdict.outcome === 'rejected' && verdict.eventId.isWellFormed() && verdict.eventId.length <= 128)
})

for (const nothing of [null, 7, 'event', [], {}])
  test(`${JSON.stringify(nothing)} in the place of an event is rejected alone`, () => {
    const decision = createModel().send(0, [envelope('a', 1), nothing])
    assert.deepEqual(outcomes(decision), ['stored', 'invalid_event_id'])
  })

test('the same batch again is all duplicates and changes nothing', () => {
  const device = createModel()
  const batch = [envelope('a', 1), envelope('b', 2)]
  device.send(0, batch)
  const before = device.state
  const again = device.send(0, batch)
  assert.deepEqual(outcomes(again), ['duplicate', 'duplicate'])
  assert.equal(again.acceptedThrough, 2)
  assert.deepEqual(device.state, before)
})

test('an event twice in one batch is stored once', () => {
  const decision = createModel().send(0, [envelope('a', 1), envelope('a', 1)])
  assert.deepEqual(outcomes(decision), ['stored', 'duplicate'])
})

const lies: readonly Record<string, unknown>[] = [
  { localSequence: 9 },
  { kind: 'removed' },
  { observedAt: '2026-06-02T12:00:00.124Z' },
  { collectedAt: '2026-06-02T12:00:00.124Z' },
  { payloadHash: sha256Hex('other') },
]

for (const change of lies)
  test(`an event id stored with another ${Object.keys(change)[0]} is a conflict`, () => {
    const device = createModel()
    device.send(0, [envelope('a', 1)])
    assert.deepEqual(outcomes(device.send(0, [envelope('a', 1, change)])), ['duplicate_conflict'])
  })

test('a gap holds the watermark, and filling it releases it no further than the batch', () => {
  const device = createModel()
  assert.equal(device.send(0, [envelope('a', 1), envelope('c', 3)]).acceptedThrough, 1)
  assert.equal(device.send(1, [envelope('d', 4)]).acceptedThrough, 1)
  assert.equal(device.send(1, [envelope('b', 2)]).acceptedThrough, 2)
  assert.equal(device.state?.reach.contiguous, 4)
})

test('sequences that start again at one open an epoch without the old watermark', () => {
  const device = createModel()
  device.send(
    0,
    [1, 2, 3, 4, 5].map((sequence) => envelope(`old-${sequence}`, sequence)),
  )
  const restarted = device.send(0, [envelope('new-1', 1)])
  assert.deepEqual(outcomes(restarted), ['stored'])
  assert.equal(restarted.state.epoch, 2)
  assert.equal(restarted.acceptedThrough, 1)
})

test('a lower acknowledged sequence than last time opens an epoch', () => {
  const device = createModel()
  device.send(7, [envelope('a', 8)])
  assert.equal(device.send(0, [envelope('b', 1)]).state.epoch, 2)
})

test('a device never heard before that goes on where it left off is believed', () => {
  const decision = createModel().send(41, [envelope('a', 42)])
  assert.equal(decision.acceptedThrough, 42)
})

test('a device never heard before with a hole after what it counts as acknowledged is not', () => {
  assert.equal(createModel().send(41, [envelope('a', 43)]).acceptedThrough, 0)
})

test('an empty batch acknowledges nothing', () => {
  const device = createModel()
  device.send(0, [envelope('a', 1)])
  assert.equal(device.send(1, []).acceptedThrough, 0)
})

/** What the protocol promises, told without reaches, islands or facts: a device with an outbox and a plain list. */
interface Row {
  readonly id: string
  readonly sequence: number
}

test('in any order, with repeats, gaps and lost databases: nothing twice, nothing lost, no watermark over a hole', () => {
  const moves = fc.array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ move: fc.constant('send' as const), pick: fc.array(fc.nat(30), { maxLength: 8 }) }),
      },
      { weight: 1, arbitrary: fc.record({ move: fc.constant('lose database' as const), pick: fc.constant([]) }) },
    ),
    { maxLength: 25 },
  )
  fc.assert(
    fc.property(moves, (steps) => {
      const device = createModel()
      const everStored = new Set<string>()
      let life = 0
      let acked = 0
      let storedThisLife = new Set<number>()
      for (const { move, pick } of steps) {
        if (move === 'lose database') {
          // A loss shows by what the device counts as acknowledged, so it must have said that once.
          device.send(acked, [])
          life += 1
          acked = 0
          storedThisLife = new Set()
          continue
        }
        const rows: Row[] = pick.map((n) => ({ id: `${life}-${n + 1}`, sequence: n + 1 }))
        const decision = device.send(
          acked,
          rows.map(({ id, sequence }) => envelope(id, sequence)),
        )
        const seen = new Set(everStored)
        for (const [index, { id, sequence }] of rows.entries()) {
          assert.equal(outcomes(decision)[index], seen.has(id) ? 'duplicate' : 'stored')
          seen.add(id)
          everStored.add(id)
          storedThisLife.add(sequence)
        }
        const highest = Math.max(0, ...rows.map(({ sequence }) => sequence))
        assert.ok(decision.acceptedThrough <= highest)
        for (let sequence = 1; sequence <= decision.acceptedThrough; sequence += 1)
          assert.ok(storedThisLife.has(sequence), `sequence ${sequence} was acknowledged and never stored in this life`)
        acked = Math.max(acked, highest)
      }
      assert.equal(device.stored.size, everStored.size)
    }),
    { numRuns: 300 },
  )
})

test('whatever stands in the fields of an event, a verdict comes back and its neighbour is stored', () => {
  const anything = fc.record(Object.fromEntries(Object.keys(envelope('a', 1)).map((key) => [key, fc.anything()])), {
    requiredKeys: [],
  })
  fc.assert(
    fc.property(anything, (event) => {
      const decision = createModel().send(0, [event, envelope('neighbour', 2)])
      assert.equal(decision.verdicts.length, 2)
      assert.equal(decision.verdicts[1]?.outcome, 'stored')
    }),
  )
})
