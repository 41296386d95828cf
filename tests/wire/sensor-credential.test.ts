// Who may speak on the protected routes (sensor-protocol 3.5 and 19): by certificate, or by the shared token, never both.
// Every route with every credential is walked in walk.test.ts; here the lines of the acceptance list have names.
import assert from 'node:assert/strict'
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { before, suite, test } from 'node:test'
import {
  deviceEvents,
  listAudit,
  mergeDevice,
  reactivateDevice,
  readDevice,
  readStatus,
  retireDevice,
  revokeDevice,
} from '@muster/contract'
import { call } from '@muster/http'
import { makeAuthority, makeLeaf, openWire, requestBytes } from '@muster/http/testing'
import { value } from '@muster/server/testing'
import { goldenPayloads } from './golden.ts'
import { commonGround, type Ground } from './ground.ts'
import { credentialOf, type KeyPair, newKeyPair, type SavedState, type Sensor } from './sensor-client.ts'
import { writeJson } from './sensor-json.ts'

const ripgrep = () => {
  const nowMs = Date.now()
  const { surface, bytes } = goldenPayloads.A
  return { surface, kind: 'added', payload: bytes, observedAtMs: nowMs, collectedAtMs: nowMs } as const
}

const facts = { sensorVersion: 'koban-agent', osVersion: 'v', activeConfigGeneration: '' }
const health = { syncBacklogEvents: 0, syncBacklogBytes: 0 }

type Ids = Pick<SavedState, 'tenantId' | 'deviceId'>

/** What each protected route answers to this sensor when it names these ids. */
const statuses = async (sensor: Sensor, ids: Ids): Promise<readonly number[]> => {
  const { tenantId, deviceId } = ids
  const frame = { tenantId, deviceId, sensorVersion: 'koban-agent', schemaVersion: 1, lastAckedLocalSequence: 0 }
  return [
    (await sensor.say('config', { tenantId, deviceId, currentGeneration: '' })).status,
    (await sensor.say('check-in', { tenantId, deviceId, ...facts, health })).status,
    (await sensor.say('sync', { ...frame, events: [], health })).status,
  ]
}

const every = (status: number): readonly number[] => [status, status, status]

suite('with certificates', () => {
  const open = commonGround({ env: { MUSTER_SENSOR_TOKEN: 'the-shared-sensor-token' } })
  let ground: Ground
  let own: Sensor
  let ids: Ids
  before(async () => {
    ground = await open()
    own = await ground.enrolled()
    ids = own.identity()
  })

  /** A sensor with this certificate and key, which says nothing by itself. */
  const presenting = (certificate: string, keys: KeyPair, sensorToken?: string): Sensor => {
    const sensor = ground.sensor({ keys, ...(sensorToken === undefined ? {} : { sensorToken }) })
    sensor.adopt({ ...ids, certificate: Buffer.from(certificate), certificateExpiresAt: '', generation: null })
    return sensor
  }

  test('its own certificate opens every route', async () => {
    assert.deepEqual(await statuses(own, ids), every(200))
  })

  test('no certificate is refused', async () => {
    assert.deepEqual(await statuses(ground.sensor(), ids), every(401))
  })

  test('a certificate of an unknown CA is refused, whatever it says', async () => {
    const authority = await makeAuthority('Muster fleet authority')
    const { certPem, keyPem } = await makeLeaf(authority, { name: ids.deviceId })
    const keys = { privateKey: createPrivateKey(keyPem), publicKey: createPublicKey(keyPem) }
    const stranger = presenting(certPem, keys)
    const reply = await stranger.say('config', { ...ids, currentGeneration: '' })
    assert.deepEqual([reply.status, reply.certificateShown], [401, true])
    assert.deepEqual(await statuses(stranger, ids), every(401))
  })

  test("another tenant's device is refused here, and ours there", async () => {
    const elsewhere = await ground.ofTenant()
    const theirs = await elsewhere.enrolled()
    const { tenantId } = theirs.identity()
    assert.notEqual(tenantId, ids.tenantId)
    assert.deepEqual(await statuses(theirs, theirs.identity()), every(200))
    assert.deepEqual(await statuses(theirs, ids), every(403))
    assert.deepEqual(await statuses(own, theirs.identity()), every(403))
    assert.deepEqual(await statuses(own, { ...ids, tenantId }), every(403))
    await elsewhere.close()
  })

  test('a body that names another device of the same tenant is refused', async () => {
    const neighbour = await ground.enrolled()
    assert.deepEqual(await statuses(own, neighbour.identity()), every(403))
    assert.deepEqual(await statuses(own, { ...ids, deviceId: 'dev_unknown' }), every(403))
    assert.deepEqual(await statuses(own, { ...ids, deviceId: '' }), every(403))
  })

  test('the token header opens nothing and closes nothing', async () => {
    const sensorToken = 'the-shared-sensor-token'
    assert.deepEqual(await statuses(ground.sensor({ sensorToken }), ids), every(401))
    const credential = credentialOf(own.identity(), own.keys)
    for (const header of [sensorToken, 'wrong', ''])
      assert.deepEqual(await statuses(presenting(credential?.certPem ?? '', own.keys, header), ids), every(200))
  })

  test('a certificate without its key presents nothing', async () => {
    const credential = credentialOf(own.identity(), own.keys)
    assert.deepEqual(await statuses(presenting(credential?.certPem ?? '', newKeyPair()), ids), every(401))
  })

  test('a revoked device gets 403 on every protected route, on the open connection and on new ones, again and again', async () => {
    const revoked = await ground.enrolled()
    const { tenantId, deviceId } = revoked.identity()
    assert.deepEqual(await statuses(revoked, { tenantId, deviceId }), every(200))
    await value(call(ground.server.owner, revokeDevice, { params: { id: deviceId }, body: { reason: 'stolen' } }))
    for (let times = 0; times < 20; times += 1)
      assert.deepEqual(await statuses(revoked, { tenantId, deviceId }), every(403))
    const { connection } = await revoked.say('config', { tenantId, deviceId, currentGeneration: '' })
    assert.equal(connection, 1, 'a 403 does not cost the device a new handshake every minute')
    revoked.reconnect()
    assert.deepEqual(await statuses(revoked, { tenantId, deviceId }), every(403))
    await value(call(ground.server.owner, reactivateDevice, { params: { id: deviceId }, body: {} }))
    assert.deepEqual(await statuses(revoked, { tenantId, deviceId }), every(200))
  })

  test('the 403 is cheap: it comes before the body, and nothing is stored', async () => {
    const revoked = await ground.enrolled()
    const { deviceId } = revoked.identity()
    const status = () => value(call(ground.server.owner, readStatus, {}))
    await value(call(ground.server.owner, revokeDevice, { params: { id: deviceId }, body: {} }))
    const was = await status()
    const { certPem = '', keyPem = '' } = credentialOf(revoked.identity(), revoked.keys) ?? {}
    const wire = await openWire(ground.server.gateway?.port ?? 0, { ca: ground.ca, cert: certPem, key: keyPem })
    wire.write(requestBytes('POST', '/api/sensor/v1/sync', '', { 'content-length': '15000000' }))
    assert.equal((await wire.reply()).status, 403)
    wire.socket.destroy()
    revoked.queue(ripgrep())
    assert.equal((await revoked.tick()).status, 403)
    assert.deepEqual(
      revoked.outbox.rows().map(({ state, attempts }) => [state, attempts]),
      [['pending', 1]],
    )
    const { items } = await value(call(ground.server.owner, deviceEvents, { params: { id: deviceId }, query: {} }))
    const { stored, deadLetters } = (await status()).events
    assert.deepEqual([items, stored, deadLetters], [[], was.events.stored, was.events.deadLetters])
  })

  test('retired and merged devices get 403 too', async () => {
    const { owner } = ground.server
    const [retired, merged] = [await ground.enrolled(), await ground.enrolled()]
    await value(call(owner, retireDevice, { params: { id: retired.identity().deviceId }, body: {} }))
    const into = { intoId: ids.deviceId }
    await value(call(owner, mergeDevice, { params: { id: merged.identity().deviceId }, body: into }))
    for (const sensor of [retired, merged]) assert.deepEqual(await statuses(sensor, sensor.identity()), every(403))
  })

  test('the revocation and its reason are on record', async () => {
    const revoked = await ground.enrolled()
    const { deviceId } = revoked.identity()
    await value(call(ground.server.owner, revokeDevice, { params: { id: deviceId }, body: { reason: 'stolen' } }))
    const device = await value(call(ground.server.owner, readDevice, { params: { id: deviceId } }))
    assert.deepEqual([device.status, device.statusReason], ['revoked', 'stolen'])
    const query = { action: 'device.revoked', targetId: deviceId }
    const { items } = await value(call(ground.server.owner, listAudit, { query }))
    assert.deepEqual(
      items.map(({ details }) => details['reason']),
      ['stolen'],
    )
  })
})

suite('with the shared token', () => {
  const sensorToken = 'the-shared-sensor-token'
  const open = commonGround({ argv: ['--device-auth', 'token'], env: { MUSTER_SENSOR_TOKEN: sensorToken } })
  let ground: Ground
  let ids: Ids
  let own: Sensor
  before(async () => {
    ground = await open()
    own = await ground.enrolled({ sensorToken })
    ids = own.identity()
  })

  test('the token and the ids of a device that exists open every route', async () => {
    assert.deepEqual(await statuses(ground.sensor({ sensorToken }), ids), every(200))
  })

  test('a wrong or missing token is refused', async () => {
    assert.deepEqual(await statuses(ground.sensor(), ids), every(401))
    for (const wrong of ['', 'wrong', `${sensorToken}x`, sensorToken.slice(0, -1), sensorToken.toUpperCase()])
      assert.deepEqual(await statuses(ground.sensor({ sensorToken: wrong }), ids), every(401), wrong)
  })

  test('a certificate is no credential there', async () => {
    const bare = ground.sensor({ keys: own.keys })
    bare.adopt(own.identity())
    const { status, certificateShown } = await bare.say('config', { ...ids, currentGeneration: '' })
    assert.deepEqual([status, certificateShown], [401, true])
  })

  test('the device must exist in the tenant that is named, and be active', async () => {
    const sensor = ground.sensor({ sensorToken })
    assert.deepEqual(await statuses(sensor, { ...ids, deviceId: 'dev_unknown' }), every(403))
    assert.deepEqual(await statuses(sensor, { ...ids, tenantId: 'elsewhere' }), every(403))
    const other = await ground.enrolled({ sensorToken })
    const { deviceId } = other.identity()
    await value(call(ground.server.owner, revokeDevice, { params: { id: deviceId }, body: {} }))
    assert.deepEqual(await statuses(sensor, other.identity()), every(403))
  })

  test('an agent that was given ids and token by hand uploads and checks in, and always reports no generation', async () => {
    const local = ground.sensor({ sensorToken, refusesBundles: true })
    local.adopt({ ...ids, certificate: Buffer.alloc(0), certificateExpiresAt: '', generation: null })
    local.queue(ripgrep())
    const synced = await local.tick()
    assert.deepEqual([synced.status, synced.certificateShown], [200, false])
    assert.deepEqual(
      local.outbox.rows().map(({ state }) => state),
      ['acked'],
    )
    assert.equal((await local.tick()).status, 200)
  })

  test('a body that names nobody is told so', async () => {
    const sensor = ground.sensor({ sensorToken })
    for (const body of ['null', '[]', '{"deviceId":7}', writeJson({ tenantId: ids.tenantId })])
      assert.equal((await sensor.say('sync', body)).status, 400, body)
  })
})
