// Many devices in one request, on both engines: a verdict for each, an audit entry for each that changed, and no device
// of others touched. What tags become is decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../../bounds.ts'
import { by, enrolled, openTestRoom, type TestRoom, tenantId } from '../../room.fixture.ts'

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
  })
  after(() => room.close())

  const bounds = wholeTenant(tenantId)
  const enrol = async (count: number, tenant = tenantId): Promise<readonly string[]> => {
    const token = await room.token({ maxUses: count }, tenant)
    const ids: string[] = []
    for (let made = 0; made < count; made += 1) ids.push((await enrolled(room.identity, token)).deviceId)
    return ids
  }
  const read = async (id: string, tenant = tenantId) => {
    const device = await room.identity.devices.read(wholeTenant(tenant), id)
    assert.ok(device.ok)
    return device.value
  }
  const outcomesOf = (verdicts: readonly { readonly outcome: string }[]): readonly string[] =>
    verdicts.map(({ outcome }) => outcome)
  const entriesOf = (ids: readonly string[], action: string) =>
    room.audit.filter((entry) => entry.action === action && ids.includes(entry.target.id))

  test('tags are given and taken, each change recorded once, and again changes nothing', async () => {
    const { many } = room.identity.devices
    const [one = '', two = ''] = await enrol(2)
    const [foreign = ''] = await enrol(1, 'foreign')
    const named = [one, foreign, two, one, 'dev_nobody']
    const given = await many.tag(by, bounds, named, { add: ['pilot', 'ring=1'], remove: [] })
    assert.deepEqual(outcomesOf(given), ['done', 'refused', 'done', 'refused'])
    assert.deepEqual(given[1]?.refusal?.code, 'not_found')
    assert.deepEqual((await read(two)).tags, ['pilot', 'ring=1'])
    assert.equal((await read(two)).version, 2)
    assert.deepEqual((await read(foreign, 'foreign')).tags, [])
    const again = await many.tag(by, bounds, [one, two], { add: ['pilot'], remove: [] })
    assert.deepEqual(outcomesOf(again), ['unchanged', 'unchanged'])
    const taken = await many.tag(by, bounds, [one, two], { add: [], remove: ['pilot', 'nowhere'] })
    assert.deepEqual(outcomesOf(taken), ['done', 'done'])
    assert.deepEqual((await read(one)).tags, ['ring=1'])
    const told = entriesOf([one, two, foreign], 'device.changed')
    assert.equal(told.length, 4)
    assert.deepEqual(told[0]?.details, { changed: ['tags'], tags: ['pilot', 'ring=1'] })
  })

  test('what is revoked together may not speak, and what cannot be is told apart', async () => {
    const { many, merge } = room.identity.devices
    const ids = await enrol(30)
    const [first = '', second = '', ...others] = ids
    await merge(by, bounds, first, { intoId: second })
    const verdicts = await many.revoke(by, bounds, ids, 'sold')
    assert.deepEqual(outcomesOf(verdicts), ['refused', ...ids.slice(1).map(() => 'done')])
    assert.equal(verdicts[0]?.refusal?.code, 'state_conflict')
    for (const id of others.slice(0, 3)) {
      assert.equal((await read(id)).statusReason, 'sold')
      assert.equal(room.identity.directory.byId(id)?.status, 'revoked')
    }
    assert.equal(entriesOf(ids, 'device.revoked').length, 29)
    const again = await many.revoke(by, bounds, ids, undefined)
    assert.deepEqual(outcomesOf(again), ['refused', ...ids.slice(1).map(() => 'unchanged')])
    assert.equal(entriesOf(ids, 'device.revoked').length, 29)
  })

  test('what a filter finds is walked by ids, page after page', async () => {
    const ids = await enrol(3, 'walked')
    const first = await room.identity.devices.listIds(wholeTenant('walked'), { limit: '2' })
    assert.ok(first.ok && first.value.nextCursor !== null)
    const cursor = first.value.nextCursor
    const rest = await room.identity.devices.listIds(wholeTenant('walked'), { limit: '2', cursor })
    assert.deepEqual(rest.ok && [...first.value.ids, ...rest.value.ids].toSorted(), ids.toSorted())
  })
})
