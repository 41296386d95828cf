// Proof of what operators read of devices, on both databases: inventory now and then, changes, raw events, findings.
// How presence is folded is proved in sync/.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import {
  deviceEvents,
  deviceInventory,
  listChanges,
  listFindings,
  type Payload,
  type ReplyOf,
  readFinding,
} from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { serveFindings } from '../findings/findings.ts'
import { ask, findingPayload, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { serveInventory } from './inventory.ts'

const startMs = Date.UTC(2026, 5, 2, 12)
const dayMs = 24 * 3600 * 1000
const at = (minute: number): number => startMs + minute * 60_000
const fleet = [{ no: 1, enrolledMs: startMs - dayMs, lastContactMs: at(100) }]
const params = { id: 'dev_1' }

type Inventory = ReplyOf<typeof deviceInventory>
type Changes = ReplyOf<typeof listChanges>

const findingOn = (name: string, version: string): Payload => findingPayload(name, version, at(3), 'name')

eachEngine((engine) => {
  let told: TestFleet
  beforeEach(async () => {
    told = await openTestFleet(engine, fleet)
    const first = { atMs: at(0), collectedMs: at(0) }
    await told.tell(
      1,
      [
        { sequence: 1, ...first, payload: itemPayload(npmItem('axios', '1.13.0')) },
        { sequence: 2, ...first, payload: itemPayload(npmItem('left-pad', '1.0.0')) },
        { sequence: 3, atMs: at(2), kind: 'removed', payload: itemPayload(npmItem('axios', '1.13.0')) },
        { sequence: 4, atMs: at(2), payload: itemPayload(npmItem('axios', '1.14.1')) },
        { sequence: 5, atMs: at(3), kind: 'modified', payload: findingOn('axios', '1.14.1') },
        { sequence: 6, atMs: at(3), kind: 'modified', payload: findingOn('axios', '1.13.0') },
      ],
      at(5),
    )
  })
  afterEach(() => told.close())

  const inventory = async (query: object = {}): Promise<Inventory> => {
    const answer = await ask<Inventory>(serveInventory(told), deviceInventory, { params, query })
    assert.ok(answer.ok)
    return answer.value
  }
  const named = ({ items }: Inventory): string[] => items.map(({ name, version }) => `${name}@${version}`).toSorted()

  test('the inventory is what is there now, or what was there at a moment', async () => {
    assert.deepEqual(named(await inventory()), ['axios@1.14.1', 'left-pad@1.0.0'])
    assert.deepEqual(named(await inventory({ asOf: new Date(at(1)).toISOString() })), [
      'axios@1.13.0',
      'left-pad@1.0.0',
    ])
    assert.deepEqual(named(await inventory({ asOf: new Date(at(-1)).toISOString() })), [])
    assert.deepEqual(named(await inventory({ name: 'axios' })), ['axios@1.14.1'])
    assert.deepEqual(named(await inventory({ surface: 'homebrew' })), [])
  })

  test('an item says when it was first and last seen, and has its id back', async () => {
    const { items } = await inventory({ name: 'left-pad' })
    assert.equal(items[0]?.itemId, npmItem('left-pad', '1.0.0').itemId)
    assert.equal(items[0].firstSeenAt, new Date(at(0)).toISOString())
    assert.equal(items[0].lastSeenAt, new Date(at(100)).toISOString())
  })

  test('pages of an inventory hold every item once', async () => {
    const first = await inventory({ limit: '1' })
    const second = await inventory({ limit: '1', cursor: first.nextCursor })
    assert.equal(second.nextCursor, null)
    assert.deepEqual([...first.items, ...second.items].map(({ name }) => name).toSorted(), ['axios', 'left-pad'])
  })

  test('a version whose sibling was confirmed later may be stale', async () => {
    await told.tell(
      1,
      [
        { sequence: 7, atMs: at(10), payload: itemPayload(npmItem('axios', '1.15.0')) },
        { sequence: 8, atMs: at(20), payload: itemPayload(npmItem('axios', '1.15.0')) },
      ],
      at(21),
    )
    const { items } = await inventory({ name: 'axios' })
    assert.deepEqual(Object.fromEntries(items.map(({ version, possiblyStale }) => [version, possiblyStale])), {
      '1.14.1': true,
      '1.15.0': false,
    })
  })

  test('changes come newest first, and tell a first scan from news', async () => {
    const changes = async (query: object) => {
      const answer = await ask<Changes>(serveInventory(told), listChanges, { query })
      assert.ok(answer.ok)
      return answer.value.items.map(({ change, name, version, baseline }) => [change, `${name}@${version}`, baseline])
    }
    assert.deepEqual(await changes({ baseline: 'false' }), [
      ['added', 'axios@1.14.1', false],
      ['removed', 'axios@1.13.0', false],
    ])
    assert.equal((await changes({ deviceId: 'dev_1', surface: 'javascriptPackages' })).length, 4)
    assert.deepEqual(await changes({ deviceId: 'dev_unknown' }), [])
  })

  test('what was told again is no change, whether it is there or gone; what is told anew is', async () => {
    const again = (sequence: number, name: string, version: string, kind: 'added' | 'removed' = 'added') => ({
      sequence,
      kind,
      atMs: at(10),
      payload: itemPayload(npmItem(name, version)),
    })
    await told.tell(1, [again(7, 'axios', '1.14.1'), again(8, 'left-pad', '1.0.0')], at(11))
    const last = [again(9, 'axios', '1.13.0', 'removed'), again(10, 'axios', '1.14.1'), again(11, 'axios', '1.13.0')]
    await told.tell(1, last, at(12))
    const answer = await ask<Changes>(serveInventory(told), listChanges, { query: { baseline: 'false' } })
    assert.ok(answer.ok)
    assert.deepEqual(
      answer.value.items.map(({ change, name, version }) => `${change} ${name}@${version}`),
      ['added axios@1.13.0', 'added axios@1.14.1', 'removed axios@1.13.0'],
    )
    const raw = await ask<ReplyOf<typeof deviceEvents>>(serveInventory(told), deviceEvents, { params })
    assert.equal(raw.ok && raw.value.items.length, 11)
  })

  test('what looked as if told again is a change once it is known what came before it', async () => {
    const item = itemPayload(npmItem('left-pad', '1.0.0'))
    const news = async () => {
      const query = { baseline: 'false', surface: 'javascriptPackages' }
      const answer = await ask<Changes>(serveInventory(told), listChanges, { query })
      return answer.ok && answer.value.items.map(({ change, name }) => `${change} ${name}`)
    }
    const known = ['added axios', 'removed axios']
    await told.tell(1, [{ sequence: 9, atMs: at(9), payload: item }], at(10))
    assert.deepEqual(await news(), known)
    await told.tell(1, [{ sequence: 8, kind: 'removed', atMs: at(8), payload: item }], at(11))
    assert.deepEqual(await news(), ['removed left-pad', 'added left-pad', ...known])
    await told.tell(1, [{ sequence: 7, kind: 'removed', atMs: at(7), payload: item }], at(12))
    assert.deepEqual(await news(), ['removed left-pad', 'added left-pad', ...known])
  })

  test('raw events come back as they were sent', async () => {
    const answer = await ask<ReplyOf<typeof deviceEvents>>(serveInventory(told), deviceEvents, { params })
    assert.ok(answer.ok)
    assert.deepEqual(
      answer.value.items.map(({ localSequence, body }) => [localSequence, body]),
      [
        [6, 'finding'],
        [5, 'finding'],
        [4, 'inventoryItem'],
        [3, 'inventoryItem'],
        [2, 'inventoryItem'],
        [1, 'inventoryItem'],
      ],
    )
  })

  test('a finding says whether its item is still there, and is read by its id', async () => {
    const served = serveFindings(told)
    const answer = await ask<ReplyOf<typeof listFindings>>(served, listFindings, { query: { severity: 'critical' } })
    assert.ok(answer.ok)
    assert.deepEqual(
      Object.fromEntries(answer.value.items.map(({ itemId, itemPresent }) => [itemId.split('/').at(-1), itemPresent])),
      { '1.13.0': false, '1.14.1': true },
    )
    const id = answer.value.items[0]?.id
    assert.ok((await ask(served, readFinding, { params: { id } })).ok)
    const foreign = await ask(served, readFinding, { params: { id }, as: { ...operator, tenantId: 'other' } })
    assert.equal(foreign.ok ? 'found' : foreign.refusal.code, 'not_found')
  })

  test('a device of another tenant is not found', async () => {
    for (const route of [deviceInventory, deviceEvents]) {
      const answer = await ask(serveInventory(told), route, { params, as: { ...operator, tenantId: 'other' } })
      assert.equal(answer.ok ? 'found' : answer.refusal.code, 'not_found')
    }
  })
})
