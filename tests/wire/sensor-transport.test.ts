// How the published agent's requests arrive and how replies must look (sensor-protocol 1, 2, 3.4, 11 and 19), against a
// whole server over TLS. What the routes decide is in the other sensor-*.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { publishRevision, readDevice, savePolicy } from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { goldenPayloads } from './golden.ts'
import { commonGround, type Ground, until } from './ground.ts'
import { newKeyPair, wirePublicKey } from './sensor-client.ts'
import { writeJson } from './sensor-json.ts'
import { envelopeOf } from './sensor-outbox.ts'
import { decodeReply, extraKeys, type RouteName } from './sensor-replies.ts'

const open = commonGround()

const publish = async ({ server }: Ground): Promise<string> => {
  const yaml = 'apiVersion: fleet/v1\nkind: Policy\nmetadata: { name: all }\nagent: {}\n'
  const { policy, revision } = await value(call(server.owner, savePolicy, { body: { yaml } }))
  return (
    await value(call(server.owner, publishRevision, { params: { id: revision.id }, body: {}, ifMatch: policy.version }))
  ).generation
}

const ripgrep = (nowMs = Date.now()) =>
  ({
    surface: 'homebrew',
    kind: 'added',
    payload: goldenPayloads.A.bytes,
    observedAtMs: nowMs,
    collectedAtMs: nowMs,
  }) as const

for (const shape of ['', '/', '/fleet', '/a/deeper/prefix/', '/?region=eu'])
  test(`all four routes work with the endpoint ending in "${shape}"`, async () => {
    const ground = await open()
    const sensor = await ground.enrolled({ endpoint: `${ground.endpoint}${shape}` })
    assert.equal((await sensor.fetchConfig()).status, 200)
    assert.equal((await sensor.tick()).status, 200)
    sensor.queue(ripgrep())
    assert.equal((await sensor.tick()).status, 200)
    assert.deepEqual(
      sensor.outbox.rows().map(({ state }) => state),
      ['acked'],
    )
  })

test('escaped slashes, keys in any order and unknown keys at every level are accepted', async () => {
  const ground = await open()
  const more = { 'x/y': { 'z/': [1, null, 'a/b'] }, nothing: null }
  const keys = newKeyPair()
  const facts = { hostname: 'a/b', osVersion: 'c/d', hardwareModel: 'e', sensorVersion: 'koban-agent' }
  const enrolBody = { token: await ground.token(), publicKey: wirePublicKey(keys.publicKey), ...facts, ...more }
  assert.match(writeJson(enrolBody), /"a\\\/b"/)
  const { status, body } = await ground.sensor().say('enroll', enrolBody)
  assert.equal(status, 200)
  assert.ok(body !== undefined)
  const sensor = ground.sensor({ keys })
  const { tenantId, deviceId, clientCertificate, certificateExpiresAt } = body
  const certificate = Buffer.from(clientCertificate, 'base64')
  sensor.adopt({ tenantId, deviceId, certificate, certificateExpiresAt, generation: null })
  assert.equal((await sensor.say('config', { tenantId, deviceId, currentGeneration: '', ...more })).status, 200)
  const checkIn = { tenantId, deviceId, sensorVersion: 'koban-agent', osVersion: 'c/d', activeConfigGeneration: '' }
  const health = { syncBacklogEvents: 0, syncBacklogBytes: 0, ...more }
  assert.equal((await sensor.say('check-in', { ...checkIn, health, ...more })).status, 200)
  const event = { ...envelopeOf(deviceId, 1, ripgrep()), ...more }
  const synced = await sensor.say('sync', sensor.frame([event], { health, ...more }))
  assert.deepEqual(synced.body?.acceptedEvents, [{ eventId: event.eventId, localSequence: 1, duplicate: false }])
})

test('the order of keys differs between requests, so nothing can hang on it', () => {
  const written = new Set(Array.from({ length: 50 }, () => writeJson({ a: 1, b: 2, c: 3 })))
  assert.ok(written.size > 1)
})

test('every 2xx reply has every required key with its type, [] for empty lists, whole numbers and strict base64', async () => {
  const ground = await open()
  const check = (route: RouteName, { status, text }: { status: number; text: string }): void => {
    assert.equal(status, 200)
    assert.deepEqual([decodeReply(route, text).faults, extraKeys(route, text)], [[], []], text)
  }
  const sensor = ground.sensor({ enrollmentToken: await ground.token(), refusesBundles: true })
  const { enrolled, configured } = await sensor.launch()
  assert.ok(enrolled !== null && configured !== null)
  check('enroll', enrolled)
  check('config', configured)
  assert.match(configured.text, /"configJson":""/)
  check('check-in', await sensor.checkIn())
  check('sync', await sensor.say('sync', sensor.frame([])))
  const { deviceId } = sensor.identity()
  const good = envelopeOf(deviceId, 1, ripgrep())
  const bad = { ...envelopeOf(deviceId, 2, ripgrep()), kind: 'renamed' }
  for (const events of [[good], [good], [bad], [good, bad, null, 7, [], 'x', {}]])
    check('sync', await sensor.say('sync', sensor.frame(events)))
  const generation = await publish(ground)
  const hinted = await sensor.checkIn()
  check('check-in', hinted)
  assert.deepEqual([hinted.body?.configUpdateAvailable, hinted.body?.configGeneration], [true, generation])
  const complete = await sensor.fetchConfig()
  check('config', complete)
  assert.match(complete.text, /"signature":""/)
  check('sync', await sensor.say('sync', sensor.frame([])))
})

test('timestamps without a fraction, with nine digits or with an offset are accepted', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const { deviceId } = sensor.identity()
  const times = ['2026-06-09T08:15:30Z', '2026-06-09T08:15:30.123456789Z', '2026-06-09T10:15:30.25+02:00']
  const events = times.map((time, at) => ({
    ...envelopeOf(deviceId, at + 1, ripgrep()),
    observedAt: time,
    collectedAt: time,
  }))
  const { body } = await sensor.say('sync', sensor.frame(events))
  assert.deepEqual([body?.acceptedEvents.length, body?.rejectedEvents], [3, []])
})

test('the tenant of the body may be absent and is then the one of the certificate', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const { deviceId } = sensor.identity()
  const frame = sensor.frame([envelopeOf(deviceId, 1, ripgrep())], { tenantId: undefined })
  assert.doesNotMatch(writeJson(frame), /tenantId/)
  assert.equal((await sensor.say('sync', frame)).body?.acceptedEvents.length, 1)
})

test('what is no JSON, or of wrong types, is 400; another schema version is 422', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const statusOf = async (route: RouteName, body: unknown) => (await sensor.say(route, body)).status
  for (const route of ['enroll', 'config', 'check-in', 'sync'] as const)
    for (const body of ['', '{', 'null', '[]', '"x"', '{"deviceId":7}']) assert.equal(await statusOf(route, body), 400)
  const { deviceId } = sensor.identity()
  for (const wrong of [
    { events: null },
    { health: null },
    { lastAckedLocalSequence: '0' },
    { schemaVersion: '1' },
    { lastAckedLocalSequence: 0.5 },
  ])
    assert.equal(await statusOf('sync', sensor.frame([], wrong)), 400, JSON.stringify(wrong))
  for (const schemaVersion of [0, 2, 99]) {
    const frame = sensor.frame([envelopeOf(deviceId, 1, ripgrep())], { schemaVersion })
    assert.equal(await statusOf('sync', frame), 422)
  }
  assert.deepEqual((await sensor.say('sync', sensor.frame([]))).body?.rejectedEvents, [])
})

test('no cookie is set, nothing is redirected, and an error is a small JSON body whose sender need not read it', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const stranger = ground.sensor()
  const { tenantId, deviceId } = sensor.identity()
  const errors = [
    await stranger.say('enroll', { token: 'met_wrong', publicKey: wirePublicKey(sensor.keys.publicKey), ...hostFacts }),
    await stranger.say('config', { tenantId, deviceId, currentGeneration: '' }),
    await sensor.say('config', { tenantId, deviceId: 'dev_other', currentGeneration: '' }),
    await sensor.say('sync', '{'),
    await sensor.say('sync', sensor.frame([], { schemaVersion: 2 })),
  ]
  assert.deepEqual(
    errors.map(({ status }) => status),
    [401, 401, 403, 400, 422],
  )
  for (const { headers, text } of errors) {
    assert.match(headers['content-type'] ?? '', /^application\/json/)
    assert.deepEqual([headers['set-cookie'], headers.location], [undefined, undefined])
    assert.deepEqual(Object.keys(JSON.parse(text).error).slice(0, 3), ['code', 'message', 'requestId'])
    assert.ok(text.length < 1000)
  }
  sensor.queue(ripgrep())
  await sensor.tick()
  await sensor.checkIn()
  await sensor.fetchConfig()
  assert.deepEqual(
    [sensor.seen(), stranger.seen()],
    [
      { redirects: 0, cookies: 0 },
      { redirects: 0, cookies: 0 },
    ],
  )
})

const hostFacts = { hostname: 'h', osVersion: 'o', hardwareModel: 'm', sensorVersion: 'koban-agent' }

test('enrolment ends its connection, so that the configuration is asked for with the new certificate', async () => {
  const ground = await open()
  const { enrolled, configured } = await ground.sensor({ enrollmentToken: await ground.token() }).launch()
  assert.deepEqual(
    [enrolled?.connection, enrolled?.certificateShown, enrolled?.headers.connection],
    [1, false, 'close'],
  )
  assert.deepEqual([configured?.status, configured?.connection, configured?.certificateShown], [200, 2, true])
})

test('a first configuration without a certificate is 401 and ends the connection; the hint stays until it was fetched', async () => {
  const ground = await open()
  const sensor = ground.sensor({ enrollmentToken: await ground.token(), refusesBundles: true })
  await sensor.launch()
  const generation = await publish(ground)
  const { tenantId, deviceId, certificate } = sensor.identity()
  const naked = ground.sensor({ keys: sensor.keys })
  const refused = await naked.say('config', { tenantId, deviceId, currentGeneration: '' })
  assert.deepEqual([refused.status, refused.headers.connection, refused.certificateShown], [401, 'close', false])
  for (let times = 0; times < 3; times += 1) assert.equal((await sensor.checkIn()).body?.configUpdateAvailable, true)
  const restarted = ground.sensor({ keys: sensor.keys })
  restarted.adopt({ tenantId, deviceId, certificate, certificateExpiresAt: '', generation: null })
  await restarted.checkIn()
  assert.deepEqual([restarted.identity().generation, restarted.restarts()], [generation, 1])
  assert.equal((await restarted.checkIn()).body?.configUpdateAvailable, false)
})

test('a kept connection carries request after request, and a new one shows its certificate again', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const kept = [await sensor.checkIn(), await sensor.checkIn(), await sensor.fetchConfig()]
  assert.deepEqual(
    kept.map(({ connection }) => connection),
    [1, 1, 1],
  )
  sensor.reconnect()
  const { status, certificateShown, tlsSessionReused } = await sensor.checkIn()
  assert.deepEqual([status, certificateShown, tlsSessionReused], [200, true, false])
})

test('a sync counts as contact, a check-in keeps the newest facts of the host', async () => {
  const ground = await open()
  const sensor = await ground.enrolled()
  const { tenantId, deviceId } = sensor.identity()
  const read = () => value(call(ground.server.owner, readDevice, { params: { id: deviceId } }))
  const enrolledAt = (await read()).lastContactAt
  await sensor.say('sync', sensor.frame([], { health: { syncBacklogEvents: 3, syncBacklogBytes: 99 } }))
  const synced = await read()
  assert.deepEqual([synced.backlog, synced.lastCheckInAt, synced.liveness], [{ events: 3, bytes: 99 }, null, 'online'])
  assert.ok((synced.lastContactAt ?? '') >= (enrolledAt ?? ''))
  const facts = { sensorVersion: 'koban-agent', osVersion: 'Version 16.0 (Build 25A1)', activeConfigGeneration: '' }
  const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }
  await sensor.say('check-in', { tenantId, deviceId, ...facts, health })
  // What a device says of itself is written behind, within a second.
  const checkedIn = await until(read, ({ osVersion }) => osVersion === facts.osVersion)
  assert.deepEqual(checkedIn.backlog, { events: 0, bytes: 0 })
  assert.ok(checkedIn.lastCheckInAt !== null && checkedIn.lastCheckInAt >= (synced.lastContactAt ?? ''))
})
