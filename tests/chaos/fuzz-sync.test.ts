// Hostile frames and envelopes through the whole of sync, on both engines: every event gets its fate, the same one again
// when it is repeated, and what is stored is what was accepted. Which fate is tested in the observe plane.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before } from 'node:test'
import { SyncReply } from '@muster/contract'
import { createSync, observeMigrations, type SyncAnswer } from '@muster/observe'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { bentFrom, type Check, fuzz, readCorpus, replay } from './fuzz.ts'

const Verdicts = SyncReply.pick({ acceptedThroughLocalSequence: true, acceptedEvents: true, rejectedEvents: true })
const refusals = ['request_malformed', 'identity_mismatch', 'schema_version_unsupported']
const mostDecided = 5000

const payloads = readCorpus('payload')
const odd = fc.oneof(
  fc.constantFrom(null, -1, 0, 1.5, 1e21, '', ' ', '\u0000', '\ud800', '__proto__', [], {}),
  fc.jsonValue(),
)
const either = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> => fc.oneof({ weight: 12, arbitrary: usual }, odd)
const moment = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
  .map((at) => at.toISOString())
const eventId = fc.oneof(
  fc.uuid().map((id) => id.toUpperCase()),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 130 }),
)

/** Envelopes whose every member may be wrong, around payloads that may be. */
const envelope = fc
  .record({
    payload: fc.oneof(
      fc.constantFrom(...payloads).map(({ bytes }) => bytes),
      bentFrom(payloads),
    ),
    members: fc.record(
      {
        eventId: either(eventId),
        deviceId: either(fc.constantFrom('dev_1', 'dev_0')),
        localSequence: either(fc.integer({ min: 1, max: 30 })),
        surface: either(fc.constantFrom('homebrew', 'claudeConfig', 'javascriptPackages')),
        kind: either(fc.constantFrom('added', 'modified', 'removed')),
        observedAt: either(moment),
        collectedAt: either(moment),
      },
      { noNullPrototype: true },
    ),
    more: fc.dictionary(fc.string({ maxLength: 12 }), odd, { maxKeys: 1, noNullPrototype: true }),
  })
  .map(({ payload, members, more }) => ({
    ...members,
    payloadHash: createHash('sha256').update(payload).digest('hex'),
    payload: payload.toString('base64'),
    ...more,
  }))

const frame = fc
  .record({
    events: fc.array(fc.oneof({ weight: 9, arbitrary: envelope }, odd), { maxLength: 12 }),
    acked: either(fc.nat(30)),
  })
  .map(({ events, acked }) =>
    Buffer.from(
      JSON.stringify({
        tenantId: 'default',
        deviceId: 'dev_1',
        sensorVersion: 'koban-agent',
        schemaVersion: 1,
        lastAckedLocalSequence: acked,
        events,
        health: { syncBacklogEvents: 0, syncBacklogBytes: 0 },
      }),
    ),
  )

type Answered = ReturnType<typeof Verdicts.parse>

/**
 * What was stored is a duplicate now and what was rejected is rejected again. Only an id that came well and badly in one
 * body is answered otherwise: it is known by now, and looked up before its event is looked into (sensor-protocol 18.2).
 */
const checkAgain = (first: Answered, second: Answered | null): void => {
  assert.ok(second !== null)
  const known = new Set(first.acceptedEvents.map(({ eventId }) => eventId))
  const isUnknown = ({ eventId }: { readonly eventId: string }): boolean => !known.has(eventId)
  const accepted = first.acceptedEvents.map((event) => ({ ...event, duplicate: true }))
  if (first.rejectedEvents.every(isUnknown)) {
    const { acceptedEvents, rejectedEvents } = second
    assert.deepEqual(
      { acceptedEvents, rejectedEvents },
      { acceptedEvents: accepted, rejectedEvents: first.rejectedEvents },
    )
    return
  }
  assert.deepEqual(second.rejectedEvents.filter(isUnknown), first.rejectedEvents.filter(isUnknown))
  assert.ok(second.acceptedEvents.every((event) => event.duplicate && !isUnknown(event)))
  assert.ok(second.acceptedEvents.length >= accepted.length)
  const countOf = ({ acceptedEvents, rejectedEvents }: Answered) => acceptedEvents.length + rejectedEvents.length
  assert.equal(countOf(second), countOf(first))
}

const startMs = Date.parse('2026-06-02T12:00:00Z')

eachEngine((engine) => {
  let storage: Storage
  let sync: ReturnType<typeof createSync>
  let devices = 0

  before(async () => {
    storage = await openTestStorage(engine, [observeMigrations])
    sync = createSync({ engine, write: storage.write, sample: () => {} }, { grew() {}, giveWay() {} })
  })
  after(() => storage.close())

  const speakerOf = (deviceNo: number) => ({
    deviceNo,
    deviceId: 'dev_1',
    tenantId: 'default',
    enrolledMs: startMs,
    formerDeviceIds: ['dev_0'],
  })

  const verdictsOf = (answer: SyncAnswer) => {
    if (answer.ok) return Verdicts.parse(JSON.parse(`{${answer.value.verdictsJson}}`))
    assert.ok(refusals.includes(answer.refusal.code), answer.refusal.code)
    return null
  }

  const countStored = async (deviceNo: number): Promise<number> => {
    const query = storage.db.selectFrom('observe_event_pack').where('device_no', '=', deviceNo)
    const packs = await query.select('event_count').execute()
    return packs.reduce((sum, row) => sum + (row['event_count'] as number), 0)
  }

  /** A device of its own for each input, so that one can be repeated alone. */
  const check: Check = async (body) => {
    const deviceNo = ++devices
    const say = () => sync({ speaker: speakerOf(deviceNo), body, receivedMs: startMs })
    const first = verdictsOf(await say())
    if (first === null) return
    const { events } = JSON.parse(new TextDecoder().decode(body)) as { events: readonly unknown[] }
    const { acceptedEvents, rejectedEvents, acceptedThroughLocalSequence } = first
    assert.equal(acceptedEvents.length + rejectedEvents.length, Math.min(events.length, mostDecided))
    const fresh = acceptedEvents.filter(({ duplicate }) => !duplicate)
    assert.equal(await countStored(deviceNo), fresh.length)
    assert.ok(
      acceptedThroughLocalSequence <=
        Math.max(0, ...[...acceptedEvents, ...rejectedEvents].map(({ localSequence }) => localSequence)),
    )

    checkAgain(first, verdictsOf(await say()))
    assert.equal(await countStored(deviceNo), fresh.length)
  }

  replay('sync', check)
  fuzz('sync', 'the corpus, bent', bentFrom(readCorpus('sync')), check)
  fuzz('sync', 'frames of odd envelopes', frame, check)
})
