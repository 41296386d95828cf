// Devices on both engines: their life bites on the wire, here and from another process; lists, filters, tenants.
// The rules alone are tested in decide.test.ts.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Result } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import type { Peer } from '../directory/decide.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId, until } from '../room.fixture.ts'
import type { DeviceQuery } from './list.ts'

const peerOf = ({ certificatePem }: { certificatePem: string }): Peer => ({
  fingerprint256Hex: new X509Certificate(certificatePem).fingerprint256.replaceAll(':', '').toLowerCase(),
  authorized: true,
})
const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)
const minuteMs = 60_000

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const speak = async (peer: Peer, identity = room.identity): Promise<string> =>
    codeOf(await identity.identifyDevice(peer, {}))
  const read = async (deviceId: string) => {
    const device = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.ok(device.ok)
    return device.value
  }
  const names = async (query: DeviceQuery, tenant = tenantId): Promise<string[]> => {
    const found = await room.identity.devices.list(wholeTenant(tenant), query)
    assert.ok(found.ok)
    return found.value.items.map(({ hostname }) => hostname)
  }

  test('revoke, reactivate and retire bite at once and are recorded', async () => {
    const device = await enrolled(room.identity, await room.token())
    const peer = peerOf(device)
    assert.equal(await speak(peer), 'ok')
    const revoked = await room.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, { reason: 'lost' })
    assert.ok(revoked.ok)
    assert.equal(revoked.value.statusReason, 'lost')
    assert.notEqual(revoked.value.certificates[0]?.revokedAt, null)
    assert.equal(await speak(peer), 'device_not_active')
    assert.equal(
      codeOf(await room.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, {})),
      'state_conflict',
    )
    await room.identity.devices.reactivate(by, wholeTenant(tenantId), device.deviceId, {})
    assert.equal(await speak(peer), 'ok')
    await room.identity.devices.retire(by, wholeTenant(tenantId), device.deviceId, {})
    assert.equal(await speak(peer), 'device_not_active')
    const told = room.audit.filter(({ target }) => target.id === device.deviceId).map(({ action }) => action)
    assert.deepEqual(told, ['device.enrolled', 'device.revoked', 'device.reactivated', 'device.retired'])
  })

  test('a revocation by another process bites after one look', async () => {
    const other = await room.another()
    const device = await enrolled(room.identity, await room.token())
    await other.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, {})
    await room.identity.directory.refresh()
    assert.equal(await speak(peerOf(device)), 'device_not_active')
  })

  test('a revocation by another process bites without being asked for', async () => {
    const other = await room.another()
    const device = await enrolled(room.identity, await room.token())
    await other.identity.devices.revoke(by, wholeTenant(tenantId), device.deviceId, {})
    await until(async () => (await speak(peerOf(device))) === 'device_not_active')
  })

  test('a device enrolled by another process speaks here at once', async () => {
    const other = await room.another()
    const device = await enrolled(other.identity, await room.token())
    assert.equal(await speak(peerOf(device)), 'ok')
  })

  test('a merged device may not speak, and its id lives on under the other', async () => {
    const token = await room.token({ maxUses: 3 })
    const [oldest, older, living] = [
      await enrolled(room.identity, token),
      await enrolled(room.identity, token),
      await enrolled(room.identity, token),
    ]
    await room.identity.devices.merge(by, wholeTenant(tenantId), oldest.deviceId, { intoId: older.deviceId })
    const merged = await room.identity.devices.merge(by, wholeTenant(tenantId), older.deviceId, {
      intoId: living.deviceId,
    })
    assert.ok(merged.ok)
    assert.equal(merged.value.mergedIntoId, living.deviceId)
    assert.equal((await read(oldest.deviceId)).mergedIntoId, living.deviceId)
    assert.equal(await speak(peerOf(older)), 'device_not_active')
    const former = room.identity.directory.byId(living.deviceId)?.formerDeviceIds ?? []
    assert.deepEqual([...former], [oldest.deviceId, older.deviceId])
    const restarted = await room.another()
    assert.deepEqual(restarted.identity.directory.byId(living.deviceId)?.formerDeviceIds, former)
    const noOf = (id: string): number => room.identity.directory.byId(id)?.deviceNo ?? 0
    const [oldestNo, olderNo, livingNo] = [oldest.deviceId, older.deviceId, living.deviceId].map(noOf)
    const record = await read(living.deviceId)
    assert.deepEqual(record.formerIds, former)
    assert.deepEqual(record.historyNos, [livingNo, oldestNo, olderNo])
    const readNow = await room.identity.devices.readMany(wholeTenant(tenantId), [
      oldestNo as number,
      livingNo as number,
    ])
    assert.deepEqual(
      [...readNow].map(([no, { id }]) => [no, id]),
      [
        [oldestNo, living.deviceId],
        [livingNo, living.deviceId],
      ],
    )
    const [entry] = await room.identity.devices.roll(wholeTenant(tenantId), { deviceNos: [livingNo as number] })
    assert.deepEqual(
      entry?.former.map(({ deviceNo }) => deviceNo),
      [oldestNo, olderNo],
    )
    const said = await room.identity.devices.hostHistory(wholeTenant(tenantId), living.deviceId)
    assert.equal(said.ok && said.value.length, 3)
  })

  test('hosts that look alike are named as candidates, and nothing is merged', async () => {
    const token = await room.token({ maxUses: 3 })
    const texts = { hostname: 'twin' }
    const [left, right] = [
      await enrolled(room.identity, token, undefined, texts),
      await enrolled(room.identity, token, undefined, texts),
    ]
    await enrolled(room.identity, token, undefined, { ...texts, hardwareModel: 'x86_64' })
    assert.deepEqual((await read(left.deviceId)).mergeCandidates, [right.deviceId])
    await room.identity.devices.revoke(by, wholeTenant(tenantId), right.deviceId, {})
    assert.deepEqual((await read(left.deviceId)).mergeCandidates, [])
  })

  test('a change needs the version it was read at', async () => {
    const { deviceId } = await enrolled(room.identity, await room.token())
    const { devices } = room.identity
    const { version } = await read(deviceId)
    const body = { displayName: 'Ada', owner: 'ada@example.org', notes: 'a\0b', tags: ['b', 'a', 'a'] }
    const changed = await devices.change(by, wholeTenant(tenantId), deviceId, version, body)
    assert.ok(changed.ok)
    assert.equal(changed.value.version, version + 1)
    assert.equal(changed.value.notes, 'a\uFFFDb')
    assert.deepEqual(changed.value.tags, ['a', 'b'])
    assert.equal(
      codeOf(await devices.change(by, wholeTenant(tenantId), deviceId, version, { owner: null })),
      'version_stale',
    )
    const cleared = await devices.change(by, wholeTenant(tenantId), deviceId, version + 1, { owner: null, tags: [] })
    assert.ok(cleared.ok)
    assert.equal(cleared.value.owner, null)
    assert.equal(cleared.value.displayName, 'Ada')
    assert.deepEqual(cleared.value.tags, [])
  })

  test('who is heard by something else on disk is found by liveness at once, and written with all others', async () => {
    const { deviceId } = await enrolled(room.identity, await room.token())
    room.clock.advance(3_600_000)
    const device = room.identity.directory.byId(deviceId)
    const nowMs = room.clock.nowMs()
    room.identity.hear(device?.deviceNo ?? 0, nowMs)
    await room.identity.flush()
    const idsOf = async (liveness: 'online' | 'offline') => {
      const page = await room.identity.devices.list(wholeTenant(tenantId), { liveness, limit: '200' })
      return page.ok ? page.value.items.map(({ id }) => id) : []
    }
    const read = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.equal(read.ok && read.value.liveness, 'online')
    assert.equal(read.ok && read.value.lastContactAt, new Date(nowMs).toISOString())
    assert.ok((await idsOf('online')).includes(deviceId))
    assert.ok(!(await idsOf('offline')).includes(deviceId))
  })

  test('contact and texts are written within a beat, and history keeps what was', async () => {
    const { deviceId } = await enrolled(room.identity, await room.token())
    const deviceNo = room.identity.directory.byId(deviceId)?.deviceNo ?? 0
    room.clock.advance(1000)
    room.identity.touch(deviceNo, room.clock.nowMs(), { sensorVersion: 'muster-agent/1.0.0' })
    await until(async () => (await read(deviceId)).sensorVersion === 'muster-agent/1.0.0')
    const device = await read(deviceId)
    assert.equal(device.lastContactAt, new Date(room.clock.nowMs()).toISOString())
    assert.equal(device.osVersion, 'Version 15.5 (Build 24F74)')
    assert.equal(room.identity.directory.byNo(deviceNo)?.sensorVersion, 'muster-agent/1.0.0')
    const history = await room.identity.devices.hostHistory(wholeTenant(tenantId), deviceId)
    assert.ok(history.ok)
    assert.deepEqual(
      history.value.map(({ sensorVersion }) => sensorVersion),
      ['muster-agent/1.0.0', 'koban-agent'],
    )
  })

  test('the history of host texts is bounded', async () => {
    const token = await room.token({ maxUses: 30 })
    const first = await enrolled(room.identity, token)
    for (let turn = 0; turn < 25; turn++) {
      room.clock.advance(1000)
      await enrolled(room.identity, token, first.key, { hostname: `name ${turn}` })
    }
    const history = await room.identity.devices.hostHistory(wholeTenant(tenantId), first.deviceId)
    assert.ok(history.ok)
    assert.equal(history.value.length, 20)
    assert.equal(history.value[0]?.hostname, 'name 24')
  })

  test('lists are filtered, ordered by host name and paged', async () => {
    const tenant = 'listing'
    const many = { maxUses: 100, allowReenroll: true }
    const tagged = await room.token({ ...many, tags: ['env=prod'] }, tenant)
    const plain = await room.token(many, tenant)
    const hosts = ['beta', 'Alpha', 'gamma_1', 'gammaX1', 'delta', 'Épsilon']
    const ids = new Map<string, string>()
    for (const [index, hostname] of hosts.entries()) {
      const { deviceId } = await enrolled(room.identity, index < 2 ? tagged : plain, undefined, { hostname })
      ids.set(hostname, deviceId)
    }
    const group = await room.identity.groups.create(by, tenant, { name: 'by tag', tag: 'env=prod' })
    assert.ok(group.ok)
    await room.identity.groups.change(by, tenant, group.value.id, 1, { addDeviceIds: [ids.get('delta') ?? ''] })
    await room.identity.devices.retire(by, wholeTenant(tenant), ids.get('Épsilon') ?? '', {})
    await room.identity.devices.revoke(by, wholeTenant(tenant), ids.get('gammaX1') ?? '', {})

    assert.deepEqual(await names({}, tenant), ['Alpha', 'beta', 'delta', 'gamma_1', 'gammaX1'])
    assert.deepEqual(await names({ status: 'retired' }, tenant), ['Épsilon'])
    assert.deepEqual(await names({ status: 'revoked' }, tenant), ['gammaX1'])
    assert.deepEqual(await names({ tag: 'env=prod' }, tenant), ['Alpha', 'beta'])
    assert.deepEqual(await names({ group: 'by tag' }, tenant), ['Alpha', 'beta', 'delta'])
    assert.deepEqual(await names({ group: group.value.id }, tenant), ['Alpha', 'beta', 'delta'])
    assert.deepEqual(await names({ group: 'none' }, tenant), [])
    assert.deepEqual(await names({ name: 'ALPH' }, tenant), ['Alpha'])
    assert.deepEqual(await names({ name: 'a_1' }, tenant), ['gamma_1'])
    assert.deepEqual(await names({ name: '%' }, tenant), [])

    const seen: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await room.identity.devices.list(wholeTenant(tenant), {
        limit: '2',
        ...(cursor === undefined ? {} : { cursor }),
      })
      assert.ok(page.ok)
      seen.push(...page.value.items.map(({ hostname }) => hostname))
      if (page.value.nextCursor === null) break
      cursor = page.value.nextCursor
    }
    assert.deepEqual(seen, ['Alpha', 'beta', 'delta', 'gamma_1', 'gammaX1'])
    assert.equal(
      codeOf(await room.identity.devices.list(wholeTenant(tenant), { cursor: 'bm9uc2Vuc2U' })),
      'request_malformed',
    )
  })

  test('a narrowed list holds what the other room keeps, page by page', async () => {
    const tenant = 'narrowing'
    const token = await room.token({ maxUses: 100 }, tenant)
    for (const hostname of ['a', 'b', 'c', 'd', 'e']) await enrolled(room.identity, token, undefined, { hostname })
    const nos = room.identity.directory.within(wholeTenant(tenant)).map(({ deviceNo }) => deviceNo)
    const odd = new Set(nos.filter((_, index) => index % 2 === 0))
    const first = await room.identity.devices.list(wholeTenant(tenant), { limit: '2' }, async () => odd)
    assert.ok(first.ok)
    assert.deepEqual(
      first.value.items.map(({ hostname }) => hostname),
      ['a', 'c'],
    )
    const cursor = first.value.nextCursor
    assert.ok(cursor !== null)
    const second = await room.identity.devices.list(wholeTenant(tenant), { limit: '2', cursor }, async () => odd)
    assert.deepEqual(second.ok && second.value.items.map(({ hostname }) => hostname), ['e'])
    assert.equal(second.ok && second.value.nextCursor, null)
  })

  test('liveness is the same in a record, in a filter and in counts', async () => {
    const tenant = 'lively'
    const token = await room.token({ maxUses: 10, expiresInSeconds: 90 * 86_400 }, tenant)
    const agesMs = { dormant: 8 * 24 * 60 * minuteMs, offline: 60 * minuteMs, idle: 5 * minuteMs, online: 0 }
    let age = Number.NaN
    for (const [hostname, ageMs] of Object.entries(agesMs)) {
      if (!Number.isNaN(age)) room.clock.advance(age - ageMs)
      await enrolled(room.identity, token, undefined, { hostname })
      age = ageMs
    }
    for (const liveness of ['online', 'idle', 'offline', 'dormant'] as const) {
      assert.deepEqual(await names({ liveness }, tenant), [liveness])
      const found = await room.identity.devices.list(wholeTenant(tenant), { name: liveness })
      assert.equal(found.ok && found.value.items[0]?.liveness, liveness)
    }
    const counts = await room.identity.devices.counts(wholeTenant(tenant))
    assert.deepEqual(counts, {
      total: 4,
      byLiveness: { online: 1, idle: 1, offline: 1, dormant: 1 },
      revoked: 0,
      goneDark: 0,
      certificatesExpiringSoon: 0,
    })
    room.clock.advance(5 * 365 * 24 * 60 * minuteMs - 30 * 24 * 60 * minuteMs)
    assert.equal((await room.identity.devices.counts(wholeTenant(tenant))).certificatesExpiringSoon, 4)
  })

  test('the roll names living devices with their contacts, of groups and numbers asked for', async () => {
    const tenant = 'roll'
    const token = await room.token({ maxUses: 3, tags: ['x'] }, tenant)
    const one = await enrolled(room.identity, token)
    const two = await enrolled(room.identity, token)
    const gone = await enrolled(room.identity, token)
    await room.identity.devices.retire(by, wholeTenant(tenant), gone.deviceId, {})
    await room.identity.groups.create(by, tenant, { name: 'xs', tag: 'x' })
    const noOf = ({ deviceId }: { deviceId: string }) => room.identity.directory.byId(deviceId)?.deviceNo ?? 0
    const { roll } = room.identity.devices
    const bounds = wholeTenant(tenant)
    const all = await roll(bounds, {})
    assert.deepEqual(
      all.map(({ deviceNo }) => deviceNo),
      [noOf(one), noOf(two)],
    )
    assert.equal(all[0]?.lastContactMs, room.clock.nowMs())
    assert.equal(
      (await roll(bounds, { deviceNos: [noOf(two), noOf(gone)] })).length,
      2,
      'named, so whatever became of it',
    )
    assert.equal((await roll(bounds, { groups: ['xs'] })).length, 2)
    assert.equal((await roll(bounds, { groups: ['none'] })).length, 0)
    assert.equal((await roll(wholeTenant('elsewhere'), { deviceNos: [noOf(one)] })).length, 0)
  })

  test("another tenant's device is not found by any function", async () => {
    const foreign = await enrolled(room.identity, await room.token({}, 'foreign'))
    const own = await enrolled(room.identity, await room.token())
    const { devices } = room.identity
    const id = foreign.deviceId
    const no = room.identity.directory.byId(id)?.deviceNo ?? 0
    const tried: Record<string, Promise<Result<unknown>>> = {
      read: devices.read(wholeTenant(tenantId), id),
      change: devices.change(by, wholeTenant(tenantId), id, 1, { owner: 'x' }),
      revoke: devices.revoke(by, wholeTenant(tenantId), id, {}),
      retire: devices.retire(by, wholeTenant(tenantId), id, {}),
      reactivate: devices.reactivate(by, wholeTenant(tenantId), id, {}),
      merge: devices.merge(by, wholeTenant(tenantId), id, { intoId: own.deviceId }),
      'merge into': devices.merge(by, wholeTenant(tenantId), own.deviceId, { intoId: id }),
      hostHistory: devices.hostHistory(wholeTenant(tenantId), id),
    }
    for (const [name, result] of Object.entries(tried)) assert.equal(codeOf(await result), 'not_found', name)
    assert.equal((await devices.readMany(wholeTenant(tenantId), [no])).size, 0)
    assert.ok(!(await names({ name: 'Ada' })).includes(id))
    assert.equal((await devices.read(wholeTenant('foreign'), id)).ok, true)
  })
})
