// Raw events in packs, on both databases: found again by their ids however many there are, read page by page, let go of.
// How a pack is laid out is pack.test.ts; what a batch is answered is sync.test.ts.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, test } from 'node:test'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { sql } from 'kysely'
import { activityMigrations } from '../activity/migrations.ts'
import { inventoryMigrations } from '../migrations.ts'
import { observeMigrations } from '../room-migrations.ts'
import { eventKeyOf } from '../sync/event-key.ts'
import { tallyMigrations } from '../tally/migrations.ts'
import { bitsOf } from './key-filter.ts'
import { listChanges, listEvents } from './listing.ts'
import { eventMigrations } from './migrations.ts'
import type { PackedEvent } from './pack.ts'
import { dropFilters, eventsOfDevice, findEvents, loadFilters, nameOfKey, storeEvents } from './store.ts'

const startMs = Date.UTC(2026, 5, 1)

const eventOf = (sequence: number, more: Partial<PackedEvent> = {}): PackedEvent => ({
  eventKey: eventKeyOf(randomUUID().toUpperCase()),
  sequence,
  surface: 'homebrew',
  kind: 'added',
  body: 'finding',
  observedMs: startMs + sequence,
  collectedMs: startMs + sequence,
  payload: Buffer.from(`payload ${sequence}`),
  ...more,
})

const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => eventOf(from + index))

eachEngine((engine) => {
  let storage: Storage

  before(async () => {
    storage = await openTestStorage(engine, [observeMigrations])
  })
  after(() => storage.close())

  const store = (deviceNo: number, events: readonly PackedEvent[]) =>
    storage.write(async (tx) => {
      const [filters = []] = await loadFilters(tx, [deviceNo])
      const device = { tenantId: 'default', deviceNo }
      await storeEvents(tx, [{ device, epoch: 1, receivedMs: startMs, events, filters: [...filters] }])
    })

  const find = (deviceNo: number, keys: readonly Uint8Array[]) =>
    storage.write(async (tx) => {
      const [filters = []] = await loadFilters(tx, [deviceNo])
      const [found] = await findEvents(tx, [{ deviceNo, filters, keys, keyBits: bitsOf(keys) }])
      return found as ReadonlyMap<string, { readonly sequence: number; readonly payload: Uint8Array }>
    })

  test('every event of thousands is found by its id, a strange id and that of another device are not', async () => {
    const large = range(1, 1300)
    await store(1, large)
    for (let from = 1301; from < 1900; from += 7) await store(1, range(from, 7))
    const others = range(1, 3)
    await store(2, others)
    const found = await find(
      1,
      large.map(({ eventKey }) => eventKey),
    )
    assert.equal(found.size, large.length)
    for (const { eventKey, sequence, payload } of large) {
      const event = found.get(nameOfKey(eventKey))
      assert.equal(event?.sequence, sequence)
      assert.deepEqual(Buffer.from(event?.payload ?? []), payload)
    }
    const strange = [...range(1, 300), ...others].map(({ eventKey }) => eventKey)
    assert.equal((await find(1, strange)).size, 0)
    assert.equal((await find(3, strange)).size, 0)
  })

  test('all events of a device are read in the order they came', async () => {
    for (const first of [1, 3, 5]) await store(4, range(first, 2))
    const sequences: number[] = []
    for await (const { sequence } of eventsOfDevice(storage.db, 4)) sequences.push(sequence)
    assert.deepEqual(sequences, [1, 2, 3, 4, 5, 6])
  })

  test('pages go from the newest to the oldest, across packs, and none is missing or twice', async () => {
    await store(5, range(1, 4))
    await store(6, range(1, 700))
    await store(5, range(5, 3))
    const pages = async (deviceNos: readonly number[], limit: number) => {
      const seen: number[] = []
      for (let beforeNo: number | undefined; ; ) {
        const page = await listEvents(storage.db, { deviceNos, beforeNo, limit })
        seen.push(...page.slice(0, limit).map(({ sequence }) => sequence))
        if (page.length <= limit) return seen
        beforeNo = page[limit - 1]?.eventNo
      }
    }
    assert.deepEqual(await pages([5], 2), [7, 6, 5, 4, 3, 2, 1])
    assert.deepEqual(await pages([5, 6], 500), [7, 6, 5, ...Array.from({ length: 700 }, (_, i) => 700 - i), 4, 3, 2, 1])
  })

  test('changes of one surface are found among many others, and findings are none', async () => {
    const surfaces = ['homebrew', 'homebrewX', 'cargo']
    const item = (sequence: number) =>
      eventOf(sequence, { body: 'inventoryItem', surface: surfaces[sequence % 3] as string })
    for (let first = 1; first <= 301; first += 30)
      await store(
        7,
        [...Array(30)].map((_, index) => item(first + index)),
      )
    await store(7, range(1000, 20))
    const found = await listChanges(storage.db, {
      tenantId: 'default',
      deviceNos: [7],
      surface: 'homebrew',
      change: undefined,
      sinceMs: undefined,
      baseline: undefined,
      beforeNo: undefined,
      limit: 500,
    })
    assert.equal(found.length, 110)
    assert.ok(found.every(({ surface, sequence }) => surface === 'homebrew' && sequence < 1000))
  })

  test('filters go with the events they know, and stay while one of them is left', async () => {
    await store(8, range(1, 500))
    await store(8, range(501, 500))
    const filterNos = async () => {
      const ofDevice = storage.db.selectFrom('observe_event_filter').where('device_no', '=', 8)
      const rows = await ofDevice.select('filter_no').orderBy('filter_no').execute()
      return rows.map((row) => row['filter_no'])
    }
    assert.deepEqual(await filterNos(), [1, 2])
    await store(8, range(1001, 10))
    const drop = (condition: ReturnType<typeof sql>) =>
      storage.write(async (tx) => {
        await sql`delete from observe_event_pack where device_no = 8 and ${condition}`.execute(tx)
        await dropFilters(tx, [8])
      })
    await drop(sql`filter_no = 1`)
    assert.deepEqual(await filterNos(), [2])
    await drop(sql`event_count = 500`)
    assert.deepEqual(await filterNos(), [2])
    await drop(sql`1 = 1`)
    assert.deepEqual(await filterNos(), [])
  })

  test('events of before are packed as they were, and counted anew', async () => {
    const old = await openTestStorage(engine, [
      { room: 'observe', migrations: [...inventoryMigrations, ...tallyMigrations, ...activityMigrations] },
    ])
    try {
      const told = [...range(1, 3), eventOf(4, { payload: Buffer.from('later') })]
      await old.write(async (tx) => {
        for (const { eventKey, sequence, surface, observedMs, collectedMs, payload } of told)
          await sql`insert into observe_event (tenant_id, device_no, event_key, epoch, sequence, surface, kind, body,
            observed_ms, collected_ms, received_ms, payload) values ('default', 1, ${eventKey}, 1, ${sequence},
            ${surface}, 0, 1, ${observedMs}, ${collectedMs}, ${startMs + Math.floor(sequence / 4)}, ${payload})`.execute(
            tx,
          )
        for (const { up } of eventMigrations) while ((await up(tx, engine)) === 'more');
      })
      const packs = await old.db.selectFrom('observe_event_pack').select('event_count').orderBy('pack_no').execute()
      assert.deepEqual(
        packs.map((row) => row['event_count']),
        [3, 1],
      )
      const [filters = []] = await loadFilters(old.db, [1])
      const keys = told.map(({ eventKey }) => eventKey)
      const [found] = await old.write((tx) => findEvents(tx, [{ deviceNo: 1, filters, keys, keyBits: bitsOf(keys) }]))
      assert.deepEqual(
        told.map(({ eventKey }) => found?.get(nameOfKey(eventKey))?.sequence),
        [1, 2, 3, 4],
      )
    } finally {
      await old.close()
    }
  })
})
