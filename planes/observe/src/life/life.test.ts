// What becomes of what a device reported when its life ends, begins again, or is to be forgotten; on both databases.
// Who may end a life is identity's; the whole way through the API is tests/flow/lives.test.ts.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import type { Payload } from '@muster/contract'
import type { LifeTurn } from '@muster/identity'
import { createFakeClock, silentLog } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { findingPayload, itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { createEndings, type Endings } from './endings.ts'
import { noteLives } from './lives.ts'

const startMs = Date.UTC(2026, 5, 2, 12)
const minuteMs = 60_000
const graceMs = 10_000
const fleet = [1, 2].map((no) => ({ no, enrolledMs: startMs - minuteMs, lastContactMs: startMs }))

const finding = (name: string): Payload => findingPayload(name, '1.0.0', startMs, null)

eachEngine((engine) => {
  let told: TestFleet
  let endings: Endings
  let clock: ReturnType<typeof createFakeClock>
  const finished: [string, Readonly<Record<string, number>>][] = []

  const scan = (atMs: number, firstSequence = 1) =>
    ['axios', 'left-pad'].map((name, index) => ({
      sequence: firstSequence + index,
      atMs,
      collectedMs: atMs,
      payload: itemPayload(npmItem(name, '1.0.0')),
    }))

  beforeEach(async () => {
    told = await openTestFleet(engine, fleet)
    clock = createFakeClock(startMs)
    finished.length = 0
    endings = createEndings({
      storage: told.storage,
      devices: {
        async finishDataDeletion(_tenantId, deviceId, counts) {
          finished.push([deviceId, counts])
        },
      },
      clock,
      log: silentLog,
      lookEveryMs: minuteMs,
    })
    for (const { no } of fleet) {
      await told.tell(no, scan(startMs), startMs)
      await told.tell(no, [{ sequence: 3, kind: 'modified', atMs: startMs, payload: finding('axios') }], startMs)
    }
  })
  afterEach(async () => {
    await endings.close()
    await told.close()
  })

  const turn = (what: LifeTurn['what'], deviceNo: number, throughMs = clock.nowMs()): LifeTurn => ({
    what,
    tenantId: operator.tenantId,
    deviceNo,
    deviceId: `dev_${deviceNo}`,
    atMs: clock.nowMs(),
    throughMs,
  })
  const note = (...turns: readonly LifeTurn[]) => told.storage.write((tx) => noteLives(tx, turns))
  const rows = async (table: string, deviceNo: number, ...columns: readonly string[]) =>
    (await told.storage.db.selectFrom(table).selectAll().where('device_no', '=', deviceNo).execute()).map((row) =>
      columns.map((column) => row[column]),
    )
  const open = async (deviceNo: number) =>
    (await rows('observe_present', deviceNo, 'content_no')).filter(([contentNo]) => contentNo !== null).length
  const states = (deviceNo: number) =>
    rows('observe_finding', deviceNo, 'state', 'resolution', 'resolved_by', 'reopen_count', 'transitions')
  const left = async () => (await told.storage.db.selectFrom('observe_ending').selectAll().execute()).length

  test('an ended life closes its intervals and resolves its findings, and nobody else notices', async () => {
    await note(turn('ended', 1, startMs + 7))
    await endings.run()
    assert.equal(await open(1), 0)
    assert.deepEqual(await rows('observe_past', 1, 'to_ms', 'to_kind', 'from_baseline'), [
      [startMs + 7, 2, 1],
      [startMs + 7, 2, 1],
    ])
    assert.deepEqual(await states(1), [['resolved', 'device_retired', 'system', 0, 1]])
    assert.equal(await open(2), 2)
    assert.deepEqual(await states(2), [['open', null, null, 0, 0]])
  })

  test('an interval never ends before it began, whatever the clocks say', async () => {
    await note(turn('ended', 1, startMs - minuteMs))
    await endings.run()
    assert.deepEqual(await rows('observe_past', 1, 'from_ms', 'to_ms'), [
      [startMs, startMs],
      [startMs, startMs],
    ])
  })

  test('what was under way when a life ended is closed as well, until nothing can be under way any more', async () => {
    await note(turn('ended', 1))
    await endings.run()
    await told.tell(1, [{ sequence: 4, atMs: startMs, payload: itemPayload(npmItem('late', '1.0.0')) }], startMs)
    assert.equal(await open(1), 1)
    await endings.run()
    assert.deepEqual([await open(1), await left()], [0, 1])
    clock.advance(graceMs)
    await endings.run()
    assert.equal(await left(), 0)
    await endings.run()
    assert.equal((await rows('observe_past', 1)).length, 3)
  })

  test('a life that begins again is unknown until a fresh first scan, which opens new intervals and findings', async () => {
    await note(turn('ended', 1))
    await endings.run()
    clock.advance(minuteMs)
    await note(turn('begun_again', 1))
    assert.deepEqual(await rows('observe_coverage', 1), [])
    assert.equal(await left(), 0)
    assert.deepEqual(await rows('observe_sensor', 1, 'resnapshot_requested'), [[1]])
    await told.tell(1, scan(clock.nowMs(), 4), clock.nowMs())
    const hit = { sequence: 6, kind: 'modified' as const, atMs: clock.nowMs(), payload: finding('axios') }
    await told.tell(1, [hit], clock.nowMs())
    await endings.run()
    assert.equal(await open(1), 2)
    assert.deepEqual(await rows('observe_present', 1, 'from_ms', 'from_baseline'), [
      [clock.nowMs(), 1],
      [clock.nowMs(), 1],
    ])
    assert.equal((await rows('observe_past', 1)).length, 2)
    assert.deepEqual(await rows('observe_coverage', 1, 'baseline', 'first_collected_ms'), [[1, clock.nowMs()]])
    assert.deepEqual(await states(1), [['open', null, null, 1, 2]])
  })

  test('an event of the ended life that comes late does not close the time between two lives', async () => {
    const item = itemPayload(npmItem('axios', '1.0.0'))
    await told.tell(1, [{ sequence: 7, atMs: startMs + 3, payload: item }], startMs + 4)
    clock.advance(minuteMs)
    await note(turn('ended', 1))
    await endings.run()
    clock.advance(minuteMs)
    await note(turn('begun_again', 1))
    await told.tell(1, [{ sequence: 9, atMs: clock.nowMs(), payload: item }], clock.nowMs())
    await told.tell(1, [{ sequence: 6, atMs: startMs + 2, payload: item }], clock.nowMs())
    assert.equal(await open(1), 1)
    assert.deepEqual(await rows('observe_past', 1, 'to_ms', 'to_kind'), [
      [startMs + minuteMs, 2],
      [startMs + minuteMs, 2],
    ])
    assert.deepEqual(
      (await rows('observe_present', 1, 'content_no', 'from_ms'))
        .filter(([contentNo]) => contentNo !== null)
        .at(0)?.[1],
      startMs + 2 * minuteMs,
    )
  })

  test('a device that is back before everything was closed keeps the rest', async () => {
    await note(turn('ended', 1))
    await note(turn('begun_again', 1))
    await endings.run()
    assert.equal(await open(1), 2)
    assert.deepEqual(await states(1), [['open', null, null, 0, 0]])
  })

  test('data goes, is counted, and its end is told once nothing can come any more', async () => {
    await told.storage.write((tx) =>
      tx
        .insertInto('observe_dead_letter')
        .values({
          tenant_id: operator.tenantId,
          device_no: 1,
          event_id: 'e',
          sequence: 9,
          code: 'invalid_payload',
          raw: new Uint8Array([1]),
          received_ms: startMs,
        })
        .execute(),
    )
    await note(turn('ended', 1))
    await endings.run()
    await note(turn('data_deletion', 1))
    await endings.run()
    const kept = [
      'observe_event_pack',
      'observe_event_filter',
      'observe_present',
      'observe_past',
      'observe_finding',
      'observe_coverage',
      'observe_dead_letter',
    ]
    for (const table of kept) assert.deepEqual(await rows(table, 1), [], table)
    assert.deepEqual(finished, [])
    clock.advance(graceMs)
    await endings.run()
    const counts = { surfaces: 1, items: 2, intervals: 2, findings: 1, events: 3, deadLetters: 1 }
    assert.deepEqual(finished, [['dev_1', counts]])
    await endings.run()
    assert.equal(finished.length, 1)
    assert.equal((await rows('observe_event_pack', 2)).length, 2)
    assert.equal(await open(2), 2)
    // The watermark stays, so that a device that comes back is not taken for a new one.
    assert.equal((await rows('observe_sync', 1)).length, 1)
  })

  test('a huge device is dealt with in many transactions, and others write in between', async () => {
    const items = 3000
    await told.storage.write(async (tx) => {
      for (let first = 0; first < items; first += 100)
        await tx
          .insertInto('observe_present')
          .values(
            Array.from({ length: 100 }, (_, index) => ({
              tenant_id: operator.tenantId,
              device_no: 1,
              path_no: 1000 + Math.floor((first + index) / 7),
              label_no: first + index,
              content_no: 1,
              from_ms: startMs,
              from_order: 1,
              from_baseline: 0,
              confirmed_ms: startMs,
              last_order: 1,
            })),
          )
          .execute()
    })
    await note(turn('ended', 1))
    const commits = told.storage.measure().commits
    let isDone = false
    const run = endings.run().then(() => {
      isDone = true
    })
    await note(turn('ended', 2))
    assert.equal(isDone, false, 'another write came through before the end')
    await run
    assert.ok(told.storage.measure().commits - commits > 5, 'many transactions')
    assert.equal(await open(1), 0)
    assert.equal((await rows('observe_past', 1)).length, items + 2)
  })

  test('a run that is stopped goes on after a restart, and counts what went before', async () => {
    await note(turn('data_deletion', 1))
    await endings.close()
    await endings.run()
    assert.equal(await left(), 1)
    const after = createEndings({
      storage: told.storage,
      devices: { finishDataDeletion: async (_tenantId, deviceId, counts) => void finished.push([deviceId, counts]) },
      clock,
      log: silentLog,
      lookEveryMs: minuteMs,
    })
    clock.advance(graceMs)
    await after.run()
    await after.close()
    assert.equal(finished[0]?.[1]['events'], 3)
  })
})
