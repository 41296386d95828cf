// Coming in, on both engines: what is stored, what is told, and races within and between processes.
// The rules alone are tested in decide.test.ts.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import { EnrollReply } from '@muster/contract'
import { sha256Hex } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrollCall, enrolled, newTestKey, openTestRoom, type TestRoom, tenantId, until } from '../room.fixture.ts'
import { repeatWindowMs } from './decide.ts'

const fingerprintOf = (certificatePem: string): string =>
  new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase()

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const reasonsSince = (from: number): unknown[] =>
    room.audit
      .slice(from)
      .flatMap(({ action, details }) => (action === 'enrollment_token.refused' ? [details['reason']] : []))

  test('a reply has every key, and its certificate pairs with the enrolled key', async () => {
    const reply = await enrolled(room.identity, await room.token())
    const { tenantId: tenant, deviceId, clientCertificate, certificateExpiresAt } = reply
    EnrollReply.parse({ tenantId: tenant, deviceId, clientCertificate, certificateExpiresAt })
    assert.doesNotMatch(clientCertificate, /\s/)
    const certificate = new X509Certificate(reply.certificatePem)
    assert.ok(certificate.checkPrivateKey(reply.key.privateKey))
    assert.equal(certificate.validToDate.toISOString(), certificateExpiresAt)
    const authority = new X509Certificate(room.identity.authority.current().certificatePem)
    assert.ok(certificate.verify(authority.publicKey))
  })

  test('the directory knows a device before its reply is sent', async () => {
    const reply = await enrolled(room.identity, await room.token())
    const known = room.identity.directory.byFingerprint(fingerprintOf(reply.certificatePem))
    assert.equal(known?.device.deviceId, reply.deviceId)
    assert.equal(known?.device.status, 'active')
    assert.equal(room.identity.directory.byId(reply.deviceId)?.deviceNo, known?.device.deviceNo)
  })

  test('a token grants its groups and tags', async () => {
    const group = await room.identity.groups.create(by, tenantId, { name: 'granted' })
    assert.ok(group.ok)
    const token = await room.token({ groups: ['granted'], tags: ['env=prod'] })
    const { deviceId } = await enrolled(room.identity, token)
    const device = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.ok(device.ok)
    assert.deepEqual(device.value.groups, ['granted'])
    assert.deepEqual(device.value.tags, ['env=prod'])
  })

  test('a grant of a group that is gone is passed over', async () => {
    const group = await room.identity.groups.create(by, tenantId, { name: 'short-lived' })
    assert.ok(group.ok)
    const token = await room.token({ groups: ['short-lived'] })
    await room.identity.groups.remove(by, tenantId, group.value.id, 1, async () => false)
    const { deviceId } = await enrolled(room.identity, token)
    const device = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.deepEqual(device.ok && device.value.groups, [])
  })

  test('every refusal looks alike outside and is true in the audit history', async () => {
    const from = room.audit.length
    const spent = await room.token()
    await enrolled(room.identity, spent)
    const expired = await room.token({ expiresInSeconds: 300 })
    room.clock.advance(301_000)
    const created = await room.identity.tokens.create(by, wholeTenant(tenantId), { label: 'to revoke' })
    assert.ok(created.ok)
    await room.identity.tokens.revoke(by, wholeTenant(tenantId), created.value.id)
    for (const token of [spent, expired, created.value.token, 'met_unknown', '']) {
      const refused = await room.identity.enroll(enrollCall(token, newTestKey()))
      assert.deepEqual(refused, { ok: false, refusal: { code: 'enrollment_refused' } })
    }
    assert.deepEqual(reasonsSince(from), ['token_exhausted', 'token_expired', 'token_revoked'])
    const read = await room.identity.tokens.read(wholeTenant(tenantId), created.value.id)
    assert.deepEqual(read.ok && read.value.failures, { count: 1, lastReason: 'token_revoked' })
  })

  test('made-up tokens are noted once a minute and never reach the writer', async () => {
    const commits = room.storage.measure().commits
    const from = room.audit.length
    const stranger = { ...enrollCall('met_x', newTestKey()), ip: '198.51.100.7' }
    await Promise.all(Array.from({ length: 20 }, () => room.identity.enroll(stranger)))
    const noted = () => room.audit.slice(from).filter(({ actor }) => actor.ip === stranger.ip)
    await until(() => noted().length > 0)
    assert.equal(noted().length, 1)
    assert.ok(room.storage.measure().commits - commits <= 2)
  })

  test('a key that is not P-256 is refused before the token is looked at', async () => {
    const token = await room.token()
    const refused = await room.identity.enroll(enrollCall(token, { ...newTestKey(), publicKey: 'AAAA' }))
    assert.equal(!refused.ok && refused.refusal.code, 'public_key_unacceptable')
    await enrolled(room.identity, token)
  })

  test('the same key is the same device, whichever form it comes in', async () => {
    const token = await room.token({ maxUses: 2 })
    const first = await enrolled(room.identity, token)
    room.clock.advance(repeatWindowMs + 1)
    const pem = Buffer.from(first.key.publicKey, 'base64').toString()
    const body = pem.replace(/-----[^-]+-----|\s/g, '')
    const second = await enrolled(room.identity, token, { ...first.key, publicKey: body })
    assert.equal(second.deviceId, first.deviceId)
    assert.notEqual(second.clientCertificate, first.clientCertificate)
    const device = await room.identity.devices.read(wholeTenant(tenantId), first.deviceId)
    assert.equal(device.ok && device.value.certificates.length, 2)
  })

  test('the same key in another tenant is another device', async () => {
    const key = newTestKey()
    const here = await enrolled(room.identity, await room.token(), key)
    const there = await enrolled(room.identity, await room.token({}, 'other'), key)
    assert.notEqual(here.deviceId, there.deviceId)
    assert.equal(there.tenantId, 'other')
  })

  test('a lost response is repeated within ten minutes without another use', async () => {
    const token = await room.token()
    const first = await enrolled(room.identity, token)
    room.clock.advance(repeatWindowMs - 1000)
    const again = await enrolled(room.identity, token, first.key)
    assert.equal(again.deviceId, first.deviceId)
    room.clock.advance(2000)
    const late = await room.identity.enroll(enrollCall(token, first.key))
    assert.equal(late.ok, false)
    const uses = room.audit.filter(
      ({ action, details }) => action === 'enrollment_token.used' && details['deviceId'] === first.deviceId,
    )
    assert.equal(uses.length, 1)
  })

  test('a revoked device stays out, unless a token lets it back in', async () => {
    const first = await enrolled(room.identity, await room.token())
    await room.identity.devices.revoke(by, wholeTenant(tenantId), first.deviceId, { reason: 'stolen' })
    const from = room.audit.length
    const refused = await room.identity.enroll(enrollCall(await room.token(), first.key))
    assert.equal(refused.ok, false)
    assert.deepEqual(reasonsSince(from), ['device_revoked'])
    const back = await enrolled(room.identity, await room.token({ allowReenroll: true }), first.key)
    assert.equal(back.deviceId, first.deviceId)
    assert.equal(room.identity.directory.byId(first.deviceId)?.status, 'active')
    assert.equal(room.identity.directory.byFingerprint(fingerprintOf(first.certificatePem))?.revoked, true)
  })

  test('the newest four certificates of a device count', async () => {
    const token = await room.token({ maxUses: 10 })
    const first = await enrolled(room.identity, token)
    const later = []
    for (let turn = 0; turn < 4; turn++) later.push(await enrolled(room.identity, token, first.key))
    const isClosed = (pem: string) => room.identity.directory.byFingerprint(fingerprintOf(pem))?.revoked
    assert.equal(isClosed(first.certificatePem), true)
    assert.deepEqual(
      later.map(({ certificatePem }) => isClosed(certificatePem)),
      [false, false, false, false],
    )
  })

  test('a one-use token under a hundred racing enrolments in two processes lets one in', async () => {
    const other = await room.another()
    const token = await room.token()
    const results = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? room.identity : other.identity).enroll(enrollCall(token, newTestKey())),
      ),
    )
    assert.equal(results.filter(({ ok }) => ok).length, 1)
  })

  test('one key enrolling fifty times at once in two processes is one device', async () => {
    const other = await room.another()
    const token = await room.token({ maxUses: 100 })
    const key = newTestKey()
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) => enrolled(index % 2 === 0 ? room.identity : other.identity, token, key)),
    )
    assert.equal(new Set(replies.map(({ deviceId }) => deviceId)).size, 1)
    const device = await room.identity.devices.read(wholeTenant(tenantId), replies[0]?.deviceId ?? '')
    assert.equal(device.ok && device.value.certificates.filter(({ revokedAt }) => revokedAt === null).length, 4)
  })

  test('hostile texts are cut and stored', async () => {
    const texts = { hostname: `${'x'.repeat(511)}😀`, osVersion: 'a\0b', hardwareModel: '\ud800', sensorVersion: '' }
    const { deviceId } = await enrolled(room.identity, await room.token(), newTestKey(), texts)
    const device = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.ok(device.ok)
    assert.equal(device.value.hostname, 'x'.repeat(511))
    assert.equal(device.value.osVersion, 'a\uFFFDb')
    assert.equal(device.value.hardwareModel, '\uFFFD')
  })

  test('when the audit history cannot be written, nobody came in and the token is unspent', async () => {
    const audit = async () => {
      throw new Error('no audit')
    }
    const token = await room.token()
    const failing = await room.another({ audit })
    await assert.rejects(failing.identity.enroll(enrollCall(token, newTestKey())), /no audit/)
    await enrolled(room.identity, token)
  })

  test('without the key of the authority nobody comes in and the token is unspent', async () => {
    const token = await room.token()
    const elsewhere = await room.another({ dataDir: `${room.dataDir}/elsewhere` })
    const refused = await elsewhere.identity.enroll(enrollCall(token, newTestKey()))
    assert.equal(!refused.ok && refused.refusal.code, 'authority_unavailable')
    await enrolled(room.identity, token)
  })

  test('no raw token and no digest of one is in the audit history', async () => {
    const token = await room.token()
    await enrolled(room.identity, token)
    await room.identity.enroll(enrollCall(token, newTestKey()))
    const told = JSON.stringify(room.audit)
    assert.doesNotMatch(told, /met_|mot_|PRIVATE/)
    assert.ok(!told.includes(sha256Hex(token)))
  })
})
