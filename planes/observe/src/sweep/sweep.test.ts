// Proof on both databases that names nobody uses any more go, and that nobody ever finds a row without its name, however
// syncs, deletions and sweeps run into one another.
// When data is deleted is life/.
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { createFakeClock, silentLog } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { sql } from 'kysely'
import { createEndings } from '../life/endings.ts'
import { noteLives } from '../life/lives.ts'
import { itemPayload, npmItem, openTestFleet, operator, type TestFleet } from '../testing/fleet.ts'
import { sweepNames } from './sweep.ts'

const startMs = Date.UTC(2026, 5, 2, 12)
const fleet = [1, 2, 3].map((no) => ({ no, enrolledMs: startMs, lastContactMs: startMs }))
const never = new AbortController().signal

eachEngine((engine) => {
  let told: TestFleet
  let sequence = 0
  beforeEach(async () => {
    told = await openTestFleet(engine, fleet)
    sequence = 0
  })
  afterEach(() => told.close())

  const tell = (no: number, name: string, path?: string, kind: 'added' | 'removed' = 'added') => {
    sequence += 1
    const payload = itemPayload(npmItem(name, '1.0.0', path))
    return told.tell(no, [{ sequence, kind, atMs: startMs, collectedMs: startMs, payload }], startMs)
  }
  const forget = async (no: number): Promise<void> => {
    const clock = createFakeClock(startMs + 60_000)
    const turn = { tenantId: operator.tenantId, deviceNo: no, deviceId: `dev_${no}`, atMs: startMs, throughMs: startMs }
    await told.storage.write((tx) => noteLives(tx, [{ ...turn, what: 'data_deletion' }]))
    const devices = { finishDataDeletion: async () => {} }
    const endings = createEndings({ storage: told.storage, devices, clock, log: silentLog, lookEveryMs: 60_000 })
    await endings.run()
    await endings.close()
  }
  const texts = async (table: string, column: string): Promise<unknown[]> => {
    const rows = await told.storage.db.selectFrom(table).select(column).orderBy(column).execute()
    return rows.map((row) => row[column])
  }
  const coordinates = () => texts('observe_coordinate', 'name')
  const nameless = async (): Promise<number> => {
    const { rows } = await sql<{ count: number }>`select count(*) as count from (
      select path_no, label_no, content_no from observe_present union all
      select path_no, label_no, content_no from observe_past) as held
      where path_no not in (select path_no from observe_path) or label_no not in (select label_no from observe_label)
      or (content_no is not null and content_no not in (select content_no from observe_content))`.execute(
      told.storage.db,
    )
    return rows[0]?.count ?? 0
  }

  test('the names only one device used go with its data, those of others stay', async () => {
    await tell(1, 'secret-project', '/home/ada/secret/package-lock.json')
    await tell(1, 'shared')
    await tell(1, 'gone-before', '/home/ada/gone/package-lock.json')
    await tell(1, 'gone-before', '/home/ada/gone/package-lock.json', 'removed')
    await tell(2, 'shared')
    await forget(1)
    assert.deepEqual(await coordinates(), ['shared'])
    assert.deepEqual(await texts('observe_content', 'name'), ['shared'])
    assert.deepEqual(await texts('observe_path', 'path'), ['/home/ada/app/package-lock.json'])
    assert.equal((await texts('observe_label', 'label')).length, 1)
    assert.deepEqual(await texts('observe_leaving_name', 'kind'), [])
  })

  test('what only a removal said of an item goes with the rest, and what is held stays', async () => {
    const path = '/home/ada/app/package-lock.json'
    const toldAs = (detail: string | null, kind: 'added' | 'removed') => {
      sequence += 1
      const payload = itemPayload({ ...npmItem('changed', '1.0.0'), detail })
      return told.tell(1, [{ sequence, kind, atMs: startMs, collectedMs: startMs, payload }], startMs)
    }
    const details = () => texts('observe_content', 'detail')
    await toldAs('as it came', 'added')
    await toldAs('as it went', 'removed')
    await tell(2, 'stays', path)
    await tell(3, 'leaves', '/srv/package-lock.json')
    assert.deepEqual(new Set(await details()), new Set(['as it came', 'as it went', null]))
    await forget(3)
    assert.deepEqual(new Set(await details()), new Set(['as it came', null]))
    assert.deepEqual(await coordinates(), ['changed', 'stays'])
    assert.equal(await nameless(), 0)
    await toldAs('as it went', 'added')
    assert.equal(await nameless(), 0)
  })

  test('a name that went is a new one when somebody tells of it again, whatever was remembered of it', async () => {
    await tell(1, 'comes-back')
    await tell(2, 'comes-back', '/srv/other/package-lock.json')
    await tell(2, 'comes-back', '/srv/other/package-lock.json', 'removed')
    await forget(1)
    await forget(2)
    assert.deepEqual(await coordinates(), [])
    await tell(3, 'comes-back')
    assert.equal(await nameless(), 0)
    assert.deepEqual(await coordinates(), ['comes-back'])
    assert.deepEqual(await texts('observe_path', 'path'), ['/home/ada/app/package-lock.json'])
  })

  test('a sweep that was cut off is taken up by the next', async () => {
    await tell(1, 'left-over')
    await told.storage.write(async (tx) => {
      await tx.updateTable('observe_sweep').set({ sweep_no: 7, under_way: 1 }).execute()
    })
    await tell(1, 'left-over', '/srv/package-lock.json')
    await forget(1)
    assert.deepEqual(await coordinates(), [])
    assert.deepEqual(await texts('observe_sweep', 'under_way'), [0])
  })

  test('syncs, deletions and sweeps at the same time leave no row without its name, and in the end no name unused', async () => {
    const step = fc.record({
      no: fc.constantFrom(2, 3),
      name: fc.constantFrom('a', 'b', 'c'),
      path: fc.constantFrom('/x', '/y'),
      kind: fc.constantFrom('added' as const, 'removed' as const),
      isForgotten: fc.constantFrom(false, false, true),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const running: Promise<unknown>[] = []
        for (const { no, name, path, kind, isForgotten } of steps) {
          running.push(tell(no, name, path, kind))
          if (isForgotten) running.push(forget(no))
        }
        await Promise.all(running)
        assert.equal(await nameless(), 0)
      }),
      { numRuns: 15 },
    )
    await forget(2)
    await forget(3)
    await sweepNames(told.storage, never)
    const left = [await coordinates(), await texts('observe_path', 'path'), await texts('observe_label', 'label')]
    assert.deepEqual(left, [[], [], []])
  })
})
