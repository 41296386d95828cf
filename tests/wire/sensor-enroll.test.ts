// Enrolment as the acceptance list of sensor-protocol 19 has it, on both databases: who is let in, with what certificate,
// and what happens the second time. The rules as tables are in the identity room.
import assert from 'node:assert/strict'
import { createPublicKey, ECDH, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  createEnrollmentToken,
  type EnrollmentToken,
  listAudit,
  listDevices,
  readDevice,
  readEnrollmentToken,
  revokeDevice,
  revokeEnrollmentToken,
} from '@muster/contract'
import { call } from '@muster/http'
import { value } from '@muster/server/testing'
import { eachEngine } from '@muster/storage/testing'
import { commonGround, type Ground } from './ground.ts'
import { newKeyPair, type Sensor, wirePublicKey } from './sensor-client.ts'

const facts = { hostname: 'box', osVersion: 'v', hardwareModel: 'arm64', sensorVersion: 'koban-agent' }

const enrolling = (sensor: Sensor, token: string, publicKey = wirePublicKey(newKeyPair().publicKey), more = {}) =>
  sensor.say('enroll', { token, publicKey, ...facts, ...more })

const readToken = ({ server }: Ground, id: string): Promise<EnrollmentToken> =>
  value(call(server.owner, readEnrollmentToken, { params: { id } }))

eachEngine((engine) => {
  let offsetMs = 0
  const open = commonGround({ engine, clock: { nowMs: () => Date.now() + offsetMs } })

  test('a bad, an expired, a revoked and an exhausted token give one and the same 401', async () => {
    const ground = await open()
    const { owner } = ground.server
    const make = (more = {}) =>
      value(call(owner, createEnrollmentToken, { body: { label: 'refused', expiresInSeconds: 300, ...more } }))
    const [expired, revoked, spent] = [await make(), await make(), await make({ expiresInSeconds: 86_400 })]
    await value(call(owner, revokeEnrollmentToken, { params: { id: revoked.id } }))
    const sensor = ground.sensor()
    assert.equal((await enrolling(sensor, spent.token)).status, 200)
    offsetMs = 301_000
    const tokens = [`met_${'x'.repeat(43)}`, '', 'met_', `${spent.token} `, expired.token, revoked.token, spent.token]
    const replies = await Promise.all(tokens.map((token) => enrolling(sensor, token)))
    offsetMs = 0
    for (const { status, text } of replies) {
      assert.equal(status, 401)
      const { error } = JSON.parse(text)
      assert.deepEqual(
        { ...error, requestId: '' },
        {
          ...JSON.parse(replies[0]?.text ?? '').error,
          requestId: '',
        },
      )
    }
    for (const [{ id }, reason] of [
      [expired, 'token_expired'],
      [revoked, 'token_revoked'],
      [spent, 'token_exhausted'],
    ] as const) {
      assert.deepEqual((await readToken(ground, id)).failures, { count: 1, lastReason: reason })
      const { items } = await value(call(owner, listAudit, { query: { targetId: id, outcome: 'refused' } }))
      assert.deepEqual(
        items.map(({ action, details }) => [action, details['reason']]),
        [['enrollment_token.refused', reason]],
      )
    }
  })

  test('a key that is not P-256, or no key at all, gives 400 and costs no use', async () => {
    const ground = await open()
    const { id, token } = await value(call(ground.server.owner, createEnrollmentToken, { body: { label: 'keys' } }))
    const pem = (key: ReturnType<typeof newKeyPair>) => wirePublicKey(key.publicKey)
    const good = Buffer.from(pem(newKeyPair()), 'base64').toString()
    const offCurve = Buffer.from(good.replaceAll(/-----[^-]+-----|\n/g, ''), 'base64')
    offCurve[90] = (offCurve[90] ?? 0) ^ 1
    const wrong = [
      pem(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
      pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' })),
      pem(generateKeyPairSync('ed25519')),
      pem(generateKeyPairSync('rsa', { modulusLength: 2048 })),
      offCurve.toString('base64'),
      Buffer.from(good.replace('BEGIN PUBLIC KEY', 'BEGIN PRIVATE KEY')).toString('base64'),
      Buffer.from(good.slice(0, 100)).toString('base64'),
      good,
      'no base64!',
      '',
      'A'.repeat(60_000),
    ]
    for (const publicKey of wrong) {
      const { status, text } = await enrolling(ground.sensor(), token, publicKey)
      assert.deepEqual([status, JSON.parse(text).error.code], [400, 'public_key_unacceptable'], publicKey.slice(0, 40))
    }
    assert.deepEqual([(await readToken(ground, id)).useCount, (await readToken(ground, id)).status], [0, 'active'])
  })

  test('the certificate pairs with the submitted key, is one leaf directly under the CA, and its base64 has no newline', async () => {
    const ground = await open()
    const keys = newKeyPair()
    const { body } = await enrolling(ground.sensor(), await ground.token(), wirePublicKey(keys.publicKey))
    assert.ok(body !== undefined)
    assert.doesNotMatch(body.clientCertificate, /\s/)
    const pem = Buffer.from(body.clientCertificate, 'base64').toString()
    assert.equal(pem.match(/BEGIN CERTIFICATE/g)?.length, 1)
    const leaf = new X509Certificate(pem)
    const authority = new X509Certificate(ground.ca)
    assert.ok(leaf.publicKey.equals(keys.publicKey))
    assert.ok(leaf.verify(authority.publicKey) && leaf.checkIssued(authority))
    assert.equal(leaf.ca, false)
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.2'])
    assert.match(leaf.subject, new RegExp(`O=${body.tenantId}\\nCN=${body.deviceId}`))
    assert.equal(leaf.subjectAltName, `URI:urn:koban:tenant:${body.tenantId}:device:${body.deviceId}`)
    assert.ok(leaf.validFromDate.getTime() < Date.now())
    assert.ok(leaf.validToDate.getTime() > Date.now() + 2 * 365 * 86_400_000)
    assert.equal(body.certificateExpiresAt, leaf.validToDate.toISOString())
    assert.ok(leaf.serialNumber.length >= 16)
  })

  test('one key is one device in whatever form it is sent', async () => {
    const ground = await open()
    const { publicKey } = newKeyPair()
    const der = publicKey.export({ type: 'spki', format: 'der' })
    const pem = publicKey.export({ type: 'spki', format: 'pem' })
    const point = ECDH.convertKey(der.subarray(26), 'prime256v1', 'hex', 'hex', 'compressed')
    const compressed = Buffer.concat([
      Buffer.from('3039301306072a8648ce3d020106082a8648ce3d030107032200', 'hex'),
      Buffer.from(point, 'hex'),
    ])
    assert.ok(createPublicKey({ key: compressed, format: 'der', type: 'spki' }).equals(publicKey))
    const forms = [wirePublicKey(publicKey), ...[pem, pem.replaceAll('\n', '\r\n'), der, compressed].map(toBase64)]
    const token = await ground.token({ maxUses: forms.length })
    const ids = await Promise.all(
      forms.map(async (form) => (await enrolling(ground.sensor(), token, form)).body?.deviceId),
    )
    assert.equal(new Set(ids).size, 1)
    assert.match(ids[0] ?? '', /^dev_/)
  })

  test('host texts are free: names with emoji are kept, and long ones are cut, never refused', async () => {
    const ground = await open()
    const texts = {
      hostname: 'Ada’s "Mac" 💻/\\',
      osVersion: 'ü'.repeat(600),
      hardwareModel: '',
      sensorVersion: '\u0000',
    }
    const { body } = await enrolling(ground.sensor(), await ground.token(), undefined, texts)
    const device = await value(call(ground.server.owner, readDevice, { params: { id: body?.deviceId ?? '' } }))
    assert.deepEqual([device.hostname, device.osVersion, device.hardwareModel], [texts.hostname, 'ü'.repeat(512), ''])
  })

  test('enrolling twice with the same key returns the same deviceId with a fresh certificate', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const first = sensor.identity()
    sensor.reset()
    const again = ground.sensor({ keys: sensor.keys, enrollmentToken: await ground.token() })
    await again.launch()
    const second = again.identity()
    assert.equal(second.deviceId, first.deviceId)
    assert.notDeepEqual(second.certificate, first.certificate)
    assert.equal((await again.checkIn()).status, 200)
    // The answer to the second enrolment may have been lost: the first certificate still counts.
    sensor.adopt(first)
    assert.equal((await sensor.checkIn()).status, 200)
  })

  test('the replay after a lost response does not burn a second use, and only for the same key', async () => {
    const ground = await open()
    const { id, token } = await value(call(ground.server.owner, createEnrollmentToken, { body: { label: 'lost' } }))
    const publicKey = wirePublicKey(newKeyPair().publicKey)
    const ids: (string | undefined)[] = []
    for (let times = 0; times < 3; times += 1)
      ids.push((await enrolling(ground.sensor(), token, publicKey)).body?.deviceId)
    assert.deepEqual([new Set(ids).size, (await readToken(ground, id)).useCount], [1, 1])
    assert.equal((await enrolling(ground.sensor(), token)).status, 401)
    offsetMs = 11 * 60_000
    assert.equal((await enrolling(ground.sensor(), token, publicKey)).status, 401)
    offsetMs = 0
  })

  test('a one-use token lets one of many racing keys in', async () => {
    const ground = await open()
    const token = await ground.token()
    const sensors = Array.from({ length: 12 }, () => ground.sensor())
    const replies = await Promise.all(sensors.map((sensor) => enrolling(sensor, token)))
    assert.deepEqual(
      replies.map(({ status }) => status).toSorted((left, right) => left - right),
      [200, ...Array.from({ length: 11 }, () => 401)],
    )
  })

  test('a revoked device stays revoked, whatever token its key comes with, unless the token allows its return', async () => {
    const ground = await open()
    const sensor = await ground.enrolled()
    const { deviceId } = sensor.identity()
    await value(call(ground.server.owner, revokeDevice, { params: { id: deviceId }, body: {} }))
    const publicKey = wirePublicKey(sensor.keys.publicKey)
    assert.equal((await enrolling(ground.sensor(), await ground.token(), publicKey)).status, 401)
    const { items } = await value(call(ground.server.owner, listDevices, { query: { status: 'revoked' } }))
    assert.ok(items.some(({ id }) => id === deviceId))
    const back = await enrolling(ground.sensor(), await ground.token({ allowReenroll: true }), publicKey)
    assert.deepEqual([back.status, back.body?.deviceId], [200, deviceId])
  })
})

const toBase64 = (bytes: string | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString('base64')
