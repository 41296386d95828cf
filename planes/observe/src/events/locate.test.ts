// Events found by their place in the life of their device, on both databases: in turn, late, of another epoch, and gone.
// What the places are good for is exposure/hits.ts.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { sql } from 'kysely'
import { observeMigrations } from '../room-migrations.ts'
import { eventKeyOf } from '../sync/event-key.ts'
import { orderOf } from '../sync/order.ts'
import { locateEvents, placeKey } from './locate.ts'
import type { PackedEvent } from './pack.ts'
import { loadFilters, storeEvents } from './store.ts'

const startMs = Date.UTC(2026, 5, 1)

eachEngine((engine) => {
  let storage: Storage
  /** Ids by the key of their place. */
  const ids = new Map<string, string>()

  const eventOf = (deviceNo: number, epoch: number, sequence: number): PackedEvent => {
    const eventId = randomUUID().toUpperCase()
    ids.set(placeKey({ deviceNo, order: orderOf(epoch, sequence) }), eventId)
    return {
      eventKey: eventKeyOf(eventId),
      sequence,
      surface: 'homebrew',
      kind: 'added',
      body: 'finding',
      observedMs: startMs,
      collectedMs: startMs,
      payload: Buffer.from('said'),
    }
  }
  const store = (deviceNo: number, epoch: number, from: number, count: number) =>
    storage.write(async (tx) => {
      const [filters = []] = await loadFilters(tx, [deviceNo])
      const events = Array.from({ length: count }, (_, at) => eventOf(deviceNo, epoch, from + at))
      const device = { tenantId: 'default', deviceNo }
      await storeEvents(tx, [{ device, epoch, receivedMs: startMs, events, filters: [...filters] }])
    })
  const places = (deviceNo: number, epoch: number, sequences: readonly number[]) =>
    sequences.map((sequence) => ({ deviceNo, order: orderOf(epoch, sequence) }))
  const check = async (asked: ReturnType<typeof places>) => {
    const found = await locateEvents(storage.db, asked)
    assert.deepEqual(found, new Map(asked.map((place) => [placeKey(place), ids.get(placeKey(place))])))
  }

  before(async () => {
    ids.clear()
    storage = await openTestStorage(engine, [observeMigrations])
    await store(1, 1, 1, 3000)
    for (let from = 3001; from < 5000; from += 13) if (from !== 3014) await store(1, 1, from, 13)
    await store(1, 1, 3014, 13)
    await store(1, 2, 1, 700)
    await store(2, 1, 1, 5)
  })
  after(() => storage.close())

  test('of any device and epoch, the first and the last among them', async () => {
    await check([
      ...places(1, 1, [1, 2, 512, 513, 1280, 3000, 3001, 4500, 4989]),
      ...places(1, 2, [1, 640, 700]),
      ...places(2, 1, [1, 5]),
    ])
  })

  test('also what came late', async () => {
    await check(places(1, 1, [3014, 3020, 3026]))
  })

  test('a place that never was has no event', async () => {
    const strange = [...places(1, 1, [90_000]), ...places(2, 1, [6]), ...places(3, 1, [1])]
    assert.equal((await locateEvents(storage.db, strange)).size, 0)
    assert.equal((await locateEvents(storage.db, [])).size, 0)
  })

  test('what has gone is not found, what is left still is', async () => {
    await storage.write((tx) => sql`delete from observe_event_pack where pack_no <= 4`.execute(tx))
    assert.equal((await locateEvents(storage.db, places(1, 1, [1, 2000]))).size, 0)
    await check(places(1, 1, [2600, 3014, 4500]))
  })
})
