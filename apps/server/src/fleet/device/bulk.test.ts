// Requests for many devices through the API on both engines: by ids and by a filter, under a key, with what each role may.
// What becomes of a device is tested in identity; group-limited operators are in tests/wire.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { listDevices, readDevice, revokeDevices, tagDevices, untagDevices } from '@muster/contract'
import { call } from '@muster/http'
import { eachEngine } from '@muster/storage/testing'
import { enrollTestDevice } from '../../testing/device.ts'
import { startTestServer, type TestServer, value } from '../../testing/server.ts'

eachEngine((engine) => {
  let server: TestServer
  const ids: string[] = []
  before(async () => {
    server = await startTestServer({ engine })
    for (const hostname of ['one', 'two', 'three']) ids.push(await enrollTestDevice(server, hostname))
  })
  after(() => server.close())

  const tagsOf = async (id: string) => (await value(call(server.owner, readDevice, { params: { id } }))).tags

  test('tags are given by ids and taken by a filter', async () => {
    const body = { devices: { ids: ids.slice(0, 2) }, tags: ['pilot'] }
    const given = await value(call(server.owner, tagDevices, { body }))
    assert.deepEqual(
      given.items.map(({ id, outcome }) => [id, outcome]),
      ids.slice(0, 2).map((id) => [id, 'done']),
    )
    assert.equal(given.nextCursor, null)
    const unknown = { filter: { tag: 'pilot', policyStatus: 'refused' as const } }
    const none = await value(call(server.owner, untagDevices, { body: { devices: unknown, tags: ['pilot'] } }))
    assert.deepEqual(none.items, [])
    const filter = { tag: 'pilot', name: 'two' }
    const taken = await value(call(server.owner, untagDevices, { body: { devices: { filter }, tags: ['pilot'] } }))
    assert.deepEqual(
      taken.items.map(({ id }) => id),
      [ids[1]],
    )
    assert.deepEqual([await tagsOf(ids[0] ?? ''), await tagsOf(ids[1] ?? '')], [['pilot'], []])
  })

  test('a filter may ask how much is known of a device, as a whole', async () => {
    const countOf = async (query: { coverage: 'none' | 'complete' }) =>
      (await value(call(server.owner, listDevices, { query }))).items.length
    assert.deepEqual([await countOf({ coverage: 'none' }), await countOf({ coverage: 'complete' })], [3, 0])
    const devices = { filter: { coverage: 'complete' as const } }
    assert.deepEqual((await value(call(server.owner, tagDevices, { body: { devices, tags: ['x'] } }))).items, [])
  })

  test('an analyst tags and does not revoke, and nobody revokes everything by leaving the filter empty', async () => {
    const analyst = server.client(await server.tokenOf('analyst'))
    const devices = { ids: [ids[2] ?? ''] }
    assert.equal((await call(analyst, tagDevices, { body: { devices, tags: ['seen'] } })).ok, true)
    const declined = await call(analyst, revokeDevices, { body: { devices } })
    assert.equal(!declined.ok && declined.refusal.code, 'role_insufficient')
    const everything = await call(server.owner, revokeDevices, { body: { devices: { filter: {} } } })
    assert.equal(!everything.ok && everything.refusal.code, 'request_malformed')
    assert.equal((await value(call(server.owner, listDevices, { query: { status: 'active' } }))).items.length, 3)
  })

  test('sent again under its key it answers what it answered first', async () => {
    const said = { body: { devices: { ids }, reason: 'sold' }, idempotencyKey: 'sold-1' }
    const first = await value(call(server.owner, revokeDevices, said))
    assert.deepEqual(
      first.items.map(({ outcome }) => outcome),
      ['done', 'done', 'done'],
    )
    assert.deepEqual(await value(call(server.owner, revokeDevices, said)), first)
    const anew = await value(call(server.owner, revokeDevices, { body: said.body }))
    assert.deepEqual(
      anew.items.map(({ outcome }) => outcome),
      ['unchanged', 'unchanged', 'unchanged'],
    )
  })
})
