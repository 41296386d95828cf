// Proof that nothing of a device is left once its data is to go: no row, no tail in memory that would be packed again, here or at
// another gateway; and that everybody else's stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { heartbeatAt } from '@muster/contract/testing'
import { openStorage, type Storage } from '@muster/storage'
import { createTestPlace, eachEngine } from '@muster/storage/testing'
import { telemetryMigrations } from '../room-migrations.ts'
import type { ForgetOrder } from './forget.ts'
import { createTeller, exampleMs, type ToldHeartbeat, tickAt, unitsModule } from './heartbeat.fixture.ts'
import type { RecentHeartbeats } from './recent.ts'
import { loadLoggedNos } from './store.ts'
import { packSize } from './tail.ts'

const minuteMs = 60_000
const tables = ['heartbeat', 'pack', 'description', 'presence', 'timeline'].map((name) => `telemetry_${name}`)

const countsOf = async (storage: Storage, deviceNo: number): Promise<readonly number[]> => {
  const counts = []
  for (const table of tables)
    counts.push(
      (await storage.db.selectFrom(table).select('device_no').where('device_no', '=', deviceNo).execute()).length,
    )
  return counts
}

const beats = (deviceNo: number): ToldHeartbeat[] =>
  Array.from({ length: 2 * packSize + 5 }, (_, minute) => {
    const receivedMs = exampleMs + minute * minuteMs
    return { deviceNo, receivedMs, body: heartbeatAt(receivedMs) }
  })

eachEngine((engine) => {
  test('all that a device reported goes, and does not come back from memory', async () => {
    const place = await createTestPlace(engine)
    const open = () => openStorage({ url: place.url, rooms: [telemetryMigrations], units: [unitsModule] })
    const storage = await open()
    // SQLite has one process that writes.
    const other = engine === 'postgres' ? await open() : storage
    try {
      for (const deviceNo of [1, 2]) {
        const told = beats(deviceNo)
        await createTeller(storage)(...told.slice(0, 2 * packSize))
        await createTeller(storage)(...told.slice(2 * packSize))
      }
      const lateMs = exampleMs + 24 * 60 * minuteMs
      // Now the other gateway holds the tails of both as well.
      await createTeller(other)({ deviceNo: 3, receivedMs: exampleMs, body: heartbeatAt(exampleMs) })
      const kept = await countsOf(storage, 2)
      assert.ok((await countsOf(storage, 1)).every((count) => count > 0))

      const forget = storage.unit<ForgetOrder, number>('forgetHeartbeats')
      const order = { deviceNo: 1, heartbeatNos: await loadLoggedNos(storage.db, 1) }
      const gone = (await countsOf(storage, 1)).reduce((sum, count) => sum + count, 0)
      assert.equal(await forget(order), gone)
      assert.equal(await forget(order), 0)
      for (const one of [storage, other]) await tickAt(one, lateMs)
      assert.deepEqual(await countsOf(storage, 1), [0, 0, 0, 0, 0])
      const recent = await storage.unit<readonly number[], readonly RecentHeartbeats[]>('recentHeartbeats')([1])
      assert.deepEqual(recent, [])
      const [, packs = 0, ...rest] = await countsOf(storage, 2)
      // The tail of the other device was due by then, its log is old, and all else is as it was.
      assert.deepEqual([packs, ...rest], [(kept[1] ?? 0) + 1, ...kept.slice(2)])
    } finally {
      if (other !== storage) await other.close()
      await storage.close()
      await place.remove()
    }
  })
})
