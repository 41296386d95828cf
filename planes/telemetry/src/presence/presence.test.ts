// Proves that the newest heartbeat and the history of a machine are told the same from memory, packs and roll-ups, that days
// are rolled up once, and that what is too old goes while the newest stays.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { heartbeatAt } from '@muster/contract/testing'
import { createFakeClock, silentLog } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { createTeller, exampleMs, tickAt, unitsModule } from '../heartbeat/heartbeat.fixture.ts'
import type { RecentHeartbeats } from '../heartbeat/recent.ts'
import { telemetryMigrations } from '../room-migrations.ts'
import { STEP_MS } from './decide.ts'
import type { Hold } from './holds.ts'
import { createHeartbeatPoints } from './points.ts'
import { createPresences } from './presence.ts'
import { lookAfterAge } from './roll-up.ts'

const { minute: minuteMs, hour: hourMs, day: dayMs } = STEP_MS

eachEngine((engine) => {
  let storage: Storage
  const clock = createFakeClock(exampleMs)
  let holds: readonly Hold[] = []
  before(async () => {
    storage = await openTestStorage(engine, [telemetryMigrations], { units: [unitsModule] })
  })
  after(() => storage.close())

  const presences = () =>
    createPresences({
      storage,
      recent: storage.unit<readonly number[], readonly RecentHeartbeats[]>('recentHeartbeats'),
      clock,
    })
  const points = () => createHeartbeatPoints(presences(), clock)
  const beatEvery = async (deviceNo: number, stepMs: number, untilMs: number): Promise<number> => {
    let count = 0
    for (; clock.nowMs() < untilMs; clock.advance(stepMs)) {
      const receivedMs = clock.nowMs()
      const body = heartbeatAt(receivedMs, { cpu_usage_percent: count % 100 })
      await createTeller(storage)({ deviceNo, receivedMs, body })
      count += 1
    }
    return count
  }
  const age = () =>
    lookAfterAge({ storage, holds: async () => holds, clock, log: silentLog }, new AbortController().signal)
  const countOf = (items: readonly { readonly heartbeats: number }[]) =>
    items.reduce((sum, { heartbeats }) => sum + heartbeats, 0)

  test('a machine is told as it was, from memory and from packs, and of another tenant it is not', async () => {
    const startMs = clock.nowMs()
    const count = await beatEvery(1, minuteMs, startMs + 100 * minuteMs)
    const presence = (await presences().of('default', [1, 99])).get(1)
    assert.equal(presence?.total, count)
    assert.equal(presence?.newest.metrics.cpuPercent, count - 1)
    assert.equal(presence?.newest.diskPercent, 39.4)
    assert.equal(presence?.description.hostname, 'build-07')
    assert.equal((await presences().of('other', [1])).size, 0)

    const told = await points()('default', [1], { fromMs: startMs, toMs: undefined, resolution: undefined })
    assert.ok(told.ok)
    assert.equal(told.value.resolution, 'minute')
    assert.equal(told.value.points.length, count)
    assert.deepEqual(told.value.points[7]?.cpuPercent, { least: 7, mean: 7, most: 7 })
    const elsewhere = await points()('other', [1], { fromMs: startMs, toMs: undefined, resolution: undefined })
    assert.deepEqual(elsewhere.ok && elsewhere.value.points, [])
    const hours = await points()('default', [1], { fromMs: startMs, toMs: undefined, resolution: 'hour' })
    assert.equal(hours.ok && countOf(hours.value.points), count)
    assert.equal(hours.ok && hours.value.points.length, 2)
  })

  test('questions that cannot be answered are refused', async () => {
    const nowMs = clock.nowMs()
    const backwards = await points()('default', [1], { fromMs: nowMs, toMs: nowMs - 1, resolution: undefined })
    assert.equal(!backwards.ok && backwards.refusal.code, 'request_malformed')
  })

  test('a day that is over is rolled up once, and told the same before and after', async () => {
    const startMs = Math.ceil(clock.nowMs() / dayMs) * dayMs
    clock.advance(startMs - clock.nowMs())
    const count = await beatEvery(2, 20 * minuteMs, startMs + dayMs)
    clock.advance(2 * hourMs)
    await tickAt(storage, clock.nowMs())
    const question = { fromMs: startMs, toMs: startMs + dayMs - 1, resolution: 'hour' as const }
    const fresh = await points()('default', [2], question)
    await age()
    await age()
    const rolled = await points()('default', [2], question)
    assert.deepEqual(rolled, fresh)
    assert.equal(rolled.ok && rolled.value.points.length, 24)
    assert.equal(rolled.ok && countOf(rolled.value.points), count)
    const days = await points()('default', [2], { ...question, resolution: 'day' })
    assert.equal(days.ok && countOf(days.value.points), count)
    const rows = await storage.db.selectFrom('telemetry_day').selectAll().where('device_no', '=', 2).execute()
    assert.equal(rows.length, 1)
  })

  test('with the years minutes become hours, hours days, and then nothing but the newest', async () => {
    const startMs = clock.nowMs()
    await beatEvery(3, 20 * minuteMs, startMs + 30 * hourMs)
    const lastMs = clock.nowMs() - 20 * minuteMs
    const told = async (resolution: 'minute' | 'hour' | 'day') => {
      const history = await points()('default', [3], { fromMs: startMs - dayMs, toMs: lastMs, resolution })
      return history.ok ? countOf(history.value.points) : 0
    }
    const passing = async (days: number) => {
      for (let day = 0; day < days; day += 1) {
        clock.advance(dayMs)
        await tickAt(storage, clock.nowMs())
        await age()
      }
    }
    await passing(1)
    assert.equal(await told('hour'), 90)
    await passing(8)
    assert.equal(await told('minute'), 0)
    assert.equal(await told('hour'), 90)
    const packs = await storage.db.selectFrom('telemetry_pack').selectAll().where('device_no', '=', 3).execute()
    assert.equal(packs.length, 1)
    clock.advance(85 * dayMs)
    await age()
    assert.equal(await told('hour'), 0)
    assert.equal(await told('day'), 90)
    clock.advance(400 * dayMs)
    await age()
    assert.equal(await told('day'), 0)
    const presence = (await presences().of('default', [3])).get(3)
    assert.equal(presence?.lastSeenMs, lastMs)
    assert.equal(presence?.total, 90)
  })

  test('what is on hold stays, whatever its age, and goes once the hold is over', async () => {
    const startMs = clock.nowMs()
    await beatEvery(4, 20 * minuteMs, startMs + 30 * hourMs)
    const passing = async (days: number): Promise<void> => {
      for (let day = 0; day < days; day += 1) {
        clock.advance(dayMs)
        await tickAt(storage, clock.nowMs())
        await age()
      }
    }
    const countRows = async (table: string): Promise<number> =>
      (await storage.db.selectFrom(table).select('device_no').where('device_no', '=', 4).execute()).length
    const counts = () => Promise.all(['telemetry_pack', 'telemetry_hours', 'telemetry_day'].map(countRows))
    holds = [{ tenantId: 'default', deviceNo: 4 }]
    await passing(2)
    const before = await counts()
    assert.ok(before.every((count) => count >= 2))
    await passing(7)
    assert.deepEqual(await counts(), before)
    clock.advance(401 * dayMs)
    holds = [{ tenantId: 'default', deviceNo: null }]
    await passing(1)
    assert.deepEqual(await counts(), before)
    holds = [
      { tenantId: 'default', deviceNo: 5 },
      { tenantId: 'other', deviceNo: null },
    ]
    await passing(9)
    assert.deepEqual(await counts(), [1, 0, 0])
  })
})
