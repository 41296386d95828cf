// Batches as the acceptance list of sensor-protocol 19 has them, on both databases: repeats, conflicts, gaps, restarts,
// phantoms, sizes and throttling. Single payloads are sensor-golden.test.ts; the decision as tables is the observe room's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  changeDevice,
  deviceEvents,
  deviceInventory,
  type Finding,
  listChanges,
  listDevices,
  listFindings,
  mergeDevice,
  reactivateDevice,
  readDevice,
  readStatus,
  requestResnapshot,
  retireDevice,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { commonGround, type Ground } from './ground.ts'
import type { Sensor } from './sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from './sensor-events.ts'
import { writeJson } from './sensor-json.ts'
import { type Envelope, envelopeOf } from './sensor-outbox.ts'
import type { ReplyBody } from './sensor-replies.ts'

const envelopes = (sensor: Sensor, count: number, from = 1): readonly Envelope[] =>
  Array.from({ length: count }, (_, at) =>
    envelopeOf(sensor.identity().deviceId, from + at, itemEvent(npmItem(`p-${from + at}`, '1.0.0'))),
  )

const say = async (sensor: Sensor, events: readonly unknown[], lastAcked = 0): Promise<ReplyBody<'sync'>> => {
  const { body, faults, text } = await sensor.say('sync', sensor.frame(events, { lastAckedLocalSequence: lastAcked }))
  assert.ok(body !== undefined, `${faults.join()} ${text}`)
  return body
}

/** Everything operators can see of a device that an event could change; any contact confirms what is there. */
const imageOf = async ({ server }: Ground, sensor: Sensor) => {
  const { owner } = server
  const { deviceId } = sensor.identity()
  const params = { id: deviceId }
  const query = { limit: '200' }
  const [inventory, events, findings, changes, device] = await Promise.all([
    value(call(owner, deviceInventory, { params, query })),
    value(call(owner, deviceEvents, { params, query })),
    value(call(owner, listFindings, { query: { ...query, deviceId } })),
    value(call(owner, listChanges, { query: { ...query, deviceId } })),
    value(call(owner, readDevice, { params })),
  ])
  const items = inventory.items.map(({ lastSeenAt: _confirmed, ...rest }) => rest)
  return { items, events, findings, changes, coverage: device.coverage }
}

const findingsOf = async ({ server }: Ground, sensor: Sensor): Promise<readonly Finding[]> =>
  (await value(call(server.owner, listFindings, { query: { deviceId: sensor.identity().deviceId } }))).items

eachEngine((engine) => {
  const open = commonGround({ engine })

  test('the retry of an identical batch returns all duplicates and changes nothing', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const package1 = npmItem('twice', '1.0.0')
    const events = [itemEvent(package1), findingEvent(findingOn(package1)), itemEvent(package1, 'modified')].map(
      (event, at) => envelopeOf(sensor.identity().deviceId, at + 1, event),
    )
    const first = await say(sensor, events)
    const image = await imageOf(ground, sensor)
    for (const _ of [1, 2]) {
      const again = await say(sensor, events)
      assert.deepEqual(
        again.acceptedEvents,
        events.map(({ eventId, localSequence }) => ({ eventId, localSequence, duplicate: true })),
      )
      assert.deepEqual([again.rejectedEvents, again.acceptedThroughLocalSequence], [[], 3])
      assert.deepEqual(await imageOf(ground, sensor), image)
    }
    assert.ok(first.acceptedEvents.every(({ duplicate }) => !duplicate))
    const twiceInOne = await say(sensor, [...envelopes(sensor, 1, 4), ...events, events[0]])
    assert.deepEqual(
      twiceInOne.acceptedEvents.map(({ duplicate }) => duplicate),
      [false, true, true, true, true],
    )
  })

  test('a device is found, and stands in the order of coverage, by how much of it was scanned', async () => {
    const ground = await open()
    const { owner } = ground.server
    const tag = { tag: 'scanned' }
    const enrolled = async () => {
      const sensor = await ground.enrolled()
      const params = { id: sensor.identity().deviceId }
      const { version } = await value(call(owner, readDevice, { params }))
      await value(call(owner, changeDevice, { params, ifMatch: String(version), body: { tags: ['scanned'] } }))
      return sensor
    }
    const [whole, part, none] = [await enrolled(), await enrolled(), await enrolled()]
    const ids = [none, part, whole].map((sensor) => sensor.identity().deviceId)
    await deliver(whole, [itemEvent(npmItem('a', '1.0.0'))])
    await deliver(part, [itemEvent(npmItem('a', '1.0.0'))])
    await deliver(part, [itemEvent(mcpServer('github', 'npx x'), 'modified')])
    const found = async (query: Readonly<Record<string, string>>): Promise<readonly string[]> =>
      (await value(call(owner, listDevices, { query: { ...tag, ...query } }))).items.map(({ id }) => id)
    assert.deepEqual(await found({ sort: 'coverage' }), ids)
    assert.deepEqual(await found({ sort: 'coverage', order: 'desc' }), ids.toReversed())
    assert.deepEqual(await found({ coverage: 'complete' }), [ids[2]])
    assert.deepEqual(await found({ coverage: 'partial' }), [ids[1]])
    const params = { id: ids[2] ?? '' }
    await value(call(owner, retireDevice, { params, body: {} }))
    await value(call(owner, reactivateDevice, { params, body: {} }))
    assert.deepEqual(await found({ coverage: 'complete' }), [])
    assert.deepEqual(new Set(await found({ coverage: 'none' })), new Set([ids[0], ids[2]]))
  })

  test('a lost response costs nothing: the same rows come again and end as acked', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    for (const name of ['a', 'b', 'c']) sensor.queue(itemEvent(npmItem(name, '1.0.0')))
    const nowMs = Date.now()
    const batch = sensor.outbox.takeBatch(nowMs)
    await sensor.say('sync', sensor.frame(batch.map(({ envelope }) => envelope)))
    sensor.outbox.fail(batch, nowMs)
    assert.equal((await sensor.tick(nowMs)).status, 200, 'nothing is due yet, so this is a check-in')
    const { body } = await sensor.tick(nowMs + 15_000)
    assert.ok(body !== undefined && 'acceptedEvents' in body)
    assert.ok(body.acceptedEvents.every(({ duplicate }) => duplicate))
    assert.ok(sensor.outbox.rows().every(({ state }) => state === 'acked'))
  })

  const changes: Readonly<Record<string, Partial<Envelope>>> = {
    localSequence: { localSequence: 7 },
    surface: { surface: 'pythonPackages' },
    kind: { kind: 'modified' },
    observedAt: { observedAt: '2026-06-02T12:00:00.001Z' },
    collectedAt: { collectedAt: '2026-06-02T12:00:00.001Z' },
    payload: {},
  }
  for (const [what, change] of Object.entries(changes))
    test(`the same eventId with another ${what} yields duplicate_conflict and changes nothing`, async () => {
      const ground = await open()
      const sensor = await ground.enrolled()
      const [event, neighbour] = envelopes(sensor, 2)
      assert.ok(event !== undefined)
      await say(sensor, [event])
      const image = await imageOf(ground, sensor)
      const other = envelopeOf(event.deviceId, 1, itemEvent(npmItem('other', '1.0.0')))
      const { payload, payloadHash } = what === 'payload' ? other : event
      const conflict = { ...event, payload, payloadHash, ...change }
      const { acceptedEvents, rejectedEvents } = await say(sensor, [conflict])
      assert.deepEqual(
        [acceptedEvents, rejectedEvents.map(({ eventId, code }) => [eventId, code])],
        [[], [[event.eventId, 'duplicate_conflict']]],
      )
      assert.deepEqual(await imageOf(ground, sensor), image)
      assert.equal((await say(sensor, [neighbour])).acceptedEvents.length, 1)
    })

  test('two different events under one id in one batch: the first is kept, the second is a conflict', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const [one, two] = envelopes(sensor, 2)
    const { acceptedEvents, rejectedEvents } = await say(sensor, [one, { ...two, eventId: one?.eventId }])
    assert.deepEqual(
      [acceptedEvents.map(({ localSequence }) => localSequence), rejectedEvents.map(({ code }) => code)],
      [[1], ['duplicate_conflict']],
    )
  })

  test('out of order, the watermark never covers a missing sequence and never exceeds the batch', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const all = envelopes(sensor, 12)
    const at = (...sequences: readonly number[]) => sequences.map((sequence) => all[sequence - 1])
    const steps: readonly (readonly [sequences: readonly number[], through: number])[] = [
      [[3, 4], 0],
      [[1], 1],
      [[2], 2],
      [[4], 4],
      [[6], 4],
      [[8, 9, 10], 4],
      [[5], 5],
      [[7], 7],
      [[1, 2], 2],
      [[12], 10],
      [[11, 12], 12],
    ]
    for (const [sequences, through] of steps) {
      const { acceptedThroughLocalSequence, acceptedEvents } = await say(sensor, at(...sequences))
      assert.deepEqual([sequences, acceptedThroughLocalSequence], [sequences, through])
      assert.equal(acceptedEvents.length, sequences.length)
    }
  })

  test('in any order of delivery, no row is acked that was not sent, and all end as acked', async () => {
    const ground = await open()
    const sensor = await ground.enrolled({ limits: { maxBatchEvents: 3 } })
    const queued = Array.from({ length: 30 }, (_, at) => sensor.queue(itemEvent(npmItem(`s-${at}`, '1.0.0'))))
    const rows = sensor.outbox.rows()
    const order = rows.map((row) => [Math.random(), row] as const).toSorted(([left], [right]) => left - right)
    const sent = new Set<string>()
    for (const start of Array.from({ length: 10 }, (_, at) => at * 3)) {
      const batch = order.slice(start, start + 3).map(([, row]) => row)
      for (const row of batch) row.state = 'inFlight'
      for (const { envelope } of batch) sent.add(envelope.eventId)
      const reply = await say(
        sensor,
        batch.map(({ envelope }) => envelope),
        sensor.outbox.lastAcked(sensor.identity().deviceId),
      )
      sensor.outbox.apply(batch, sensor.identity().deviceId, reply, Date.now())
      const acked = rows.filter(({ state }) => state === 'acked').map(({ envelope }) => envelope.eventId)
      assert.deepEqual(new Set(acked), sent)
    }
    assert.equal((await imageOf(ground, sensor)).items.length, queued.length)
  })

  test('a restart at sequence 1 opens a new epoch, stores the events and does not return the old high-water mark', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    await deliver(
      sensor,
      Array.from({ length: 20 }, (_, at) => itemEvent(npmItem(`old-${at}`, '1.0.0'))),
    )
    sensor.outbox.lose()
    const fresh = Array.from({ length: 5 }, (_, at) => itemEvent(npmItem(`new-${at}`, '1.0.0')))
    for (const event of fresh) sensor.queue(event)
    const { body } = await sensor.tick()
    assert.ok(body !== undefined && 'acceptedEvents' in body)
    assert.equal(body.acceptedThroughLocalSequence, 5)
    assert.ok(body.acceptedEvents.every(({ duplicate }) => !duplicate))
    const { events, items } = await imageOf(ground, sensor)
    assert.deepEqual(
      events.items.map(({ epoch, localSequence }) => `${epoch}/${localSequence}`).toSorted(),
      [...Array.from({ length: 20 }, (_, at) => `1/${at + 1}`), '2/1', '2/2', '2/3', '2/4', '2/5'].toSorted(),
    )
    assert.equal(items.length, 25)
  })

  test('a cold start in the middle of a device’s life takes what went before for delivered', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const { acceptedThroughLocalSequence } = await say(sensor, envelopes(sensor, 3, 101), 100)
    assert.equal(acceptedThroughLocalSequence, 103)
  })

  test('repeated additions of an active item raise no second alert; findings group by device, surface, item and rule', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const phantom = npmItem('semver', '6.3.1')
    const startMs = Date.now() - 60_000
    for (let scan = 0; scan < 4; scan += 1) {
      const when = { observedAtMs: startMs + scan * 1000 + 1, collectedAtMs: startMs + scan * 1000 }
      await deliver(sensor, [itemEvent(phantom, 'added', when), findingEvent(findingOn(phantom), when)])
    }
    const found = await findingsOf(ground, sensor)
    assert.deepEqual(
      found.map(({ itemId, ruleId, count, state }) => [itemId, ruleId, count, state]),
      [[phantom.itemId, 'packages.new-javascript-package', 4, 'open']],
    )
    const { items } = await imageOf(ground, sensor)
    assert.deepEqual(
      items.map(({ firstSeenAt }) => firstSeenAt),
      [new Date(startMs + 1).toISOString()],
    )
    const others = [
      findingOn(phantom, { ruleId: 'acme.other' }),
      findingOn(npmItem('semver', '7.0.0')),
      findingOn({ ...phantom, surface: 'pythonPackages' }),
    ]
    await deliver(
      sensor,
      others.map((finding) => findingEvent(finding)),
    )
    assert.equal((await findingsOf(ground, sensor)).length, 4)
    const neighbour = await ground.enrolled()
    await deliver(neighbour, [findingEvent(findingOn(phantom))])
    assert.deepEqual(
      (await findingsOf(ground, neighbour)).map(({ count }) => count),
      [1],
    )
  })

  test('rows queued under a former identity are accepted and read under that one', async () => {
    const ground = await open()
    const [former, sensor] = [await ground.enrolled(), await ground.enrolled()]
    const [old, now] = [former.identity().deviceId, sensor.identity().deviceId]
    const [left] = envelopes(former, 1)
    assert.equal((await say(sensor, [left])).rejectedEvents[0]?.code, 'invalid_device')
    const body = { intoId: now }
    await value(call(ground.server.owner, mergeDevice, { params: { id: old }, body }))
    const [waiting] = envelopes(former, 1, 2)
    const reply = await say(sensor, [waiting, ...envelopes(sensor, 1, 1)])
    assert.deepEqual([reply.acceptedEvents.length, reply.rejectedEvents], [2, []])
  })

  test('a body of 0.9 MB with 500 events and one of 12 MiB with a single event are accepted; over the guard gives 413', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const padding = 'x'.repeat(850)
    for (let at = 0; at < 500; at += 1)
      sensor.queue(itemEvent(npmItem(`padded-${at}`, '1.0.0', { detail: `resolved=${padding}` })))
    const batch = sensor.outbox.takeBatch(Date.now())
    const frame = writeJson(sensor.frame(batch.map(({ envelope }) => envelope)))
    assert.ok(batch.length === 500 && frame.length > 850_000 && frame.length < 1_000_000, `${frame.length}`)
    const full = await sensor.say('sync', frame)
    assert.deepEqual([full.status, full.body?.acceptedEvents.length, full.body?.rejectedEvents], [200, 500, []])
    const huge = (bytes: number) =>
      writeJson(
        sensor.frame([
          envelopeOf(
            sensor.identity().deviceId,
            501,
            itemEvent(npmItem('huge', '1.0.0', { detail: 'd'.repeat(bytes) })),
          ),
        ]),
      )
    const twelve = huge(9.2 * 1024 * 1024)
    assert.ok(twelve.length > 12 * 1024 * 1024)
    const single = await sensor.say('sync', twelve)
    assert.deepEqual([single.status, single.body?.acceptedEvents.length], [200, 1], single.text.slice(0, 300))
    const { status, text } = await sensor.say('sync', huge(12.6 * 1024 * 1024))
    assert.deepEqual([status, JSON.parse(text).error.code], [413, 'body_too_large'])
    assert.equal((await sensor.checkIn()).status, 200)
    assert.equal((await imageOf(ground, sensor)).items.length, 200)
  })

  test('throttling rejects nothing: what is undecided waits for retryAfterSeconds and is then delivered', async () => {
    const ground = await open()
    const sensor = await ground.enrolled({ limits: { maxBatchEvents: 10_000, maxBatchBytes: 8_388_608 } })
    for (let at = 0; at < 5001; at += 1) sensor.queue(itemEvent(npmItem(`many-${at}`, '1.0.0')))
    const stored = async () => (await value(call(ground.server.owner, readStatus, {}))).events.stored
    const before = await stored()
    const nowMs = Date.now()
    const first = await sensor.tick(nowMs)
    assert.ok(first.body !== undefined && 'acceptedEvents' in first.body, first.text.slice(0, 300))
    assert.deepEqual(
      [first.body.acceptedEvents.length, first.body.rejectedEvents, first.body.acceptedThroughLocalSequence],
      [5000, [], 5000],
    )
    assert.ok(first.body.retryAfterSeconds > 0)
    const waiting = sensor.outbox.rows().filter(({ state }) => state === 'pending')
    assert.deepEqual(
      waiting.map(({ envelope, nextAttemptMs }) => [envelope.localSequence, nextAttemptMs]),
      [[5001, nowMs + first.body.retryAfterSeconds * 1000]],
    )
    const second = await sensor.tick(nowMs + first.body.retryAfterSeconds * 1000)
    assert.ok(second.body !== undefined && 'acceptedEvents' in second.body)
    assert.equal(second.body.acceptedThroughLocalSequence, 5001)
    assert.equal((await stored()) - before, 5001)
    assert.ok(sensor.outbox.rows().every(({ state }) => state === 'acked'))
  })

  test('an empty batch is taken, and limits are echoed', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const { maxBatchBytes, maxBatchEvents, retryAfterSeconds, ...rest } = await say(sensor, [])
    assert.deepEqual([maxBatchBytes, maxBatchEvents, retryAfterSeconds], [524_288, 500, 15])
    assert.deepEqual([rest.acceptedEvents, rest.rejectedEvents, rest.acceptedThroughLocalSequence], [[], [], 0])
  })

  test('a resnapshot is asked for once, on whichever route comes first', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const params = { id: sensor.identity().deviceId }
    await value(call(ground.server.owner, requestResnapshot, { params, body: {} }))
    assert.equal((await say(sensor, [])).fullResnapshotRequested, true)
    assert.equal((await say(sensor, [])).fullResnapshotRequested, false)
    await sensor.checkIn()
    assert.equal(sensor.rescans(), 0)
  })
})
