// Groups on both engines: members, tags, names, versions, tenants, and what the directory makes of them.
// The rules alone are tested in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Result } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId } from '../room.fixture.ts'

const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)
const unused = async () => false

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const newGroup = async (name: string, tag: string | null = null, tenant = tenantId) => {
    const group = await room.identity.groups.create(by, tenant, { name, tag })
    assert.ok(group.ok)
    return group.value
  }
  const groupNamesOf = async (deviceId: string): Promise<string[]> => {
    const device = await room.identity.devices.read(wholeTenant(tenantId), deviceId)
    assert.ok(device.ok)
    const known = room.identity.directory.byId(deviceId)
    const named = await room.identity.groups.named(tenantId, known?.groupNos ?? [])
    assert.deepEqual(named.map(({ name }) => name).toSorted(), device.value.groups, 'directory and database agree')
    return device.value.groups
  }

  test('members come and go, and count once however they belong', async () => {
    const { groups } = room.identity
    const { deviceId } = await enrolled(room.identity, await room.token({ tags: ['m'] }))
    const group = await newGroup('members', 'm')
    const added = await groups.change(by, tenantId, group.id, 1, { addDeviceIds: [deviceId] })
    assert.ok(added.ok)
    assert.deepEqual([added.value.memberCount, added.value.version], [1, 2])
    assert.deepEqual(await groupNamesOf(deviceId), ['members'])
    await groups.change(by, tenantId, group.id, 2, { tag: null })
    assert.deepEqual(await groupNamesOf(deviceId), ['members'])
    const removed = await groups.change(by, tenantId, group.id, 3, { removeDeviceIds: [deviceId] })
    assert.equal(removed.ok && removed.value.memberCount, 0)
    assert.deepEqual(await groupNamesOf(deviceId), [])
  })

  test('a group is made with its members, or not at all', async () => {
    const { groups } = room.identity
    const { deviceId } = await enrolled(room.identity, await room.token())
    const make = (addDeviceIds: string[]) => groups.create(by, tenantId, { name: 'at once', addDeviceIds })
    assert.equal(codeOf(await make([deviceId, 'dev_none'])), 'not_found')
    assert.deepEqual(await groupNamesOf(deviceId), [])
    const made = await make([deviceId, deviceId])
    assert.ok(made.ok)
    assert.deepEqual([made.value.memberCount, made.value.version], [1, 1])
    assert.deepEqual(await groupNamesOf(deviceId), ['at once'])
    assert.equal(codeOf(await make([deviceId])), 'name_taken')
  })

  test('a tag given to a device, or to a group, makes a member, in every process', async () => {
    const other = await room.another()
    const { deviceId } = await enrolled(room.identity, await room.token())
    const group = await newGroup('tagged', 'site=kyoto')
    assert.deepEqual(await groupNamesOf(deviceId), [])
    await room.identity.devices.change(by, wholeTenant(tenantId), deviceId, 1, { tags: ['site=kyoto'] })
    assert.deepEqual(await groupNamesOf(deviceId), ['tagged'])
    await other.identity.directory.refresh()
    assert.equal(other.identity.directory.byId(deviceId)?.groupNos.length, 1)
    await room.identity.groups.change(by, tenantId, group.id, 1, { tag: 'site=nara' })
    assert.deepEqual(await groupNamesOf(deviceId), [])
    await other.identity.directory.refresh()
    assert.equal(other.identity.directory.byId(deviceId)?.groupNos.length, 0)
  })

  test('names are unique within a tenant, also when renaming', async () => {
    const { groups } = room.identity
    const first = await newGroup('unique')
    const second = await newGroup('second')
    assert.equal(codeOf(await groups.create(by, tenantId, { name: 'unique' })), 'name_taken')
    assert.equal(codeOf(await groups.create(by, 'other', { name: 'unique' })), 'ok')
    assert.equal(codeOf(await groups.change(by, tenantId, second.id, 1, { name: 'unique' })), 'name_taken')
    assert.equal(codeOf(await groups.change(by, tenantId, first.id, 1, { name: 'unique' })), 'ok')
    assert.equal(codeOf(await groups.change(by, tenantId, first.id, 1, { name: 'x' })), 'version_stale')
  })

  test('a group in use stays; a group removed takes its members along', async () => {
    const { groups } = room.identity
    const { deviceId } = await enrolled(room.identity, await room.token())
    const group = await newGroup('to remove')
    await groups.change(by, tenantId, group.id, 1, { addDeviceIds: [deviceId] })
    assert.equal(codeOf(await groups.remove(by, tenantId, group.id, 2, async () => true)), 'state_conflict')
    assert.equal(codeOf(await groups.remove(by, tenantId, group.id, 1, unused)), 'version_stale')
    assert.deepEqual(await groupNamesOf(deviceId), ['to remove'])
    assert.equal(codeOf(await groups.remove(by, tenantId, group.id, 2, unused)), 'ok')
    assert.deepEqual(await groupNamesOf(deviceId), [])
    assert.equal(codeOf(await groups.read(wholeTenant(tenantId), group.id)), 'not_found')
  })

  test('groups are listed by name, page by page, and found by id or name', async () => {
    const tenant = 'names'
    for (const name of ['c', 'a', 'b']) await newGroup(name, null, tenant)
    const first = await room.identity.groups.list(wholeTenant(tenant), { limit: '2' })
    assert.ok(first.ok && first.value.nextCursor !== null)
    const second = await room.identity.groups.list(wholeTenant(tenant), { limit: '2', cursor: first.value.nextCursor })
    assert.ok(second.ok)
    const items = [...first.value.items, ...second.value.items]
    assert.deepEqual(
      items.map(({ name }) => name),
      ['a', 'b', 'c'],
    )
    const found = await room.identity.groups.resolve(wholeTenant(tenant), [items[1]?.id ?? '', 'a'])
    assert.deepEqual(found.ok && found.value.map(({ name }) => name), ['b', 'a'])
    assert.equal(codeOf(await room.identity.groups.resolve(wholeTenant(tenant), ['a', 'd'])), 'not_found')
  })

  test("another tenant's group is not found by any function, and its devices cannot be added", async () => {
    const { groups } = room.identity
    const foreign = await newGroup('foreign', null, 'elsewhere')
    const own = await newGroup('own')
    const stranger = await enrolled(room.identity, await room.token({}, 'elsewhere'))
    const tried: Record<string, Promise<Result<unknown>>> = {
      read: groups.read(wholeTenant(tenantId), foreign.id),
      change: groups.change(by, tenantId, foreign.id, 1, { name: 'x' }),
      remove: groups.remove(by, tenantId, foreign.id, 1, unused),
      resolve: groups.resolve(wholeTenant(tenantId), [foreign.id]),
      'add a device': groups.change(by, tenantId, own.id, 1, { addDeviceIds: [stranger.deviceId] }),
      'grant by token': room.identity.tokens.create(by, wholeTenant(tenantId), { label: 'x', groups: ['foreign'] }),
    }
    for (const [name, result] of Object.entries(tried)) assert.equal(codeOf(await result), 'not_found', name)
  })
})
