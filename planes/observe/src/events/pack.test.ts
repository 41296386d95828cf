// Proof that what is packed is what is unpacked, and that a filter never denies a key it was given.
// That both are stored and found again is events.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EVENT_KINDS } from '@muster/contract'
import { sha256Bytes } from '@muster/kernel'
import * as fc from 'fast-check'
import { addKey, bitsOf, filterBytes, mayHold, mayRepeat, mostKeys } from './key-filter.ts'
import {
  EVENT_BODIES,
  eventNoOf,
  isMarked,
  markEvents,
  mostInPack,
  type PackedEvent,
  packEvents,
  packNoOf,
  unpackHeads,
  withMarks,
} from './pack.ts'

const bytes = (maxLength: number) => fc.uint8Array({ minLength: 1, maxLength })

const event: fc.Arbitrary<PackedEvent> = fc.record({
  eventKey: bytes(600),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  surface: fc.constantFrom('homebrew', 'javascriptPackages', 'x.y:z_1', 'a'.repeat(128)),
  kind: fc.constantFrom(...EVENT_KINDS),
  body: fc.constantFrom(...EVENT_BODIES),
  observedMs: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
  collectedMs: fc.integer({ min: -(2 ** 50), max: 2 ** 50 }),
  payload: bytes(300),
})

test('events come out of a pack as they went in, in their order', () =>
  fc.assert(
    fc.property(fc.array(event, { maxLength: 20 }), (events) => {
      const pack = packEvents(events)
      const unpacked = unpackHeads(pack).map(({ index, payloadStart, payloadEnd, ...head }) => ({
        index,
        event: { ...head, payload: pack.payloads.subarray(payloadStart, payloadEnd) },
      }))
      assert.deepEqual(
        unpacked.map(({ index }) => index),
        events.map((_, index) => index),
      )
      for (const [index, { event: said }] of unpacked.entries()) {
        const { eventKey, payload, ...rest } = events[index] as PackedEvent
        assert.deepEqual(
          { ...said, eventKey: [...said.eventKey], payload: [...said.payload] },
          {
            ...rest,
            eventKey: [...eventKey],
            payload: [...payload],
          },
        )
      }
    }),
  ))

test('marks name the events they were made of, and there are none of nothing', () =>
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: mostInPack }), (wanted) => {
      const events = wanted.map((isWanted) => ({ isWanted }))
      const marks = markEvents(events, new Set(events.filter(({ isWanted }) => isWanted)))
      assert.deepEqual(
        events.map((_, index) => isMarked(marks, index)),
        wanted,
      )
      assert.equal(marks === null, !wanted.includes(true))
      const others = wanted.map((isWanted, index) => ({ index, isMarked: !isWanted }))
      const changed = withMarks(marks, wanted.length, others)
      assert.ok(wanted.every((isWanted, index) => isMarked(changed, index) !== isWanted))
      assert.deepEqual(withMarks(marks, wanted.length, []), marks)
    }),
  ))

test('numbers of events grow from pack to pack, and lead back to their pack', () => {
  assert.equal(eventNoOf(7, mostInPack - 1) + 1, eventNoOf(8, 0))
  assert.equal(packNoOf(eventNoOf(7, mostInPack - 1)), 7)
  assert.equal(packNoOf(eventNoOf(8, 0)), 8)
})

test('a filter holds every key it was given', () =>
  fc.assert(
    fc.property(fc.array(bytes(40), { maxLength: 200 }), (keys) => {
      const filter = new Uint8Array(filterBytes)
      const keyBits = bitsOf(keys)
      for (const place of keys.keys()) addKey(filter, keyBits, place)
      assert.deepEqual(mayHold(filter, keyBits), [...keys.keys()])
    }),
  ))

test('a key that stands twice among others may repeat, and hundreds of different ones do not', () => {
  fc.assert(
    fc.property(fc.array(bytes(40), { minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(), (keys, which, where) => {
      const again: readonly Uint8Array[] = keys.toSpliced(
        where % (keys.length + 1),
        0,
        keys[which % keys.length] as (typeof keys)[number],
      )
      assert.equal(mayRepeat(bitsOf(again)), true)
    }),
  )
  const different = Array.from({ length: 500 }, (_, number) => sha256Bytes(`event ${number}`).subarray(0, 16))
  assert.equal(mayRepeat(bitsOf(different)), false)
})

test('a full filter takes few strange keys for its own', () => {
  const keyOf = (number: number) => {
    const key = new Uint8Array(16)
    new DataView(key.buffer).setUint32(12, number)
    return key
  }
  const filter = new Uint8Array(filterBytes)
  const own = bitsOf(Array.from({ length: mostKeys }, (_, number) => keyOf(number)))
  for (let place = 0; place < mostKeys; place += 1) addKey(filter, own, place)
  const strangers = 100_000
  const strange = bitsOf(Array.from({ length: strangers }, (_, number) => keyOf(mostKeys + number)))
  const taken = mayHold(filter, strange).length
  assert.ok(taken < strangers / 5000, `${taken} of ${strangers}`)
})
