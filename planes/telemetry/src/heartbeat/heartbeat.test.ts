// Proves that heartbeats are stored before they are answered, once each, and that memory says what the database says.
// What one heartbeat means is in decide.test.ts; the wire is in tests/wire.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { heartbeatAt } from '@muster/contract/testing'
import { toIso } from '@muster/kernel'
import { openStorage, type Storage } from '@muster/storage'
import { createTestPlace, eachEngine, openTestStorage, type TestPlace } from '@muster/storage/testing'
import { telemetryMigrations } from '../room-migrations.ts'
import { createTeller, exampleMs, type ToldHeartbeat, tickAt, unitsModule } from './heartbeat.fixture.ts'
import type { RecentHeartbeats } from './recent.ts'
import { readSamples } from './sample.ts'
import { packSize } from './tail.ts'

const minuteMs = 60_000

const open = (place: TestPlace): Promise<Storage> =>
  openStorage({ url: place.url, rooms: [telemetryMigrations], units: [unitsModule] })

const recent = async (storage: Storage, deviceNo: number): Promise<RecentHeartbeats> => {
  const [found] = await storage.unit<readonly number[], readonly RecentHeartbeats[]>('recentHeartbeats')([deviceNo])
  assert.ok(found)
  return found
}

const countRows = async (storage: Storage, table: string): Promise<number> => {
  const row = await storage.db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('rows'))
    .executeTakeFirstOrThrow()
  return row.rows
}

const beats = (deviceNo: number, count: number, fromMs: number): ToldHeartbeat[] =>
  Array.from({ length: count }, (_, index) => {
    const receivedMs = fromMs + index * minuteMs
    return { deviceNo, receivedMs, body: heartbeatAt(receivedMs, { uptime_seconds: index }) }
  })

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [telemetryMigrations], { units: [unitsModule] })
  })
  after(() => storage.close())
  const tell = (...told: ToldHeartbeat[]) => createTeller(storage)(...told)

  const outcomes = (answers: Awaited<ReturnType<typeof tell>>): readonly string[] =>
    answers.map((answer) => (answer.ok ? (answer.value.isDuplicate ? 'duplicate' : 'stored') : answer.refusal.code))

  test('the same heartbeat twice is one, also within one transaction, and another content under its id is refused', async () => {
    const told = { deviceNo: 1, receivedMs: exampleMs, body: heartbeatAt(exampleMs) }
    const other = { ...told, body: { ...told.body, process_count: 1 } }
    assert.deepEqual(outcomes(await tell(told, told, other)), ['stored', 'duplicate', 'heartbeat_conflict'])
    assert.deepEqual(outcomes(await tell({ ...told, receivedMs: exampleMs + 5 })), ['duplicate'])
    const { samples, lastSeenMs } = await recent(storage, 1)
    assert.equal(readSamples(Buffer.from(samples)).length, 1)
    assert.equal(lastSeenMs, exampleMs)
  })

  test('without an id it is known by what was observed when, without a moment by nothing', async () => {
    const { heartbeat_id: _, ...body } = heartbeatAt(exampleMs)
    const { observed_at: __, ...bare } = body
    const told = { deviceNo: 2, receivedMs: exampleMs, body }
    assert.deepEqual(outcomes(await tell(told, told)), ['stored', 'duplicate'])
    assert.deepEqual(outcomes(await tell({ ...told, body: bare }, { ...told, body: bare })), ['stored', 'stored'])
    const keyed = { ...told, idempotencyKey: 'once', receivedMs: exampleMs + 1 }
    const changed = { ...keyed, body: { ...body, process_count: 1 } }
    assert.deepEqual(outcomes(await tell(keyed, keyed, changed)), ['stored', 'duplicate', 'heartbeat_conflict'])
  })

  test('a heartbeat that comes late is kept and overwrites nothing', async () => {
    const receivedMs = exampleMs + minuteMs
    const [news] = await tell({ deviceNo: 3, receivedMs, body: heartbeatAt(receivedMs, { hostname: 'new-name' }) })
    const late = { deviceNo: 3, receivedMs: receivedMs + 1000, body: heartbeatAt(exampleMs, { hostname: 'old-name' }) }
    const [old] = await tell(late)
    assert.equal(news?.ok && news.value.described?.hostname, 'new-name')
    assert.equal(old?.ok && old.value.described, null)
    const { newest, lastSeenMs } = await recent(storage, 3)
    assert.equal(readSamples(Buffer.from(newest ?? []))[0]?.observedMs, receivedMs)
    assert.equal(lastSeenMs, receivedMs + 1000)
  })

  test('what is no JSON object is refused alone', async () => {
    const good = { deviceNo: 4, receivedMs: exampleMs, body: heartbeatAt(exampleMs) }
    const answers = await tell({ ...good, body: '{' }, good, { ...good, body: '[1]' })
    assert.deepEqual(outcomes(answers), ['request_malformed', 'stored', 'request_malformed'])
  })

  test('events: discovered once, updated when the face changes, and the log stands for every heartbeat', async () => {
    const before = await countRows(storage, 'storage_outbox')
    const at = (minute: number, more = {}) => {
      const receivedMs = exampleMs + minute * minuteMs
      return { deviceNo: 5, receivedMs, body: heartbeatAt(receivedMs, more) }
    }
    for (const told of [at(0), at(1), at(2, { hostname: 'renamed' }), at(3, { hostname: 'renamed' })]) await tell(told)
    const rows = await storage.db.selectFrom('storage_outbox').selectAll().orderBy('seq').execute()
    const topics = rows.slice(before).map((row) => row['topic'] as string)
    const stored = 'telemetry.heartbeats_stored'
    assert.deepEqual(topics, ['asset.discovered', stored, stored, 'asset.updated', stored, stored])
    const updated = JSON.parse(rows.slice(before)[3]?.['body'] as string)
    assert.deepEqual(updated.payload.changed, ['hostname'])
    assert.equal(updated.timestamp, toIso(exampleMs + 2 * minuteMs))
  })
})

eachEngine((engine) => {
  test('after a restart, packed or not, the same is known as before', async () => {
    const place = await createTestPlace(engine)
    try {
      const first = await open(place)
      const told = beats(9, 3 * packSize, exampleMs)
      for (let from = 0; from < told.length; from += 7) await createTeller(first)(...told.slice(from, from + 7))
      await tickAt(first, exampleMs + 3 * packSize * minuteMs)
      const known = await recent(first, 9)
      assert.ok((await countRows(first, 'telemetry_pack')) >= 2)
      await first.close()

      const second = await open(place)
      await createTeller(second)({ deviceNo: 10, receivedMs: exampleMs, body: heartbeatAt(exampleMs) })
      // The device is met again by its own repeat, whose first telling is long in a pack.
      const answers = await createTeller(second)(told[0] as ToldHeartbeat, told.at(-1) as ToldHeartbeat)
      assert.deepEqual(
        answers.map((answer) => answer.ok && answer.value.isDuplicate),
        [true, true],
      )
      const conflict = { ...(told[0] as ToldHeartbeat), body: { ...(told[0]?.body as object), process_count: 3 } }
      const [refused] = await createTeller(second)(conflict)
      assert.equal(refused?.ok === false && refused.refusal.code, 'heartbeat_conflict')
      assert.deepEqual(await recent(second, 9), known)
      await second.close()
    } finally {
      await place.remove()
    }
  })
})
