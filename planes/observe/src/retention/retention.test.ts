// Proof that what is old enough goes, for each tenant what it set, on both engines, and that nothing else does.
// When a purge runs, and what is recorded of it, is the server's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFakeClock, silentLog } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { observeMigrations } from '../room-migrations.ts'
import { createTallies } from '../tally/tally.ts'
import { type ObserveCutoffs, type PurgeOrder, type PurgePlan, purgeObserved } from './retention.ts'
import { findFirstKept } from './store.ts'

interface Row {
  readonly tenant?: string
  readonly device?: number
  readonly atMs: number
}

const letter = ({ tenant = 'default', device = 1, atMs }: Row) => ({
  tenant_id: tenant,
  device_no: device,
  event_id: `e${atMs}`,
  sequence: atMs,
  code: 'invalid_payload',
  raw: new Uint8Array([1]),
  received_ms: atMs,
})

const closed = ({ tenant = 'default', device = 1, atMs }: Row) => ({
  tenant_id: tenant,
  device_no: device,
  path_no: 1,
  label_no: atMs,
  content_no: 1,
  from_ms: 1,
  from_order: atMs,
  from_baseline: 0,
  to_ms: atMs,
  to_order: atMs,
  to_kind: 0,
  confirmed_ms: atMs,
})

const finding = (index: number) => ({
  finding_id: `fnd_${index}`,
  tenant_id: 'default',
  device_no: 1,
  group_key: new Uint8Array([index]),
  surface: 'javascriptPackages',
  item_id: 'i',
  item_name: 'i',
  rule_id: 'r',
  title: 't',
  rationale: 'r',
  severity: 'notable',
  evidence: '{}',
  count: 1,
  first_observed_ms: 1,
  last_observed_ms: 1,
})

const store = (storage: Storage, rows: readonly Row[]): Promise<void> =>
  storage.write(async (tx) => {
    for (let from = 0; from < rows.length; from += 100) {
      const some = rows.slice(from, from + 100)
      await tx.insertInto('observe_dead_letter').values(some.map(letter)).execute()
      await tx.insertInto('observe_past').values(some.map(closed)).execute()
    }
  })

const cutoffs = (deadLettersBeforeMs: number, intervalsBeforeMs = 0): ObserveCutoffs => ({
  eventsBeforeMs: deadLettersBeforeMs,
  deadLettersBeforeMs,
  intervalsBeforeMs,
  findingsBeforeMs: intervalsBeforeMs,
})

const planOf = (others: ObserveCutoffs, more: Partial<PurgePlan> = {}): PurgePlan => ({
  tenants: new Map(),
  others,
  heldDeviceNos: [],
  ...more,
})

/** What went, by tenant and kind. */
const purge = async (storage: Storage, plan: PurgePlan, more: Partial<PurgeOrder> = {}) => {
  const gone: Record<string, number> = {}
  const order = { plan, guard: async () => undefined, signal: new AbortController().signal, ...more }
  await purgeObserved(storage, order, (tenantId, purged, count) => {
    gone[`${tenantId} ${purged}`] = (gone[`${tenantId} ${purged}`] ?? 0) + count
  })
  return gone
}

const left = async (storage: Storage): Promise<readonly string[]> => {
  const rows = await storage.db.selectFrom('observe_dead_letter').select(['tenant_id', 'received_ms']).execute()
  return rows.map((row) => `${row['tenant_id']} ${row['received_ms']}`).toSorted()
}

eachEngine((engine) => {
  test('rows before their cutoff go, younger ones stay, and one told late stays until those before it go', async () => {
    await using storage = await openDisposable(engine)
    await store(
      storage,
      [10, 20, 90, 30].map((atMs) => ({ atMs })),
    )
    assert.deepEqual(await purge(storage, planOf(cutoffs(50, 15)), { signal: AbortSignal.abort() }), {})
    assert.deepEqual(await purge(storage, planOf(cutoffs(50, 15))), {
      'default deadLetters': 2,
      'default intervals': 1,
    })
    assert.deepEqual(await left(storage), ['default 30', 'default 90'])
    assert.deepEqual(await purge(storage, planOf(cutoffs(100, 100))), {
      'default deadLetters': 2,
      'default intervals': 3,
    })
  })

  test('each tenant keeps what it set; a tenant or a device on hold keeps everything', async () => {
    await using storage = await openDisposable(engine)
    await store(storage, [
      { tenant: 'short', atMs: 40 },
      { tenant: 'plain', atMs: 40 },
      { tenant: 'plain', atMs: 20 },
      { tenant: 'plain', device: 2, atMs: 10 },
      { tenant: 'held', atMs: 10 },
      { tenant: 'short', atMs: 60 },
    ])
    const tenants = new Map([
      ['short', cutoffs(50)],
      ['held', cutoffs(0)],
    ])
    const gone = await purge(storage, planOf(cutoffs(30), { tenants, heldDeviceNos: [2] }))
    assert.deepEqual(gone, { 'short deadLetters': 1, 'plain deadLetters': 1 })
    assert.deepEqual(await left(storage), ['held 10', 'plain 10', 'plain 40', 'short 60'])
  })

  test('findings go when they were resolved long enough ago, and stay while they are open', async () => {
    await using storage = await openDisposable(engine)
    await storage.write(async (tx) => {
      for (const [index, resolved_ms] of [10, 90, null].entries())
        await tx
          .insertInto('observe_finding')
          .values({ ...finding(index), state: resolved_ms === null ? 'open' : 'resolved', resolved_ms })
          .execute()
    })
    assert.deepEqual(await purge(storage, planOf(cutoffs(0, 50))), { 'default findings': 1 })
    const rows = await storage.db.selectFrom('observe_finding').select('finding_id').orderBy('finding_id').execute()
    assert.deepEqual(
      rows.map((row) => row['finding_id']),
      ['fnd_1', 'fnd_2'],
    )
  })

  test('a plan that changed meanwhile stops the purge before it deletes', async () => {
    await using storage = await openDisposable(engine)
    await store(storage, [{ atMs: 10 }])
    const guard = async (): Promise<void> => {
      throw new Error('the plan changed')
    }
    await assert.rejects(purge(storage, planOf(cutoffs(50)), { guard }), /the plan changed/)
    assert.deepEqual(await left(storage), ['default 10'])
  })

  test('what went is taken off the tally', async () => {
    await using storage = await openDisposable(engine)
    await using tallies = disposable(createTallies({ storage, clock: createFakeClock(10_000_000), log: silentLog }))
    await store(
      storage,
      Array.from({ length: 200 }, (_, index) => ({ atMs: index })),
    )
    await tallies.run()
    await store(storage, [{ atMs: 5 }])
    await purge(storage, planOf(cutoffs(150)))
    assert.deepEqual(await tallies.of('default', 'deadLetter'), { count: 51, isExact: true })
    await purge(storage, planOf(cutoffs(1000)))
    assert.deepEqual(await tallies.of('default', 'deadLetter'), { count: 0, isExact: true })
    await store(storage, [{ atMs: 2000 }])
    assert.deepEqual(await tallies.of('default', 'deadLetter'), { count: 1, isExact: true })
  })

  test('halving finds where old rows end, though some were told late and numbers are missing', async () => {
    await using storage = await openDisposable(engine)
    const timed = { table: 'observe_dead_letter', key: 'dead_letter_no', moment: 'received_ms' }
    assert.equal(await findFirstKept(storage.db, timed, 1), Number.MAX_SAFE_INTEGER)
    const late = new Set([150, 151, 420, 777])
    await store(
      storage,
      Array.from({ length: 1000 }, (_, index) => ({ atMs: late.has(index) ? 3 : index })),
    )
    await storage.write((tx) => tx.deleteFrom(timed.table).where(timed.key, '<', 60).execute())
    await storage.write((tx) =>
      tx.deleteFrom(timed.table).where('received_ms', '>', 500).where('received_ms', '<', 700).execute(),
    )
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1100 }), async (beforeMs) => {
        const kept = await storage.db
          .selectFrom(timed.table)
          .select(timed.key)
          .where(timed.moment, '>=', beforeMs)
          .orderBy(timed.key)
          .limit(1)
          .executeTakeFirst()
        assert.equal(await findFirstKept(storage.db, timed, beforeMs), kept?.[timed.key] ?? Number.MAX_SAFE_INTEGER)
      }),
      { numRuns: 60 },
    )
  })
})

const openDisposable = async (engine: Storage['engine']) =>
  Object.assign(await openTestStorage(engine, [observeMigrations]), {
    async [Symbol.asyncDispose](this: Storage) {
      await this.close()
    },
  })

const disposable = <T extends { close(): Promise<void> }>(thing: T) =>
  Object.assign(thing, { [Symbol.asyncDispose]: () => thing.close() })
