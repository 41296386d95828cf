// Events and findings over time on both engines: the same whether the tallies counted them already or not, for a whole
// tenant and for some devices of it, and still there when old events were purged. Windows are decide.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ActivityPoint, type ReplyOf, type readActivity, type Severity } from '@muster/contract'
import type { KnownOperator } from '@muster/identity'
import { createFakeClock, silentLog } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { observeMigrations } from '../room-migrations.ts'
import { type Gone, holdMark } from '../tally/store.ts'
import { createTallies } from '../tally/tally.ts'
import { serveActivity } from './activity.ts'

const startMs = Date.UTC(2026, 5, 15)
const hourMs = 3_600_000

let sequence = 0
/** A pack of so many events that came together. */
const pack = (tenant_id: string, device_no: number, received_ms: number, event_count = 1) => ({
  tenant_id,
  device_no,
  epoch: 1,
  filter_no: 1,
  event_count,
  received_ms,
  surfaces: 'javascriptPackages',
  heads: new Uint8Array([1]),
  payloads: new Uint8Array([1]),
})

const finding = (tenant_id: string, device_no: number, severity: Severity, first_observed_ms: number) => {
  sequence += 1
  return {
    finding_id: `fnd_${sequence}`,
    tenant_id,
    device_no,
    group_key: Buffer.from(String(sequence)),
    surface: 's',
    item_id: 'i',
    item_name: 'n',
    rule_id: 'r',
    title: 't',
    rationale: '',
    severity,
    evidence: '{}',
    count: 3,
    first_observed_ms,
    last_observed_ms: first_observed_ms + hourMs,
  }
}

eachEngine((engine) => {
  const open = async () => {
    const clock = createFakeClock(startMs + 5 * hourMs)
    const storage = await openTestStorage(engine, [observeMigrations])
    const tallies = createTallies({ storage, clock, log: silentLog })
    let own: readonly number[] | undefined
    const served = serveActivity({ storage, devices: { historyNos: () => own }, clock })
    const ask = async (tenantId: string, deviceNos?: readonly number[]): Promise<ReplyOf<typeof readActivity>> => {
      own = deviceNos
      const query = { from: new Date(startMs).toISOString(), resolution: 'hour' } as const
      const answer = await served.handle({ speaker: { tenantId } as KnownOperator, query } as never)
      assert.ok(answer.ok)
      return answer.value as ReplyOf<typeof readActivity>
    }
    const close = async (): Promise<void> => {
      await tallies.close()
      await storage.close()
    }
    return { storage, tallies, clock, ask, [Symbol.asyncDispose]: close }
  }

  const fill = (storage: Storage): Promise<void> =>
    storage.write(async (tx) => {
      const rows = [
        pack('a', 1, startMs),
        pack('a', 2, startMs + hourMs, 2),
        pack('a', 1, startMs + hourMs + 1),
        pack('a', 1, startMs + 3 * hourMs),
      ]
      await tx
        .insertInto('observe_event_pack')
        .values([...rows, pack('b', 9, startMs)])
        .execute()
      await tx
        .insertInto('observe_finding')
        .values([
          finding('a', 1, 'critical', startMs + hourMs),
          finding('a', 2, 'info', startMs + hourMs + 1),
          finding('a', 1, 'info', startMs - 1),
          finding('b', 9, 'critical', startMs),
        ])
        .execute()
    })

  const eventsOf = (items: readonly ActivityPoint[]): readonly number[] => items.map(({ events }) => events)

  test('the hours are the same before and after they are tallied, and after old events went', async () => {
    await using opened = await open()
    const { storage, tallies, clock, ask } = opened
    await fill(storage)
    const before = await ask('a')
    assert.deepEqual(eventsOf(before.items), [1, 3, 0, 1, 0, 0])
    assert.deepEqual(before.items[1]?.findings, { info: 1, notable: 0, suspicious: 0, critical: 1 })
    assert.equal(before.isExact, true)
    clock.advance(70_000)
    await tallies.run()
    assert.deepEqual(await ask('a'), before)
    assert.deepEqual(eventsOf((await ask('b')).items), [1, 0, 0, 0, 0, 0])
    await storage.write(async (tx) => {
      const takeOff = await holdMark(tx, 'event')
      const old = tx.deleteFrom('observe_event_pack').where('received_ms', '<', startMs + 2 * hourMs)
      const gone = await old
        .returning(['pack_no as no', 'tenant_id as tenantId', 'event_count as count'])
        .$castTo<Gone>()
        .execute()
      await takeOff(gone)
    })
    assert.deepEqual(await ask('a'), before)
    await storage.write(async (tx) => {
      await tx
        .insertInto('observe_event_pack')
        .values(pack('a', 1, startMs + 4 * hourMs))
        .execute()
    })
    assert.deepEqual(eventsOf((await ask('a')).items), [1, 3, 0, 1, 1, 0])
  })

  test('who sees some devices is told of those alone', async () => {
    await using opened = await open()
    const { storage, tallies, clock, ask } = opened
    await fill(storage)
    for (const isTallied of [false, true]) {
      if (isTallied) {
        clock.advance(70_000)
        await tallies.run()
      }
      const { items } = await ask('a', [2])
      assert.deepEqual(eventsOf(items), [0, 2, 0, 0, 0, 0])
      assert.deepEqual(items[1]?.findings, { info: 1, notable: 0, suspicious: 0, critical: 0 })
      assert.deepEqual(eventsOf((await ask('a', [])).items), [0, 0, 0, 0, 0, 0])
    }
  })
})
