// What the life of a device means to others, on both engines: what they are told in the same transaction, and when.
// What they do about it is the planes'; that a revoked device is refused is tested in devices.test.ts.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { ANNOUNCEMENTS, type Topic } from '@muster/contract'
import type { Result } from '@muster/kernel'
import { createOutbox } from '@muster/storage'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrollCall, enrolled, newTestKey, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'
import type { LifeTurn } from '../turns.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

eachEngine((engine) => {
  let room: TestRoom
  let told: LifeTurn[] = []
  let fails = false
  before(async () => {
    room = await openTestRoom(engine, {
      async onLives(_tx, turns) {
        if (fails) throw new Error('the planes cannot follow')
        told.push(...turns)
      },
    })
  })
  after(() => room.close())
  beforeEach(() => {
    told = []
    fails = false
  })

  const turns = () => told.map(({ what, deviceId }) => `${what} ${deviceId}`)
  const topics = async (deviceId: string): Promise<readonly string[]> => {
    const entries = await createOutbox(room.storage).read(0, 10_000)
    for (const { topic, body } of entries) ANNOUNCEMENTS[topic as Topic].body.parse(body)
    return entries.filter(({ key }) => key === deviceId).map(({ topic }) => topic)
  }
  const step = (name: 'retire' | 'revoke' | 'reactivate', deviceId: string) =>
    room.identity.devices[name](by, wholeTenant(tenantId), deviceId, {})

  test('retiring ends a life, revoking does not, and coming back begins another only after an end', async () => {
    const { deviceId } = await enrolled(room.identity, await room.token())
    await step('revoke', deviceId)
    await step('reactivate', deviceId)
    assert.deepEqual(turns(), [])
    await step('retire', deviceId)
    assert.equal(told[0]?.throughMs, room.clock.nowMs())
    await step('revoke', deviceId)
    await step('reactivate', deviceId)
    assert.deepEqual(turns(), [`ended ${deviceId}`, `begun_again ${deviceId}`])
    assert.deepEqual(await topics(deviceId), [
      'device.enrolled',
      'device.revoked',
      'device.reactivated',
      'device.retired',
      'device.revoked',
      'device.reactivated',
    ])
  })

  test('a token that lets a retired device back in begins its new life, too', async () => {
    const key = newTestKey()
    const { deviceId } = await enrolled(room.identity, await room.token(), key)
    await step('retire', deviceId)
    await enrolled(room.identity, await room.token({ allowReenroll: true }), key)
    assert.deepEqual(turns(), [`ended ${deviceId}`, `begun_again ${deviceId}`])
  })

  test('a merged device ends when it was last heard, whatever it had become before', async () => {
    const token = await room.token({ maxUses: 3 })
    const [former, living, retired] = [
      await enrolled(room.identity, token),
      await enrolled(room.identity, token),
      await enrolled(room.identity, token),
    ]
    const heardMs = room.clock.nowMs()
    room.clock.advance(60_000)
    await room.identity.devices.merge(by, wholeTenant(tenantId), former.deviceId, { intoId: living.deviceId })
    assert.deepEqual(turns(), [`ended ${former.deviceId}`])
    assert.equal(told[0]?.throughMs, heardMs)
    assert.equal(told[0]?.atMs, heardMs + 60_000)
    await step('retire', retired.deviceId)
    await room.identity.devices.merge(by, wholeTenant(tenantId), retired.deviceId, { intoId: living.deviceId })
    assert.deepEqual(turns().slice(1), [`ended ${retired.deviceId}`])
  })

  test('when those who follow cannot, nothing happened', async () => {
    const { deviceId } = await enrolled(room.identity, await room.token())
    fails = true
    await assert.rejects(step('retire', deviceId))
    assert.equal(room.identity.directory.byId(deviceId)?.status, 'active')
    assert.deepEqual(await topics(deviceId), ['device.enrolled'])
  })

  test('data goes once for a device and those merged into it, and the device waits for that', async () => {
    const token = await room.token({ maxUses: 2 })
    const key = newTestKey()
    const [former, living] = [await enrolled(room.identity, token), await enrolled(room.identity, token, key)]
    const { devices } = room.identity
    await devices.merge(by, wholeTenant(tenantId), former.deviceId, { intoId: living.deviceId })
    const ask = (confirm: string) =>
      devices.deleteData(by, wholeTenant(tenantId), living.deviceId, { confirm, reason: 'asked to' })
    assert.equal(codeOf(await ask(living.deviceId)), 'state_conflict')
    await step('revoke', living.deviceId)
    assert.equal(codeOf(await ask('yes')), 'request_malformed')
    told = []
    const asked = await ask(living.deviceId)
    assert.ok(asked.ok)
    assert.notEqual(asked.value.dataDeletion, null)
    assert.equal(codeOf(await ask(living.deviceId)), 'ok')
    assert.deepEqual(turns(), [`data_deletion ${former.deviceId}`, `data_deletion ${living.deviceId}`])
    assert.equal(codeOf(await step('reactivate', living.deviceId)), 'state_conflict')
    const back = await room.identity.enroll(enrollCall(await room.token({ allowReenroll: true }), key))
    assert.equal(codeOf(back), 'enrollment_refused')

    await devices.finishDataDeletion(tenantId, former.deviceId, { events: 1 })
    assert.equal(codeOf(await step('reactivate', living.deviceId)), 'state_conflict')
    await devices.finishDataDeletion(tenantId, living.deviceId, { events: 2, findings: 3 })
    const gone = await devices.read(wholeTenant(tenantId), living.deviceId)
    assert.ok(gone.ok)
    assert.notEqual(gone.value.dataDeletion?.finishedAt, null)
    const manifest = room.audit.find(
      ({ action, target }) => action === 'device.data_deleted' && target.id === living.deviceId,
    )
    assert.deepEqual(manifest?.details, { events: 2, findings: 3 })
    told = []
    const active = await step('reactivate', living.deviceId)
    assert.equal(active.ok && active.value.dataDeletion, null)
    assert.deepEqual(turns(), [`begun_again ${living.deviceId}`])
  })

  test('one key in two tenants is told to both, and neither learns of the other', async () => {
    const key = newTestKey()
    const here = await enrolled(room.identity, await room.token(), key)
    const there = await enrolled(room.identity, await room.token({}, 'elsewhere'), key)
    for (const [tenant, own, foreign] of [
      [tenantId, here, there],
      ['elsewhere', there, here],
    ] as const) {
      const entry = room.audit.find(
        ({ action, target }) => action === 'device.key_shared' && target.id === own.deviceId,
      )
      assert.equal(entry?.tenantId, tenant)
      assert.ok(!JSON.stringify(entry).includes(foreign.deviceId))
      const record = await room.identity.devices.read(wholeTenant(tenant), own.deviceId)
      assert.equal(record.ok && record.value.keyInOtherTenant, true)
      assert.ok((await topics(own.deviceId)).includes('device.key_shared'))
    }
    const alone = await enrolled(room.identity, await room.token())
    const record = await room.identity.devices.read(wholeTenant(tenantId), alone.deviceId)
    assert.equal(record.ok && record.value.keyInOtherTenant, false)
    const tellings = room.audit.filter(({ action }) => action === 'device.key_shared').length
    await enrolled(room.identity, await room.token(), key)
    assert.equal(room.audit.filter(({ action }) => action === 'device.key_shared').length, tellings)
  })
})
