// Silence on both engines: a device that used to be heard is marked and announced once, and welcomed when it is back.
// Which silences are news is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ANNOUNCEMENTS, type Topic } from '@muster/contract'
import { createOutbox } from '@muster/storage'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'

const dayMs = 24 * 3_600_000

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  test('a device heard for days goes dark once, and comes back', async () => {
    const { identity, clock, storage } = room
    const usual = await enrolled(identity, await room.token(), undefined, { hostname: 'usual' })
    const rare = await enrolled(identity, await room.token(), undefined, { hostname: 'rare' })
    const retired = await enrolled(identity, await room.token(), undefined, { hostname: 'retired' })
    const noOf = (deviceId: string): number => identity.directory.byId(deviceId)?.deviceNo ?? 0
    for (let day = 0; day < 6; day += 1) {
      for (const { deviceId } of [usual, retired]) identity.touch(noOf(deviceId), clock.nowMs())
      clock.advance(dayMs)
    }
    await identity.devices.retire(by, wholeTenant(tenantId), retired.deviceId, {})
    clock.advance(6 * dayMs)
    const dark = async (): Promise<readonly string[]> => {
      const found = await identity.devices.list(wholeTenant(tenantId), { goneDark: 'true' })
      assert.ok(found.ok)
      return found.value.items.map(({ hostname }) => hostname)
    }
    const topics = async (): Promise<readonly string[]> => {
      const entries = await createOutbox(storage).read(0, 10_000)
      for (const { topic, body } of entries) ANNOUNCEMENTS[topic as Topic].body.parse(body)
      return entries
        .filter(({ topic }) => topic === 'device.gone_dark' || topic === 'device.heard_again')
        .map(({ topic, key }) => `${topic} ${key}`)
    }
    assert.deepEqual(await dark(), [])
    const other = await room.another()
    await Promise.all([identity.watchSilence(), other.identity.watchSilence()])
    await identity.watchSilence()
    assert.deepEqual(await dark(), ['usual'])
    assert.deepEqual(await topics(), [`device.gone_dark ${usual.deviceId}`])
    assert.equal((await identity.devices.counts(wholeTenant(tenantId))).goneDark, 1)
    const bright = await identity.devices.list(wholeTenant(tenantId), { goneDark: 'false' })
    assert.ok(bright.ok && bright.value.items.some(({ id }) => id === rare.deviceId))
    const foreign = await identity.devices.list(wholeTenant('other'), { goneDark: 'true' })
    assert.equal(foreign.ok && foreign.value.items.length, 0)

    const record = async () => {
      const device = await identity.devices.read(wholeTenant(tenantId), usual.deviceId)
      assert.ok(device.ok)
      return device.value
    }
    assert.notEqual((await record()).goneDarkAt, null)
    clock.advance(1000)
    identity.touch(noOf(usual.deviceId), clock.nowMs())
    await identity.flush()
    assert.equal((await record()).goneDarkAt, null)
    assert.deepEqual(await dark(), [])
    await identity.watchSilence()
    assert.deepEqual((await topics()).slice(1), [`device.heard_again ${usual.deviceId}`])
  })

  test('days in contact survive a restart', async () => {
    const { clock, identity } = room
    const { deviceId } = await enrolled(identity, await room.token(), undefined, { hostname: 'kept' })
    for (let day = 0; day < 6; day += 1) {
      identity.touch(identity.directory.byId(deviceId)?.deviceNo ?? 0, clock.nowMs())
      await identity.flush()
      clock.advance(dayMs)
    }
    clock.advance(6 * dayMs)
    const restarted = await room.another()
    await restarted.identity.watchSilence()
    const found = await restarted.identity.devices.list(wholeTenant(tenantId), { goneDark: 'true' })
    assert.ok(found.ok && found.value.items.some(({ id }) => id === deviceId))
  })
})
