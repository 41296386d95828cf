// The next certificate, on both engines: issued, known at once, on record, and refused to whoever may not have it.
// The rules alone are tested in decide.test.ts.
import assert from 'node:assert/strict'
import { createPublicKey, sign, X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { renewalStatement } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrolled, newTestKey, openTestRoom, type TestKey, type TestRoom, tenantId } from '../room.fixture.ts'
import { isRenewalDue } from './decide.ts'

const dayMs = 24 * 60 * 60_000
const ours = { sensorVersion: 'muster-agent/1.0.0' }

const fingerprintOf = (certificate: X509Certificate): string =>
  certificate.fingerprint256.replaceAll(':', '').toLowerCase()
const keyFingerprint = ({ privateKey }: TestKey): string =>
  sha256Hex(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }))
const proofOf = (key: TestKey, deviceId: string): string =>
  sign('sha256', Buffer.from(renewalStatement(deviceId, keyFingerprint(key))), key.privateKey).toString('base64')

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const join = async (texts = ours) => enrolled(room.identity, await room.token(), newTestKey(), texts)
  const ask = (deviceId: string, key: TestKey, more: { proof?: string; named?: string; tenant?: string } = {}) => {
    const speaker = room.identity.directory.byId(deviceId)
    assert.ok(speaker)
    const { proof, named = deviceId, tenant = tenantId } = more
    const body = { tenantId: tenant, deviceId: named, publicKey: key.publicKey, ...(proof !== undefined && { proof }) }
    return room.identity.renew({ speaker, body, ip: '192.0.2.7', requestId: 'req_renew' })
  }
  const codeOf = async (asked: ReturnType<typeof ask>) => {
    const result = await asked
    return result.ok ? 'ok' : result.refusal.code
  }

  test('an agent that renews gets ninety days, any other gets years', async () => {
    const nowMs = room.clock.nowMs()
    const days = async (texts: typeof ours) =>
      Math.round((Date.parse((await join(texts)).certificateExpiresAt) - nowMs) / dayMs)
    assert.deepEqual([await days(ours), (await days({ sensorVersion: 'koban-agent' })) > 1000], [90, true])
  })

  test('the same key gets a certificate that is known at once, and the old one still counts', async () => {
    const device = await join()
    room.clock.advance(60 * dayMs)
    const renewed = await ask(device.deviceId, device.key)
    assert.ok(renewed.ok)
    const certificate = new X509Certificate(Buffer.from(renewed.value.clientCertificate, 'base64'))
    assert.ok(certificate.checkPrivateKey(device.key.privateKey))
    assert.equal(certificate.validToDate.toISOString(), renewed.value.certificateExpiresAt)
    for (const shown of [certificate, new X509Certificate(device.certificatePem)]) {
      const known = room.identity.directory.byFingerprint(fingerprintOf(shown))
      assert.deepEqual([known?.device.deviceId, known?.revoked], [device.deviceId, false])
    }
    const entry = room.audit.findLast(({ action }) => action === 'certificate.renewed')
    assert.deepEqual(
      [entry?.actor.type, entry?.actor.id, entry?.details['deviceId'], entry?.details['keyChanged']],
      ['device', device.deviceId, device.deviceId, undefined],
    )
  })

  test('a device knows when its certificate nears its end, and a renewal moves that ahead', async () => {
    const device = await join()
    const due = (sensorVersion = ours.sensorVersion) => {
      const known = room.identity.directory.byId(device.deviceId)
      assert.ok(known)
      return isRenewalDue(known, sensorVersion, room.clock.nowMs())
    }
    room.clock.advance(59 * dayMs)
    assert.equal(due(), false)
    room.clock.advance(1.1 * dayMs)
    assert.deepEqual([due(), due('koban-agent')], [true, false])
    assert.ok((await ask(device.deviceId, device.key)).ok)
    assert.equal(due(), false)
  })

  test('a new key that proves itself becomes the key of the device', async () => {
    const device = await join()
    const next = newTestKey()
    assert.equal(await codeOf(ask(device.deviceId, next)), 'key_proof_invalid')
    assert.equal(await codeOf(ask(device.deviceId, next, { proof: 'AAAA' })), 'key_proof_invalid')
    assert.equal(await codeOf(ask(device.deviceId, next, { proof: proofOf(next, 'dev_other') })), 'key_proof_invalid')
    const renewed = await ask(device.deviceId, next, { proof: proofOf(next, device.deviceId) })
    assert.ok(renewed.ok)
    assert.ok(
      new X509Certificate(Buffer.from(renewed.value.clientCertificate, 'base64')).checkPrivateKey(next.privateKey),
    )
    // An answer that was lost is asked for again, and enrolling with the new key is the same device.
    assert.equal(await codeOf(ask(device.deviceId, next)), 'ok')
    const again = await enrolled(room.identity, await room.token(), next, ours)
    assert.equal(again.deviceId, device.deviceId)
  })

  test('a key that another device has is not given away', async () => {
    const [device, other] = [await join(), await join()]
    const proof = proofOf(other.key, device.deviceId)
    assert.equal(await codeOf(ask(device.deviceId, other.key, { proof })), 'key_taken')
  })

  test('ids that are not the speaker, the shared token, odd keys and loops are refused', async () => {
    const device = await join()
    assert.equal(await codeOf(ask(device.deviceId, device.key, { named: 'dev_x' })), 'identity_mismatch')
    assert.equal(await codeOf(ask(device.deviceId, device.key, { tenant: 'other' })), 'identity_mismatch')
    assert.equal(await codeOf(ask(device.deviceId, { ...device.key, publicKey: 'AAAA' })), 'public_key_unacceptable')
    const body = { deviceId: device.deviceId, publicKey: device.key.publicKey }
    const shared = { speaker: 'anyone-with-the-sensor-token', body, ip: '', requestId: '' } as const
    assert.equal(await codeOf(room.identity.renew(shared)), 'certificate_missing')
    const codes: string[] = []
    for (let round = 0; round < 5; round++) codes.push(await codeOf(ask(device.deviceId, device.key)))
    assert.deepEqual([codes[0], codes.at(-1)], ['ok', 'rate_limited'])
  })

  test('a device that was revoked a moment ago gets nothing, whatever the connection was told', async () => {
    const device = await join()
    const speaker = room.identity.directory.byId(device.deviceId)
    assert.ok(speaker)
    await room.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, { reason: 'stolen' })
    const body = { deviceId: device.deviceId, publicKey: device.key.publicKey }
    assert.equal(await codeOf(room.identity.renew({ speaker, body, ip: '', requestId: '' })), 'device_not_active')
  })
})
