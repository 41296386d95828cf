// Proof on both engines that old entries go, that nothing else does, and that what remains still holds together.
// How much of a database a batch holds up is the storage room's proof.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { AuditEntry, AuditStatement } from '@muster/contract'
import { createFakeClock, toIso } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { verifyChain } from '../chain/verify.ts'
import { createLedger, type Ledger } from '../history/history.ts'
import { ledgerMigrations } from '../migrations.ts'

const hourMs = 3_600_000
const clock = createFakeClock()

const statement = (tenantId: string): AuditStatement => ({
  tenantId,
  occurredAt: toIso(clock.nowMs()),
  actor: { type: 'system', id: 'test' },
  action: 'policy.published',
  target: { type: 'policy', id: 'pol_1' },
  outcome: 'success',
  requestId: 'req_1',
  details: {},
})

eachEngine((engine) => {
  let storage: Storage
  let ledger: Ledger
  let tenants = 0

  before(async () => {
    storage = await openTestStorage(engine, [ledgerMigrations])
    ledger = createLedger({ storage, clock })
  })
  after(() => storage.close())

  /** One entry an hour. */
  const filled = async (count: number): Promise<string> => {
    const tenantId = `tenant_${tenants++}`
    for (let index = 0; index < count; index++) {
      clock.advance(hourMs)
      await storage.write((tx) => ledger.append(tx, statement(tenantId)))
    }
    return tenantId
  }
  const exported = async (tenantId: string): Promise<AuditEntry[]> => {
    const entries: AuditEntry[] = []
    for await (const entry of ledger.export(tenantId)) entries.push(entry)
    return entries
  }

  test('what is older goes, the purge is recorded, and the rest is verified from the checkpoint', async () => {
    const tenantId = await filled(10)
    const before = await exported(tenantId)
    const purge = await ledger.purge(tenantId, clock.nowMs() - 3 * hourMs)
    assert.deepEqual([purge.deleted, purge.checkpoint?.seq, purge.checkpoint?.hash], [6, 6, before[5]?.hash])
    assert.deepEqual(purge.recorded?.details, {
      throughSeq: 6,
      throughHash: before[5]?.hash,
      throughOccurredAt: before[5]?.occurredAt,
      entryCount: 6,
    })
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 5 })
    const kept = await exported(tenantId)
    assert.deepEqual(
      kept.map((entry) => entry.seq),
      [7, 8, 9, 10, 11],
    )
    const check = verifyChain(kept)
    assert.deepEqual([check.anchor, check.bad], ['purge', null])
  })

  test('the chain goes on after a purge that left nothing but its own record', async () => {
    const tenantId = await filled(3)
    await ledger.purge(tenantId, clock.nowMs() + 1)
    await storage.write((tx) => ledger.append(tx, statement(tenantId)))
    assert.deepEqual(
      (await exported(tenantId)).map((entry) => [entry.seq, entry.action]),
      [
        [4, 'audit.purged'],
        [5, 'policy.published'],
      ],
    )
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 2 })
  })

  test('nothing old enough leaves nothing behind, not even a record', async () => {
    const tenantId = await filled(2)
    const purge = await ledger.purge(tenantId, 0)
    assert.deepEqual(purge, { checkpoint: null, deleted: 0, recorded: null })
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 2 })
  })

  test('an entry that was recorded late does not take younger ones before it along', async () => {
    const tenantId = await filled(4)
    const late = { ...statement(tenantId), occurredAt: toIso(0) }
    await storage.write((tx) => ledger.append(tx, late))
    const purge = await ledger.purge(tenantId, clock.nowMs() - 2 * hourMs)
    assert.equal(purge.checkpoint?.seq, 1)
  })

  test('a purge that was interrupted is invisible, and the next one finishes it', async () => {
    const tenantId = await filled(8)
    const gone = await ledger.purge(tenantId, clock.nowMs() - 3 * hourMs, AbortSignal.abort())
    assert.equal(gone.deleted, 0)
    assert.deepEqual(await ledger.verify(tenantId), { ok: true, checked: 5 })
    const page = await ledger.list(tenantId, {})
    assert.deepEqual(page.ok && page.value.items.map((entry) => entry.seq), [9, 8, 7, 6, 5])
    assert.equal((await exported(tenantId))[0]?.seq, 5)
    const next = await ledger.purge(tenantId, clock.nowMs() - 3 * hourMs)
    assert.deepEqual([next.deleted, next.recorded], [4, null])
  })

  test('a second purge counts what went since the first, and other tenants keep theirs', async () => {
    const other = await filled(3)
    const tenantId = await filled(6)
    await ledger.purge(tenantId, clock.nowMs() - 3 * hourMs)
    const second = await ledger.purge(tenantId, clock.nowMs() - hourMs)
    assert.equal(second.recorded?.details['entryCount'], 2)
    assert.deepEqual(await ledger.verify(other), { ok: true, checked: 3 })
    assert.deepEqual(await ledger.verify(tenantId, 1, 6), { ok: true, checked: 2 })
  })
})
