// Every order of the list on both engines: pages put together are the whole list, each device once, whichever way round.
// The filters are devices.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { DEVICE_SORTS, SORT_ORDERS } from '@muster/contract'
import { eachEngine } from '@muster/storage/testing'
import { wholeTenant } from '../bounds.ts'
import { enrolled, openTestRoom, type TestRoom } from '../room.fixture.ts'
import type { DeviceQuery } from './list.ts'
import { noteScanned } from './scanned.ts'

const tenant = 'ordered'
const minuteMs = 60_000

/** In the order they enrol, a minute apart; then heard in the order of `heard`. */
const hosts = [
  { hostname: 'delta', osVersion: 'Windows 11', heard: 2, scanned: 'wholly' },
  { hostname: 'Alpha', osVersion: 'macOS 15.5', heard: 5, scanned: 'not' },
  { hostname: 'charlie', osVersion: 'Debian 13', heard: 1, scanned: 'partly' },
  { hostname: 'alpha', osVersion: 'debian 12', heard: 4, scanned: 'wholly' },
  { hostname: 'écho', osVersion: 'Ägypten 1', heard: 3, scanned: 'partly' },
  { hostname: 'bravo', osVersion: 'Debian 13', heard: 6, scanned: 'wholly' },
] as const

const inOrder: Readonly<Record<(typeof DEVICE_SORTS)[number], readonly string[]>> = {
  name: ['Alpha', 'alpha', 'bravo', 'charlie', 'delta', 'écho'],
  os: ['alpha', 'charlie', 'bravo', 'Alpha', 'delta', 'écho'],
  enrolled: ['delta', 'Alpha', 'charlie', 'alpha', 'écho', 'bravo'],
  lastContact: ['charlie', 'delta', 'écho', 'alpha', 'Alpha', 'bravo'],
  liveness: ['bravo', 'Alpha', 'alpha', 'écho', 'delta', 'charlie'],
  coverage: ['Alpha', 'charlie', 'écho', 'alpha', 'bravo', 'delta'],
}

eachEngine((engine) => {
  let room: TestRoom
  before(async () => {
    room = await openTestRoom(engine)
    const token = await room.token({ maxUses: 10, expiresInSeconds: 3 * 86_400 }, tenant)
    await enrolled(room.identity, await room.token(), undefined, { hostname: 'of another tenant' })
    const nos = new Map<string, number>()
    for (const { hostname, osVersion } of hosts) {
      room.clock.advance(minuteMs)
      const { deviceId } = await enrolled(room.identity, token, undefined, { hostname, osVersion })
      nos.set(hostname, room.identity.directory.byId(deviceId)?.deviceNo ?? 0)
    }
    for (const { hostname, heard } of hosts)
      room.identity.touch(nos.get(hostname) ?? 0, room.clock.nowMs() + heard * minuteMs)
    await room.storage.write((tx) =>
      noteScanned(
        tx,
        hosts.map(({ hostname, scanned }) => ({ deviceNo: nos.get(hostname) ?? 0, scanned })),
      ),
    )
    room.clock.advance(10 * minuteMs)
  })
  after(() => room.close())

  const page = async (query: DeviceQuery) => {
    const found = await room.identity.devices.list(wholeTenant(tenant), query)
    assert.ok(found.ok)
    return found.value
  }
  const walk = async (query: DeviceQuery): Promise<readonly string[]> => {
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { items, nextCursor } = await page({ ...query, limit: '2', ...(cursor === undefined ? {} : { cursor }) })
      seen.push(...items.map(({ hostname }) => hostname))
      cursor = nextCursor
    }
    return seen
  }

  for (const sort of DEVICE_SORTS)
    for (const order of SORT_ORDERS)
      test(`by ${sort}, ${order}`, async () => {
        const want = order === 'asc' ? inOrder[sort] : inOrder[sort].toReversed()
        assert.deepEqual(await walk({ sort, order }), want)
        const filtered = { sort, order, name: 'a', liveness: 'idle' } as const
        assert.deepEqual(
          await walk(filtered),
          want.filter((name) => name.toLowerCase().includes('a')),
        )
      })

  test('a cursor of one order is refused in another', async () => {
    const { nextCursor } = await page({ sort: 'name', limit: '2' })
    const query = { sort: 'name', order: 'desc', limit: '2', cursor: nextCursor ?? '' } as const
    const found = await room.identity.devices.list(wholeTenant(tenant), query)
    assert.equal(found.ok ? 'ok' : found.refusal.code, 'request_malformed')
  })
})
