// Payloads as the acceptance list of sensor-protocol 19 has them, on both databases: golden vectors accepted and shown to
// operators, broken events refused one by one, and everything a patient receiver takes. Batches are sensor-sync.test.ts.
import assert from 'node:assert/strict'
import { createHash, randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { deviceInventory, type Finding, type InventoryItem, listFindings, readStatus } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { goldenPayloads } from './golden.ts'
import { commonGround, type Ground } from './ground.ts'
import type { Sensor } from './sensor-client.ts'
import { deliver, findingEvent, findingOn, itemEvent, mcpServer, npmItem } from './sensor-events.ts'
import { type Envelope, envelopeOf, type QueuedEvent } from './sensor-outbox.ts'
import { field, findingMessage, itemMessage, payloadOf, varintField } from './sensor-payload.ts'

const observedAtMs = Date.UTC(2026, 5, 2, 12)

const inventoryOf = async ({ server }: Ground, sensor: Sensor): Promise<readonly InventoryItem[]> => {
  const params = { id: sensor.identity().deviceId }
  return (await value(call(server.owner, deviceInventory, { params, query: { limit: '200' } }))).items
}

const findingsOf = async ({ server }: Ground, sensor: Sensor): Promise<readonly Finding[]> => {
  const query = { deviceId: sensor.identity().deviceId, limit: '200' }
  return (await value(call(server.owner, listFindings, { query }))).items
}

const golden = (name: keyof typeof goldenPayloads, kind: QueuedEvent['kind']): QueuedEvent => {
  const { surface, bytes } = goldenPayloads[name]
  return { surface, kind, payload: bytes, observedAtMs, collectedAtMs: observedAtMs }
}

const weather = { ...mcpServer('weather', 'npx -y weather-mcp') }
const pcre2 = {
  itemId: 'homebrew/package//opt/homebrew/Cellar/pcre2/pcre2',
  surface: 'homebrew',
  kind: 'package',
  name: 'pcre2',
  path: '/opt/homebrew/Cellar/pcre2',
  origin: 'unknown',
  installedOnRequest: false,
}
const ripgrep = {
  ...pcre2,
  itemId: 'homebrew/package//opt/homebrew/Cellar/ripgrep/ripgrep',
  name: 'ripgrep',
  version: '14.1.1',
  path: '/opt/homebrew/Cellar/ripgrep',
  origin: 'homebrew/core',
  installedOnRequest: true,
}
const runner = {
  ...findingOn(weather),
  id: '6F9619FF-8B86-D011-B42D-00C04FC964FF',
  ruleId: 'agent.config.ephemeral-runner',
  title: 'Runner',
  rationale: 'Fetches code at launch',
  severity: 'notable',
  evidence: {
    path: '/Users/ada/.claude.json',
    detail: 'npx -y weather-mcp',
    matchedField: 'detail',
    matchedValue: 'npx -y weather-mcp',
  },
  observedAt: '2026-06-02T12:00:00.000Z',
}

test('the hand-made encoder writes the golden vectors byte for byte', () => {
  const always = {
    ...runner,
    surface: 'homebrew',
    itemId: pcre2.itemId,
    ruleId: 'custom.always',
    title: 'T',
    rationale: 'R',
    severity: 'critical',
    itemName: 'pcre2',
    evidence: { path: pcre2.path },
  }
  assert.deepEqual(payloadOf({ item: ripgrep }), goldenPayloads.A.bytes)
  assert.deepEqual(payloadOf({ item: pcre2 }), goldenPayloads.B.bytes)
  assert.deepEqual(payloadOf({ item: weather }), goldenPayloads.C.bytes)
  assert.deepEqual(payloadOf({ finding: runner }), goldenPayloads.D.bytes)
  assert.deepEqual(payloadOf({ finding: always }), goldenPayloads.E.bytes)
})

const envelope = (sensor: Sensor, sequence: number, more: Partial<Envelope> & Record<string, unknown> = {}) => ({
  ...envelopeOf(sensor.identity().deviceId, sequence, itemEvent(npmItem(`good-${sequence}`, '1.0.0'))),
  ...more,
})

/** An envelope around these payload bytes, its hash being right. */
const around = (payload: Uint8Array, surface = 'javascriptPackages'): Partial<Envelope> => ({
  surface,
  payload: Buffer.from(payload).toString('base64'),
  payloadHash: createHash('sha256').update(payload).digest('hex'),
})

const item = npmItem('x', '1.0.0')
const version1 = varintField(1, 1)
const ofItem = (message: Uint8Array): Buffer => Buffer.concat([version1, field(2, message)])
const finding = findingOn(item)

/** What can never become acceptable, and why (sensor-protocol 12). */
const broken: Readonly<Record<string, readonly [code: string, more: Partial<Record<keyof Envelope, unknown>>]>> = {
  'a corrupt hash': ['invalid_payload_hash', { payloadHash: 'a'.repeat(64) }],
  'a hash that is no hash': ['invalid_payload_hash', { payloadHash: 'sha256' }],
  'no hash': ['invalid_payload_hash', { payloadHash: null }],
  'a truncated protobuf': ['invalid_payload', around(goldenPayloads.A.bytes.subarray(0, -3), 'homebrew')],
  'bytes that are no protobuf': ['invalid_payload', around(Buffer.from('not a message'))],
  'a wrong version': ['invalid_payload', around(Buffer.concat([varintField(1, 2), field(2, itemMessage(item))]))],
  'no version': ['invalid_payload', around(field(2, itemMessage(item)))],
  'both bodies': [
    'invalid_payload',
    around(Buffer.concat([ofItem(itemMessage(item)), field(3, findingMessage(finding))])),
  ],
  'no body': ['invalid_payload', around(version1)],
  'another surface inside': ['invalid_payload', around(payloadOf({ item }), 'pythonPackages')],
  'text that is not UTF-8': [
    'invalid_payload',
    around(ofItem(Buffer.concat([itemMessage(item), field(5, Buffer.of(0xff))]))),
  ],
  'an item without an id': ['invalid_payload', around(payloadOf({ item: { ...item, itemId: '' } }))],
  'an item without a path': ['invalid_payload', around(payloadOf({ item: { ...item, path: '' } }))],
  'a finding without a rule': ['invalid_payload', around(payloadOf({ finding: { ...finding, ruleId: '' } }))],
  'an unknown severity': ['invalid_payload', around(payloadOf({ finding: { ...finding, severity: 'high' } }))],
  'a finding at no time': ['invalid_payload', around(payloadOf({ finding: { ...finding, observedAt: 'noon' } }))],
  'an empty payload': ['empty_payload', around(Buffer.alloc(0))],
  'a payload that is no text': ['invalid_payload', { payload: 7 }],
  'an empty event id': ['invalid_event_id', { eventId: '' }],
  'an event id that is too long': ['invalid_event_id', { eventId: 'x'.repeat(129) }],
  'no event id': ['invalid_event_id', { eventId: undefined }],
  'sequence zero': ['invalid_sequence', { localSequence: 0 }],
  'a negative sequence': ['invalid_sequence', { localSequence: -4 }],
  'a sequence with a fraction': ['invalid_sequence', { localSequence: 1.5 }],
  'a malformed surface': ['invalid_surface', { surface: 'home brew' }],
  'a kind of its own': ['invalid_kind', { kind: 'renamed' }],
  'a time that is none': ['invalid_timestamp', { observedAt: '2026-13-41' }],
  'no collection time': ['invalid_timestamp', { collectedAt: undefined }],
  "a stranger's device id": ['invalid_device', { deviceId: 'dev_stranger' }],
}

eachEngine((engine) => {
  const open = commonGround({ engine })

  test('golden vectors A to E are accepted and projected', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const kinds = { A: 'added', B: 'added', C: 'added', D: 'modified', E: 'modified' } as const
    await deliver(
      sensor,
      (['A', 'B', 'C', 'D', 'E'] as const).map((name) => golden(name, kinds[name])),
    )
    const seen = { possiblyStale: false, attributes: {} }
    const known = (await inventoryOf(ground, sensor)).map(({ firstSeenAt: _from, lastSeenAt: _to, ...rest }) => rest)
    assert.deepEqual(
      known.toSorted((left, right) => left.name.localeCompare(right.name)),
      [
        { ...pcre2, version: null, detail: null, ...seen },
        { ...ripgrep, detail: null, ...seen },
        { ...weather, version: null, installedOnRequest: null, ...seen },
      ],
    )
    const found = (await findingsOf(ground, sensor)).toSorted((left, right) => left.ruleId.localeCompare(right.ruleId))
    assert.deepEqual(
      found.map((one) => [one.ruleId, one.severity, one.itemId, one.itemName, one.title, one.rationale, one.count]),
      [
        ['agent.config.ephemeral-runner', 'notable', weather.itemId, 'weather', 'Runner', 'Fetches code at launch', 1],
        ['custom.always', 'critical', pcre2.itemId, 'pcre2', 'T', 'R', 1],
      ],
    )
    assert.deepEqual(
      found.map(({ evidence, itemPresent }) => [evidence, itemPresent]),
      [
        [runner.evidence, true],
        [{ path: pcre2.path, detail: null, matchedField: null, matchedValue: null }, true],
      ],
    )
  })

  test('each broken event is rejected by itself while its neighbours are accepted, and its bytes are kept aside', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const letters = async () => (await value(call(ground.server.owner, readStatus, {}))).events.deadLetters
    const before = await letters()
    const cases = Object.entries(broken)
    const events = cases.flatMap(([, [, more]], at) => [
      envelope(sensor, 2 * at + 1),
      { ...envelope(sensor, 2 * at + 2), ...more },
    ])
    const { status, body } = await sensor.say('sync', sensor.frame(events))
    assert.equal(status, 200)
    assert.deepEqual(
      body?.acceptedEvents.map(({ localSequence }) => localSequence),
      cases.map((_, at) => 2 * at + 1),
    )
    assert.deepEqual(
      body?.rejectedEvents.map(({ code }, at) => [cases[at]?.[0], code]),
      cases.map(([name, [code]]) => [name, code]),
    )
    assert.equal(body?.acceptedThroughLocalSequence, 1)
    assert.equal((await letters()) - before, cases.length)
    assert.equal((await inventoryOf(ground, sensor)).length, cases.length)
  })

  test('what a patient receiver takes is taken: other orders, unknown fields, repeated scalars, attributes, empty names', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const named = (name: string) => ({ ...item, itemId: `id/${name}`, name })
    const backwards = Buffer.concat([
      field(2, Buffer.concat([field(6, '/p'), itemMessage({ ...named('a'), path: '' })])),
      version1,
    ])
    const unknown = ofItem(Buffer.concat([itemMessage(named('b')), field(99, 'later'), varintField(98, 5)]))
    const repeated = ofItem(Buffer.concat([itemMessage(named('first')), field(4, 'c')]))
    const attributes = payloadOf({ item: { ...named('d'), attributes: { team: 'core', empty: '' } } })
    const nameless = payloadOf({ item: named('') })
    const untitled = payloadOf({ finding: { ...findingOn(named('')), title: '', rationale: '' } })
    const payloads = [backwards, unknown, repeated, attributes, nameless, untitled]
    const events: unknown[] = payloads.map((bytes, at) => envelope(sensor, at + 1, around(bytes)))
    const upper = envelope(sensor, 7)
    const own = { ...item, surface: 'acme.tools:v2', itemId: 'own', name: 'own' }
    events.push(
      { ...upper, payloadHash: upper.payloadHash.toUpperCase() },
      envelope(sensor, 8, around(payloadOf({ item: own }), own.surface)),
      envelope(sensor, 9, { eventId: 'evt_123' }),
    )
    const { body } = await sensor.say('sync', sensor.frame(events))
    assert.deepEqual([body?.rejectedEvents, body?.acceptedThroughLocalSequence], [[], 9])
    const known = await inventoryOf(ground, sensor)
    assert.deepEqual(known.map(({ name }) => name).toSorted(), ['', 'a', 'b', 'c', 'd', 'good-7', 'good-9', 'own'])
    assert.deepEqual(known.find(({ name }) => name === 'd')?.attributes, { team: 'core', empty: '' })
    assert.equal((await findingsOf(ground, sensor))[0]?.title, '')
  })

  test('bursts of nothing but findings, critical ones among them, are kept', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const burst = Array.from({ length: 150 }, (_, at) =>
      findingOn(npmItem(`p-${at}`, '1.0.0'), {
        ruleId: 'acme.present',
        severity: at % 3 === 0 ? 'critical' : 'suspicious',
      }),
    )
    await deliver(
      sensor,
      burst.map((one) => findingEvent(one)),
    )
    const found = await findingsOf(ground, sensor)
    assert.equal(found.length, 150)
    assert.equal(found.filter(({ severity }) => severity === 'critical').length, 50)
    assert.ok(found.every(({ itemPresent }) => !itemPresent))
    assert.deepEqual(await inventoryOf(ground, sensor), [])
  })

  test('a finding may come before its item, or without it for ever', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const late = npmItem('late', '2.0.0')
    await deliver(sensor, [findingEvent(findingOn(late))])
    assert.deepEqual(
      (await findingsOf(ground, sensor)).map(({ itemPresent }) => itemPresent),
      [false],
    )
    await deliver(sensor, [itemEvent(late)])
    assert.deepEqual(
      (await findingsOf(ground, sensor)).map(({ itemPresent }) => itemPresent),
      [true],
    )
  })

  test('the removal of an unknown item is recorded and shows nothing as present', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const gone = npmItem('gone', '3.0.0')
    const [added, removed] = (['added', 'removed'] as const).map((kind, at) =>
      envelopeOf(sensor.identity().deviceId, at + 1, itemEvent(gone, kind)),
    )
    assert.equal((await sensor.say('sync', sensor.frame([removed]))).body?.acceptedEvents.length, 1)
    assert.deepEqual(await inventoryOf(ground, sensor), [])
    // What was queued before it and comes later does not bring the item back.
    assert.equal((await sensor.say('sync', sensor.frame([added]))).body?.acceptedEvents.length, 1)
    assert.deepEqual(await inventoryOf(ground, sensor), [])
  })

  test('observedAt later than collectedAt is accepted, and so is a millisecond between envelope and payload', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const nowMs = Date.now()
    const seen = npmItem('seen', '1.0.0')
    const times = { observedAtMs: nowMs, collectedAtMs: nowMs - 1500 }
    const observedAt = new Date(nowMs - 1).toISOString()
    await deliver(sensor, [itemEvent(seen, 'added', times), findingEvent(findingOn(seen, { observedAt }), times)])
    assert.equal((await inventoryOf(ground, sensor)).length, 1)
    assert.equal((await findingsOf(ground, sensor)).length, 1)
    // Clocks of devices are what they are: nothing is too old or too new.
    for (const observedAtMs of [Date.UTC(1999, 0), Date.UTC(2099, 0)])
      await deliver(sensor, [itemEvent(npmItem(randomUUID(), '1.0.0'), 'added', { observedAtMs })])
    assert.equal((await inventoryOf(ground, sensor)).length, 3)
  })
})
