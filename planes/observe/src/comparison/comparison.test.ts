// Proof that devices are compared by what they told, within what whoever asks may see.
// What counts as a difference is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { type BodyOf, type Comparison, compareInventory } from '@muster/contract'
import { ok, refuse } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { ask, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { serveComparison } from './comparison.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)

eachEngine((engine) => {
  let fleet: TestFleet
  before(async () => {
    const devices = [1, 2, 3].map((no) => ({ no, enrolledMs: nowMs - 1000, lastContactMs: nowMs }))
    fleet = await openTestFleet(engine, devices)
    const tell = (no: number, ...items: readonly ReturnType<typeof npmItem>[]) =>
      fleet.tell(
        no,
        items.map((item, at) => ({ sequence: at + 1, atMs: nowMs, payload: itemPayload(item) })),
        nowMs,
      )
    const server = {
      ...npmItem('gh', '', '/home/ada/.claude.json'),
      surface: 'claudeConfig',
      kind: 'mcpServer',
      version: null,
      detail: 'node /home/ada/gh.js',
      itemId: 'claudeConfig/mcpServer//home/ada/.claude.json/gh',
    }
    await tell(1, npmItem('axios', '1.14.1'), npmItem('only-here', '1.0.0'), server)
    await tell(2, npmItem('axios', '1.14.0', '/home/bob/x/package-lock.json'), npmItem('shared', '2.0.0'))
    await tell(3, npmItem('axios', '1.14.0'), npmItem('shared', '2.0.0'))
    const gone = { ...npmItem('shared', '2.0.0') }
    await fleet.tell(1, [{ sequence: 4, atMs: nowMs, payload: itemPayload(gone) }], nowMs)
    await fleet.tell(1, [{ sequence: 5, kind: 'removed', atMs: nowMs + 1, payload: itemPayload(gone) }], nowMs + 2)
  })
  after(() => fleet.close())

  const compare = (body: Partial<BodyOf<typeof compareInventory>>, as = operator) => {
    const groups = {
      resolve: async (_: unknown, [name]: readonly string[]) => (name === 'all' ? ok(null) : refuse('not_found')),
    }
    const served = [serveComparison({ storage: fleet.storage, devices: fleet.devices, groups })]
    const asked = { deviceId: 'dev_1', reference: { deviceId: 'dev_2' }, ...body }
    return ask<Comparison>(served, compareInventory, { body: asked, as })
  }
  const found = async (...said: Parameters<typeof compare>): Promise<Comparison> => {
    const reply = await compare(...said)
    assert.ok(reply.ok)
    return reply.value
  }
  const names = ({ items }: Comparison['added']) => items.map(({ name }) => name)

  test('a device beside another: what is more, what is missing, what is of another version', async () => {
    const { added, missing, different, referenceDevices, hostname } = await found({})
    assert.deepEqual([hostname, referenceDevices], ['host-1', 1])
    assert.deepEqual([names(added), names(missing), names(different)], [['gh', 'only-here'], ['shared'], ['axios']])
    assert.deepEqual([different.items[0]?.values, different.items[0]?.referenceValues], [['1.14.1'], ['1.14.0']])
  })

  test('a device beside a group is not compared with itself', async () => {
    const { missing, referenceDevices, referenceCut } = await found({ reference: { group: 'all' } })
    assert.deepEqual([referenceDevices, referenceCut], [2, false])
    assert.deepEqual(
      missing.items.map(({ name, referenceDevices: devices }) => [name, devices]),
      [['shared', 2]],
    )
  })

  test('only the surfaces asked for count, and versions only where they are', async () => {
    const { added, different } = await found({ surfaces: ['javascriptPackages'], compare: 'names' })
    assert.deepEqual([names(added), different.total], [['only-here'], 0])
  })

  test('who may not read details gets them masked', async () => {
    const { added } = await found({}, { ...operator, scopes: ['fleet:read', 'inventory:search'] })
    assert.deepEqual(added.items[0]?.values, ['node /home/***/gh.js'])
  })

  test('what is not there, or not seen, is not found', async () => {
    const asked: readonly Parameters<typeof compare>[] = [
      [{ deviceId: 'dev_9' }],
      [{ reference: { deviceId: 'dev_9' } }],
      [{ reference: { group: 'none' } }],
      [{}, { ...operator, tenantId: 'other' }],
    ]
    for (const said of asked) {
      const reply = await compare(...said)
      assert.equal(reply.ok ? 'ok' : reply.refusal.code, 'not_found')
    }
  })
})
