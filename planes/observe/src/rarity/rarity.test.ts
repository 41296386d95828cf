// Proof that what is on one device only is found, on both databases: page by page, by ecosystem, as long as it is there.
// How the index from contents to devices comes about is holdings/.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type ReplyOf, rareInventory } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { ask, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { serveRarity } from './rarity.ts'

const nowMs = Date.UTC(2026, 5, 2, 12)
const added = (sequence: number, name: string, version: string, path?: string) => ({
  sequence,
  atMs: nowMs - 1000 + sequence,
  payload: itemPayload(npmItem(name, version, path)),
})

type Reply = ReplyOf<typeof rareInventory>

eachEngine((engine) => {
  describe('what is rare', () => {
    let fleet: TestFleet
    /** Undefined sees everything. */
    let seenNos: readonly number[] | undefined
    before(async () => {
      fleet = await openTestFleet(
        engine,
        [1, 2].map((no) => ({ no, enrolledMs: nowMs - 5000, lastContactMs: nowMs })),
      )
      const twice = [added(3, 'mine', '1.0.0'), added(4, 'mine', '1.0.0', '/home/ada/other/package-lock.json')]
      await fleet.tell(1, [added(1, 'axios', '1.0.0'), added(2, 'axios', '1.1.0'), ...twice], nowMs)
      await fleet.tell(2, [added(1, 'axios', '1.0.0'), added(2, 'gone', '1.0.0')], nowMs)
      await fleet.tell(2, [{ ...added(3, 'gone', '1.0.0'), kind: 'removed' }], nowMs)
    })
    after(() => fleet.close())

    const read = async (query: object = {}): Promise<Reply> => {
      const { storage } = fleet
      const devices = { ...fleet.devices, historyNos: () => seenNos }
      const settleHoldings = () => storage.unit<undefined, undefined>('settleHoldings')(undefined)
      const answer = await ask<Reply>([serveRarity({ storage, devices, settleHoldings })], rareInventory, { query })
      assert.ok(answer.ok)
      return answer.value
    }
    const namesOf = ({ items }: Reply) => items.map(({ name, version, deviceId }) => `${name} ${version} ${deviceId}`)

    test('is on one device, in however many places, and was not removed', async () => {
      const found = await read()
      assert.deepEqual(namesOf(found), ['axios 1.1.0 dev_1', 'mine 1.0.0 dev_1'])
      const [, mine] = found.items
      assert.deepEqual(
        [mine?.path, mine?.from, mine?.fromKind, found.nextCursor],
        ['/home/ada/app/package-lock.json', new Date(nowMs - 997).toISOString(), 'change', null],
      )
    })

    test('comes page by page, in one ecosystem or all', async () => {
      const first = await read({ limit: '1' })
      const second = await read({ limit: '1', cursor: first.nextCursor })
      const third = await read({ limit: '1', cursor: second.nextCursor })
      assert.deepEqual([first, second, third].flatMap(namesOf), ['axios 1.1.0 dev_1', 'mine 1.0.0 dev_1'])
      assert.equal(third.nextCursor, null)
      assert.equal((await read({ ecosystem: 'npm' })).items.length, 2)
      assert.equal((await read({ ecosystem: 'pypi' })).items.length, 0)
    })

    test('is counted among the devices that one sees', async () => {
      seenNos = [2]
      assert.deepEqual(namesOf(await read()), ['axios 1.0.0 dev_2'])
      seenNos = undefined
    })

    test('is not told of another tenant', async () => {
      const { storage, devices } = fleet
      const served = serveRarity({ storage, devices, settleHoldings: async () => undefined })
      const answer = await ask<Reply>([served], rareInventory, { as: { ...operator, tenantId: 'other' } })
      assert.deepEqual(answer.ok && answer.value.items, [])
    })
  })
})
