// Proof that an invented device says what the contract lets a device say, as the published agent says it.
// Whether a server takes it is seen in every run, because every reply is looked at.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { decodePayload, EventEnvelope, SyncRequest } from '@muster/contract'
import { type Batch, createBatches, inventLockfiles } from './bodies.ts'
import { createDice } from './dice.ts'
import { distinctNames, inventEverything, inventLockfile, inventNames } from './packages.ts'

const sender = { tenantId: 'default', deviceId: 'dev_0123456789ABCDEF' }
const names = inventNames()

const batchesOf = (count: number, eventsPerBatch: number, detailed = false): readonly Batch[] => {
  const dice = createDice(1)
  const batches = createBatches(sender, inventLockfiles(sender, names, dice), { eventsPerBatch, detailed })
  return Array.from({ length: count }, () => batches.next().value)
}

const textOf = ({ request }: Batch): string => request.subarray(request.indexOf('\r\n\r\n') + 4).toString()

const eventsOf = (batch: Batch): readonly EventEnvelope[] =>
  SyncRequest.parse(JSON.parse(textOf(batch))).events.map((event) => EventEnvelope.parse(event))

test('the head announces the length of the body', () => {
  const [batch] = batchesOf(1, 10) as readonly [Batch]
  const announced = /Content-Length: (\d+)/.exec(batch.request.toString('latin1'))?.[1]
  assert.equal(Number(announced), Buffer.byteLength(textOf(batch)))
})

test('batches follow each other without a gap, and each says what was acknowledged before it', () => {
  const batches = batchesOf(3, 7)
  const sequences = batches.flatMap(eventsOf).map((event) => event.localSequence)
  assert.deepEqual(
    sequences,
    Array.from({ length: 21 }, (_, index) => index + 1),
  )
  const acked = batches.map((batch) => SyncRequest.parse(JSON.parse(textOf(batch))).lastAckedLocalSequence)
  assert.deepEqual(acked, [0, 7, 14])
  assert.deepEqual(
    batches.map((batch) => batch.lastSequence),
    [7, 14, 21],
  )
})

test('every payload has its hash, can be read, and names an item nobody else in the device has', () => {
  const events = batchesOf(4, 400).flatMap(eventsOf)
  const ids = events.map(({ payload, payloadHash }) => {
    const bytes = Buffer.from(payload, 'base64')
    assert.equal(createHash('sha256').update(bytes).digest('hex'), payloadHash)
    const decoded = decodePayload(bytes)
    assert.ok(decoded.ok && decoded.value.body === 'inventoryItem')
    return decoded.value.item.itemId
  })
  assert.equal(new Set(ids).size, ids.length)
  assert.equal(new Set(events.map((event) => event.eventId)).size, ids.length)
})

test('items with their checksums are larger', () => {
  const [plain] = batchesOf(1, 100) as readonly [Batch]
  const [detailed] = batchesOf(1, 100, true) as readonly [Batch]
  assert.ok(detailed.payloadBytes > plain.payloadBytes + 100 * 100)
})

test('names are distinct, a lockfile has no package twice, and everything holds every lockfile', () => {
  assert.equal(new Set(names).size, distinctNames)
  const lockfile = inventLockfile(names, 500, createDice(9)).map(({ name, version }) => `${name}@${version}`)
  assert.equal(new Set(lockfile).size, 500)
  const everything = new Set(inventEverything(names).map(({ name, version }) => `${name}@${version}`))
  assert.ok(lockfile.every((one) => everything.has(one)))
})
