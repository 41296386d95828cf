// Word of changes between processes, on both engines: heard in order, heard once, and not missed after an absence.
// What listeners do with it is tested with them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { silentLog } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from './bounds.ts'
import { createChanges } from './changes.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId, until } from './room.fixture.ts'

const hourMs = 3_600_000

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const openChanges = async () => {
    const changes = createChanges({ storage: room.storage, clock: room.clock, log: silentLog })
    await changes.start()
    return changes
  }

  test('a listener hears each change once, from its start on', async () => {
    await enrolled(room.identity, await room.token())
    const changes = await openChanges()
    const heard: (readonly number[] | 'all')[] = []
    changes.listen('device', async (deviceNos) => void heard.push(deviceNos))
    const { deviceId } = await enrolled(room.identity, await room.token())
    await Promise.all([changes.refresh(), changes.refresh(), changes.refresh()])
    await changes.refresh()
    assert.deepEqual(heard, [[room.identity.directory.byId(deviceId)?.deviceNo]])
  })

  test('what a listener could not take is told again', async () => {
    const changes = await openChanges()
    let tries = 0
    changes.listen('group', async () => {
      tries++
      if (tries === 1) throw new Error('not now')
    })
    await room.identity.groups.create(by, tenantId, { name: 'told twice' })
    await assert.rejects(changes.refresh(), /not now/)
    await changes.refresh()
    await changes.refresh()
    assert.equal(tries, 2)
  })

  test('after a long absence everything is loaded anew', async () => {
    const changes = await openChanges()
    const heard: unknown[] = []
    changes.listen('device', async (deviceNos) => void heard.push(deviceNos))
    await room.storage.write(async (tx) => void (await tx.deleteFrom('identity_change').execute()))
    room.clock.advance(hourMs)
    await changes.refresh()
    assert.deepEqual(heard, ['all'])
  })

  test('word that everyone has heard is forgotten, and numbering goes on', async () => {
    const changes = await openChanges()
    room.clock.advance(2 * hourMs)
    await changes.prune()
    const left = await room.storage.db.selectFrom('identity_change').selectAll().execute()
    assert.deepEqual(left, [])
    const later = await openChanges()
    const heard: unknown[] = []
    later.listen('group', async (groupNos) => void heard.push(groupNos))
    await room.identity.groups.create(by, tenantId, { name: 'after pruning' })
    await later.refresh()
    assert.equal(heard.length, 1)
  })

  test('a contact another process had is known here, and is written with many others', async () => {
    const other = await room.another()
    const token = await room.token({ maxUses: 3 })
    const devices = [await enrolled(room.identity, token), await enrolled(room.identity, token)]
    room.clock.advance(60_000)
    await other.identity.directory.refresh()
    const nos = devices.map(({ deviceId }) => room.identity.directory.byId(deviceId)?.deviceNo ?? 0)
    for (const deviceNo of nos) other.identity.touch(deviceNo, room.clock.nowMs())
    // Beats do so every second; how soon they come on a busy machine is not what is asked here.
    if (engine === 'sqlite') await room.identity.flush()
    await other.identity.flush()
    const nowIso = new Date(room.clock.nowMs()).toISOString()
    await until(async () => {
      const records = await room.identity.devices.readMany(wholeTenant(tenantId), nos)
      return [...records.values()].every(({ lastContactAt }) => lastContactAt === nowIso)
    })
    if (engine === 'sqlite') return
    await until(async () => {
      const roll = await room.identity.devices.roll(wholeTenant(tenantId), { deviceNos: nos })
      return roll.every(({ lastContactMs }) => lastContactMs === room.clock.nowMs())
    })
  })

  // SQLite has one process that serves.
  if (engine === 'postgres')
    test('a gateway that writes later what it heard earlier takes back neither the contact nor a day', async () => {
      const dayMs = 24 * hourMs
      const other = await room.another()
      const { deviceId } = await enrolled(room.identity, await room.token())
      await other.identity.directory.refresh()
      const deviceNo = room.identity.directory.byId(deviceId)?.deviceNo ?? 0
      await room.identity.flush()
      const heardMs = room.clock.nowMs()
      room.clock.advance(2 * dayMs)
      other.identity.touch(deviceNo, heardMs + 2 * dayMs)
      room.identity.touch(deviceNo, heardMs + dayMs)
      await other.identity.flush()
      await room.identity.flush()
      const rows = await room.storage.db
        .selectFrom('identity_contact')
        .select(['last_contact_ms', 'heard_days'])
        .where('device_no', '=', deviceNo)
        .execute()
      assert.deepEqual(rows, [{ last_contact_ms: heardMs + 2 * dayMs, heard_days: 0b111 }])
    })
})
