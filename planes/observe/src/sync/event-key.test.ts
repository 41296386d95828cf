// Proof that event keys keep ids apart and give them back.
// That events are found again by them is proved with the rows of sync.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { eventIdOf, eventKeyOf, quotedEventId } from './event-key.ts'

const ids = fc.oneof(
  fc.uuid().map((id) => id.toUpperCase()),
  fc.uuid(),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 128 }),
)

test('every id comes back from its key', () => {
  fc.assert(fc.property(ids, (id) => assert.equal(eventIdOf(eventKeyOf(id)), id)))
})

test('an id in a reply is the JSON text of it', () => {
  fc.assert(fc.property(ids, (id) => assert.equal(quotedEventId(id, eventKeyOf(id)), JSON.stringify(id))))
})

test('an id of an agent takes sixteen bytes', () => {
  assert.equal(eventKeyOf('0B6F3A52-6C1D-4E0B-9C5E-2E4B2A7F9D10').length, 16)
})

test('ids that differ only in case are different ids', () => {
  const id = '0B6F3A52-6C1D-4E0B-9C5E-2E4B2A7F9D10'
  assert.notDeepEqual(eventKeyOf(id), eventKeyOf(id.toLowerCase()))
})
