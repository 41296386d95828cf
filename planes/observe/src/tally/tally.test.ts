// Proof that tallies say what a count would say, whatever came, went and was cut off in which order, on both engines.
// That purges take off what they delete is proved in retention/.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, silentLog } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { observeMigrations } from '../room-migrations.ts'
import { advanceMark, findChunk, holdMark, loadTally } from './store.ts'
import { createTallies } from './tally.ts'

const letter = (tenant_id: string, received_ms: number) => ({
  tenant_id,
  device_no: 1,
  event_id: 'e',
  sequence: 1,
  code: 'invalid_payload',
  raw: new Uint8Array([1]),
  received_ms,
})

const insert = (storage: Storage, tenantId: string, count: number, atMs: number): Promise<void> =>
  storage.write(async (tx) => {
    for (let index = 0; index < count; index += 1)
      await tx.insertInto('observe_dead_letter').values(letter(tenantId, atMs)).execute()
  })

/** Every so-manieth row, and the newest ones too, whose numbers SQLite gives again. */
const remove = (storage: Storage, every: number): Promise<void> =>
  storage.write(async (tx) => {
    const takeOff = await holdMark(tx, 'deadLetter')
    const rows = await tx.selectFrom('observe_dead_letter').select(['dead_letter_no', 'tenant_id']).execute()
    const gone = rows
      .map((row) => ({ no: row['dead_letter_no'] as number, tenantId: row['tenant_id'] as string, count: 1 }))
      .toSorted((one, other) => other.no - one.no)
      .filter((_, index) => index % every === 0)
    if (gone.length > 0)
      await tx
        .deleteFrom('observe_dead_letter')
        .where(
          'dead_letter_no',
          'in',
          gone.map(({ no }) => no),
        )
        .execute()
    await takeOff(gone)
  })

const counted = async (storage: Storage, tenantId: string): Promise<number> =>
  (
    await storage.db
      .selectFrom('observe_dead_letter')
      .select('dead_letter_no')
      .where('tenant_id', '=', tenantId)
      .execute()
  ).length

type Step = { readonly do: 'insert' | 'remove' | 'run' | 'later'; readonly tenant: string; readonly count: number }

const step = fc.record<Step>({
  do: fc.constantFrom('insert', 'insert', 'remove', 'run', 'later'),
  tenant: fc.constantFrom('a', 'b'),
  count: fc.integer({ min: 1, max: 5 }),
})

eachEngine((engine) => {
  const open = async () => {
    const clock = createFakeClock(Date.UTC(2026, 5, 1))
    const storage = await openTestStorage(engine, [observeMigrations])
    // Counts when it is told to, and not in the middle of a test.
    const tallies = createTallies({ storage, clock, log: silentLog, everyMs: 3600_000 })
    const close = async (): Promise<void> => {
      await tallies.close()
      await storage.close()
    }
    return { clock, storage, tallies, [Symbol.asyncDispose]: close }
  }

  test('a tally says what a count would, after any steps in any order', async () => {
    await using opened = await open()
    const { clock, storage, tallies } = opened
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { do: what, tenant, count } of steps) {
          if (what === 'insert') await insert(storage, tenant, count, clock.nowMs())
          if (what === 'remove') await remove(storage, count)
          if (what === 'run') await tallies.run()
          if (what === 'later') clock.advance(70_000)
          for (const each of ['a', 'b'])
            assert.deepEqual(await tallies.of(each, 'deadLetter'), {
              count: await counted(storage, each),
              isExact: true,
            })
        }
      }),
      { numRuns: 15 },
    )
  })

  test('rows are counted once when two servers count at once, and again when some went meanwhile', async () => {
    await using opened = await open()
    const { storage, tallies } = opened
    await insert(storage, 'a', 10, 0)
    const chunk = await findChunk(storage.db, 'deadLetter', Number.MAX_SAFE_INTEGER)
    assert.deepEqual(chunk.counts, [{ tenantId: 'a', count: 10 }])
    await storage.write((tx) => advanceMark(tx, 'deadLetter', chunk))
    await storage.write((tx) => advanceMark(tx, 'deadLetter', chunk))
    assert.equal((await tallies.of('a', 'deadLetter')).count, 10)
    await insert(storage, 'a', 4, 0)
    const stale = await findChunk(storage.db, 'deadLetter', Number.MAX_SAFE_INTEGER)
    await remove(storage, 2)
    await storage.write((tx) => advanceMark(tx, 'deadLetter', stale))
    assert.equal((await tallies.of('a', 'deadLetter')).count, 7)
    await tallies.run()
    assert.equal((await tallies.of('a', 'deadLetter')).count, 7)
  })

  test('one run counts more rows than one statement does', async () => {
    await using opened = await open()
    const { clock, storage, tallies } = opened
    await insert(storage, 'a', 5001, clock.nowMs())
    clock.advance(70_000)
    await tallies.run()
    assert.equal((await loadTally(storage.db, 'a', 'deadLetter')).count, 5001)
  })

  test('a row that came a moment ago is not passed by, because a lower number may still appear', async () => {
    await using opened = await open()
    const { storage } = opened
    await insert(storage, 'a', 2, 100)
    await insert(storage, 'a', 1, 900)
    await insert(storage, 'a', 2, 200)
    const chunk = await findChunk(storage.db, 'deadLetter', 500)
    assert.deepEqual(chunk.counts, [{ tenantId: 'a', count: 2 }])
  })
})
