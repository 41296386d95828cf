// Proof on both engines that the history is gapless, that the database itself keeps it, and that bending it shows.
// The arithmetic of hashes is tested with the chain.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AuditEntry, type AuditStatement } from '@muster/contract'
import { createFakeClock, toIso } from '@muster/kernel'
import { type Engine, isStoreBusy, type Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import * as fc from 'fast-check'
import { sql } from 'kysely'
import { GENESIS } from '../chain/link.ts'
import { verifyChain } from '../chain/verify.ts'
import { ledgerMigrations } from '../migrations.ts'
import { createLedger, type Ledger } from './history.ts'

const clock = createFakeClock()
let tenants = 0

const statement = (tenantId: string, change: Partial<AuditStatement> = {}): AuditStatement => ({
  tenantId,
  occurredAt: toIso(clock.nowMs()),
  actor: { type: 'operator', id: 'opr_1', displayName: 'Ada', ip: '192.0.2.1' },
  action: 'device.revoked',
  target: { type: 'device', id: 'dev_1' },
  outcome: 'success',
  requestId: 'req_1',
  details: { reason: 'lost' },
  ...change,
})

const collected = async (entries: AsyncIterable<AuditEntry>): Promise<AuditEntry[]> => {
  const all: AuditEntry[] = []
  for await (const entry of entries) all.push(entry)
  return all
}

/** What an intruder with the database's password does first. */
const disarm = async (storage: Storage, engine: Engine): Promise<void> => {
  await storage.write(async (tx) => {
    if (engine === 'postgres') await sql`alter table ledger_entry disable trigger all`.execute(tx)
    else for (const moment of ['update', 'delete']) await sql.raw(`drop trigger ledger_entry_${moment}`).execute(tx)
  })
}

eachEngine((engine) => {
  let storage: Storage
  let ledger: Ledger
  let tenantId: string

  before(async () => {
    storage = await openTestStorage(engine, [ledgerMigrations])
    ledger = createLedger({ storage, clock })
  })
  after(() => storage.close())

  const say = (...statements: AuditStatement[]) => storage.write((tx) => ledger.appendMany(tx, statements))
  const fresh = (): string => (tenantId = `tenant_${tenants++}`)
  const filled = async (count: number): Promise<string> => {
    const id = fresh()
    await say(...Array.from({ length: count }, (_, index) => statement(id, { requestId: `req_${index + 1}` })))
    return id
  }
  const refusedBy = async (text: string, says: RegExp): Promise<void> => {
    await assert.rejects(
      storage.write((tx) => sql.raw(text).execute(tx)),
      says,
    )
  }

  test('an appended entry is what was said, with its place in the chain', async () => {
    const said = statement(fresh())
    const entry = await storage.write((tx) => ledger.append(tx, said))
    const { hash, ...rest } = entry
    assert.deepEqual(rest, { seq: 1, ...said, prevHash: GENESIS.hash })
    assert.match(hash, /^[0-9a-f]{64}$/)
    assert.deepEqual(await collected(ledger.export(tenantId)), [entry])
    assert.deepEqual(AuditEntry.parse(entry), entry)
  })

  test('a transaction that rolls back leaves neither an entry nor a gap', async () => {
    await filled(2)
    const failed = storage.write(async (tx) => {
      await ledger.append(tx, statement(tenantId))
      throw new Error('something after it failed')
    })
    await assert.rejects(failed, /something after it failed/)
    const [entry] = await say(statement(tenantId))
    assert.equal(entry?.seq, 3)
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 3 })
  })

  test('several appends of one transaction follow each other', async () => {
    fresh()
    await storage.write(async (tx) => {
      await ledger.append(tx, statement(tenantId))
      await ledger.appendMany(tx, [statement(tenantId), statement(tenantId)])
    })
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 3 })
  })

  test('statements of several tenants go to chains of their own and come back in order', async () => {
    const [one, two] = [fresh(), fresh()]
    const entries = await say(statement(two), statement(one), statement(two), statement(one))
    assert.deepEqual(
      entries.map((entry) => [entry.tenantId, entry.seq]),
      [two, one, two, one].map((id, index) => [id, index < 2 ? 1 : 2]),
    )
    assert.deepEqual(await ledger.verify(one), { ok: true, checked: 2 })
    assert.ok((await ledger.tenantIds()).includes(two))
  })

  test('concurrent writers of two tenants make gapless chains, whoever fails in between', async () => {
    const attempt = fc.record({ who: fc.nat(1), count: fc.integer({ min: 1, max: 4 }), fails: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { minLength: 1, maxLength: 24 }), async (attempts) => {
        const ids = [fresh(), fresh()]
        const write = async ({ who, count, fails }: (typeof attempts)[number]): Promise<void> => {
          const said = Array.from({ length: count }, (_, index) => statement(ids[(who + index) % 2]!))
          await storage.write(async (tx) => {
            await ledger.appendMany(tx, said)
            if (fails) throw new Error('rolled back on purpose')
          })
        }
        await Promise.allSettled(attempts.map(write))
        const kept = attempts.filter(({ fails }) => !fails).reduce((sum, { count }) => sum + count, 0)
        const verdicts = await Promise.all(ids.map((id) => ledger.verify(id)))
        assert.equal(
          verdicts.reduce((sum, { checked }) => sum + checked, 0),
          kept,
        )
        for (const id of ids) assert.equal(verifyChain(await collected(ledger.export(id)), GENESIS).bad, null)
        assert.ok(verdicts.every((verdict) => verdict.ok))
      }),
      { numRuns: 15 },
    )
  })

  test('the database refuses to change, lose or empty what was recorded', async () => {
    const id = await filled(2)
    await refusedBy(`update ledger_entry set action = 'x' where tenant_id = '${id}'`, /never changed/)
    await refusedBy(`delete from ledger_entry where tenant_id = '${id}'`, /checkpoint covers/)
    await refusedBy(`update ledger_head set seq = 0 where tenant_id = '${id}'`, /never goes back/)
    await refusedBy(`delete from ledger_head where tenant_id = '${id}'`, /never goes back/)
    await refusedBy(`insert into ledger_checkpoint values ('${id}', 2, 'made up', 0, 0)`, /must name an entry/)
    if (engine === 'postgres') await refusedBy('truncate ledger_entry', /never emptied/)
    assert.deepEqual(await ledger.verify(id), { ok: true, checked: 2 })
  })

  test('a page is filtered, newest first, and its cursor goes on where it ended', async () => {
    fresh()
    for (let index = 1; index <= 5; index++) {
      clock.advance(60_000)
      const outcome = index % 2 === 1 ? 'success' : 'refused'
      await say(
        statement(tenantId, { outcome, action: `a.${index}`, target: { type: 'device', id: `dev_${outcome}` } }),
      )
    }
    const seqs = async (query: Parameters<Ledger['list']>[1]) => {
      const page = await ledger.list(tenantId, query)
      assert.ok(page.ok)
      return page.value.items.map((entry) => entry.seq)
    }
    assert.deepEqual(await seqs({}), [5, 4, 3, 2, 1])
    assert.deepEqual(await seqs({ outcome: 'refused' }), [4, 2])
    assert.deepEqual(await seqs({ targetId: 'dev_success' }), [5, 3, 1])
    assert.deepEqual(await seqs({ targetIds: ['dev_success', 'dev_refused'] }), [5, 4, 3, 2, 1])
    assert.deepEqual(await seqs({ targetIds: [] }), [])
    assert.deepEqual(await seqs({ action: 'a.3' }), [3])
    assert.deepEqual(await seqs({ actorId: 'opr_2' }), [])
    const minute = 60_000
    const from = toIso(clock.nowMs() - 3 * minute)
    assert.deepEqual(await seqs({ from, to: toIso(clock.nowMs() - minute) }), [4, 3, 2])
    const first = await ledger.list(tenantId, { limit: '2' })
    assert.ok(first.ok && first.value.nextCursor !== null)
    const second = await ledger.list(tenantId, { limit: '3', cursor: first.value.nextCursor })
    assert.ok(second.ok)
    assert.deepEqual([second.value.items.map((entry) => entry.seq), second.value.nextCursor], [[3, 2, 1], null])
  })

  test('a cursor that no list gave out is refused', async () => {
    const page = await ledger.list(fresh(), { cursor: 'bm9uc2Vuc2U' })
    assert.equal(page.ok ? null : page.refusal.code, 'request_malformed')
  })

  test('a history longer than one query is exported and verified whole, and in parts', async () => {
    const id = await filled(1203)
    const entries = await collected(ledger.export(id))
    assert.equal(verifyChain(entries, GENESIS).checked, 1203)
    assert.deepEqual(await ledger.verify(id, 600, 700), { ok: true, checked: 101 })
    assert.deepEqual(await ledger.verify(id, 1200, 5000), { ok: true, checked: 4 })
    const part = await collected(ledger.export(id, 501, 503))
    assert.deepEqual(
      part.map((entry) => entry.seq),
      [501, 502, 503],
    )
  })

  test('what a hostile device said is kept bounded, and hashes', async () => {
    const half = 'a\ud800b'
    const [entry] = await say(
      statement(fresh(), {
        target: { type: 'device', id: `x\0${half}`.repeat(400) },
        details: { hostname: half, nested: [{ [half]: half }] },
      }),
      statement(tenantId, { details: { much: 'é'.repeat(8192) } }),
    )
    assert.equal(entry?.target.id.length, 512)
    assert.deepEqual(entry?.details, { hostname: 'a\ufffdb', nested: [{ 'a\ufffdb': 'a\ufffdb' }] })
    const kept = await collected(ledger.export(tenantId))
    const leftOut = kept[1]?.details['detailsLeftOut'] as { byteCount: number } | undefined
    assert.equal(leftOut?.byteCount, 16_395)
    assert.equal(verifyChain(kept, GENESIS).checked, 2)
  })

  test('two writers that say different things of two tenants do not wait for each other for ever', async () => {
    const [one, two] = [fresh(), fresh()]
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, index) =>
        say(statement(index % 2 === 0 ? one : two), statement(index % 2 === 0 ? two : one)),
      ),
    )
    assert.ok(results.every((result) => result.status === 'fulfilled' || isStoreBusy(result.reason)))
    assert.ok(results.every((result) => result.status === 'fulfilled'))
  })
})

const tamperings: readonly { name: string; how: string; firstBadSeq: number }[] = [
  {
    name: 'an edited text',
    how: `update ledger_entry set body = replace(body, 'lost', 'sold') where seq = 3`,
    firstBadSeq: 3,
  },
  { name: 'a text that is no JSON any more', how: `update ledger_entry set body = '{' where seq = 3`, firstBadSeq: 3 },
  { name: 'an edited column', how: `update ledger_entry set action = 'device.retired' where seq = 2`, firstBadSeq: 2 },
  {
    name: 'an edited time',
    how: 'update ledger_entry set occurred_ms = occurred_ms + 1 where seq = 5',
    firstBadSeq: 5,
  },
  { name: 'an edited hash', how: `update ledger_entry set hash = prev_hash where seq = 4`, firstBadSeq: 4 },
  { name: 'a deleted entry', how: 'delete from ledger_entry where seq = 4', firstBadSeq: 4 },
  { name: 'a deleted first entry', how: 'delete from ledger_entry where seq = 1', firstBadSeq: 1 },
  { name: 'a deleted last entry', how: 'delete from ledger_entry where seq = 6', firstBadSeq: 6 },
  { name: 'a renumbered entry', how: 'update ledger_entry set seq = 9 where seq = 2', firstBadSeq: 2 },
]

eachEngine((engine) => {
  let storage: Storage
  let ledger: Ledger

  before(async () => {
    storage = await openTestStorage(engine, [ledgerMigrations])
    ledger = createLedger({ storage, clock })
    await disarm(storage, engine)
  })
  after(() => storage.close())

  for (const { name, how, firstBadSeq } of tamperings)
    test(`${name} behind the back of the triggers is found at its number`, async () => {
      const id = `tenant_${tenants++}`
      const said = Array.from({ length: 6 }, () => statement(id))
      await storage.write((tx) => ledger.appendMany(tx, said))
      await storage.write((tx) => sql.raw(`${how} and tenant_id = '${id}'`).execute(tx))
      const verdict = await ledger.verify(id)
      assert.deepEqual([verdict.ok, verdict.firstBadSeq], [false, firstBadSeq])
    })
})
