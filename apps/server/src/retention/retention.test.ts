// Proof that a run lets go of what is old, for each tenant what it set and nothing that is held, records it, and leaves
// the history verifiable. How rows are found and deleted is tested in the rooms.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  changeRetention,
  listAudit,
  listLegalHolds,
  placeLegalHold,
  type RetainedKind,
  readRetention,
  releaseLegalHold,
  verifyAudit,
} from '@muster/contract'
import { type Client, call } from '@muster/http'
import { createFakeClock, silentLog } from '@muster/kernel'
import { eachEngine } from '@muster/storage/testing'
import { createReplyMemory } from '../reply-memory/reply-memory.ts'
import { startTestServer, type TestServer, type TestServerWishes, value } from '../testing/server.ts'
import { createRetention } from './retention.ts'

const dayMs = 24 * 3600 * 1000

const open = async (wishes: TestServerWishes = {}) => {
  const clock = createFakeClock(Date.now())
  const server = await startTestServer({ clock, ...wishes })
  return { clock, server, [Symbol.asyncDispose]: () => server.close() }
}

const store = async (server: TestServer, ages: readonly number[], tenantId = 'default', nowMs = Date.now()) =>
  server.rooms.storage.write(async (tx) => {
    for (const age of ages)
      await tx
        .insertInto('observe_dead_letter')
        .values({
          tenant_id: tenantId,
          device_no: 1,
          event_id: 'e',
          sequence: 1,
          code: 'invalid_payload',
          raw: new Uint8Array([1]),
          received_ms: nowMs - age * dayMs,
        })
        .execute()
  })

const kept = async (server: TestServer, tenantId = 'default'): Promise<number> => {
  const rows = server.rooms.storage.db.selectFrom('observe_dead_letter').select('device_no')
  return (await rows.where('tenant_id', '=', tenantId).execute()).length
}

const termOf = async (client: Client, kind: RetainedKind) => {
  const { items, version } = await value(call(client, readRetention, {}))
  const term = items.find((item) => item.kind === kind)
  assert.ok(term)
  return { ...term, version }
}

const setDays = async (client: Client, days: Partial<Record<RetainedKind, number>>) => {
  const { version } = await value(call(client, readRetention, {}))
  return value(call(client, changeRetention, { body: { days }, ifMatch: version }))
}

const purges = async (client: Client) =>
  (await value(call(client, listAudit, { query: { action: 'retention.purged' } }))).items.map(({ details }) => details)

eachEngine((engine) => {
  test('old dead letters go, young ones stay, and the audit says how many went', async () => {
    await using opened = await open({ engine })
    const { server } = opened
    await store(server, [40, 35, 31, 10, 1])
    await server.retention.run()
    await server.retention.run()
    assert.deepEqual(await purges(server.owner), [{ deadLetters: 3 }])
    assert.equal(await kept(server), 2)
    assert.equal((await value(call(server.owner, verifyAudit, { query: {} }))).ok, true)
  })

  test('a tenant keeps its own data as long as it says, a shortening waits a day, and both are recorded', async () => {
    await using opened = await open({ engine })
    const { clock, server } = opened
    const other = server.client(await server.tokenOf('owner', 'other'))
    for (const age of [40, 20]) for (const tenantId of ['default', 'other']) await store(server, [age], tenantId)
    await setDays(server.owner, { deadLetters: 60 })
    assert.deepEqual(await termOf(server.owner, 'deadLetters'), {
      kind: 'deadLetters',
      days: 60,
      pending: null,
      isOwn: true,
      minDays: 7,
      maxDays: 90,
      version: 1,
    })
    const shorter = await setDays(other, { deadLetters: 10 })
    const effectiveAt = new Date(clock.nowMs() + dayMs).toISOString()
    assert.deepEqual(shorter.items.find(({ kind }) => kind === 'deadLetters')?.pending, { days: 10, effectiveAt })
    await server.retention.run()
    assert.deepEqual([await kept(server), await kept(server, 'other')], [2, 1])
    clock.advance(dayMs)
    await server.retention.run()
    assert.deepEqual([await kept(server), await kept(server, 'other')], [2, 0])
    assert.deepEqual(await purges(other), [{ deadLetters: 1 }, { deadLetters: 1 }])
    assert.deepEqual(await purges(server.owner), [])
    const { items } = await value(call(other, listAudit, { query: { action: 'retention.changed' } }))
    assert.deepEqual(
      items.map(({ actor, details }) => [actor.type, details]),
      [['operator', { deadLetters: { days: 30, pending: { days: 10, effectiveAt } } }]],
    )
  })

  test('what a hold covers stays until the hold is released, and placing and releasing are recorded', async () => {
    await using opened = await open({ engine })
    const { server } = opened
    await store(server, [40])
    const held = await value(call(server.owner, placeLegalHold, { body: { reason: 'case 17' } }))
    assert.deepEqual([held.scope, held.deviceId, held.releasedAt], ['tenant', null, null])
    await server.retention.run()
    assert.equal(await kept(server), 1)
    const { items: inForce } = await value(call(server.owner, listLegalHolds, { query: {} }))
    assert.deepEqual(inForce, [held])
    const released = await value(call(server.owner, releaseLegalHold, { params: { id: held.id } }))
    assert.equal(typeof released.releasedAt, 'string')
    const again = await call(server.owner, releaseLegalHold, { params: { id: held.id } })
    assert.equal(!again.ok && again.refusal.code, 'state_conflict')
    await server.retention.run()
    assert.equal(await kept(server), 0)
    const { items } = await value(call(server.owner, listAudit, { query: { limit: '200' } }))
    assert.deepEqual(
      items.map(({ action }) => action).filter((action) => action.startsWith('legal_hold')),
      ['legal_hold.released', 'legal_hold.placed'],
    )
  })

  test('a hold that is placed after a purge was planned is respected by it', async () => {
    await using opened = await open({ engine })
    const { clock, server } = opened
    const { rooms } = server
    await store(server, [40])
    let plans = 0
    const retention = createRetention({
      terms: rooms.retentionTerms,
      holds: rooms.legalHolds,
      storage: rooms.storage,
      ledger: rooms.ledger,
      replies: await createReplyMemory({ storage: rooms.storage, clock, log: silentLog, holder: 'one' }),
      observe: {
        purge: async (order, onGone) => {
          plans += 1
          if (plans === 1) await value(call(server.owner, placeLegalHold, { body: { reason: 'just in time' } }))
          return rooms.observe.purge(order, onGone)
        },
      },
      clock,
      log: silentLog,
    })
    await retention.run()
    assert.deepEqual([plans, await kept(server)], [2, 1])
  })

  test('two who change at once: the second is told, and numbers beyond the bounds are refused', async () => {
    await using opened = await open({ engine })
    const { server } = opened
    const change = (events: number, ifMatch: number) =>
      call(server.owner, changeRetention, { body: { days: { events } }, ifMatch })
    const answers = await Promise.all([change(100, 0), change(110, 0)])
    assert.deepEqual(
      new Set(answers.map((answer) => answer.ok || answer.refusal.code)),
      new Set([true, 'version_stale']),
    )
    const beyond = await change(401, 1)
    assert.equal(!beyond.ok && beyond.refusal.code, 'request_malformed')
  })
})

test('a flag that became shorter waits a day too, and is recorded', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-retention-'))
  const dataDir = join(folder, 'data')
  try {
    const first = await open({ dataDir })
    await first.server.close()
    await using second = await open({ dataDir, argv: ['--retention-dead-letters', '7'] })
    const { clock, server } = second
    await store(server, [20])
    const term = await termOf(server.owner, 'deadLetters')
    assert.deepEqual([term.days, term.pending?.days, term.isOwn], [30, 7, false])
    await server.retention.run()
    assert.equal(await kept(server), 1)
    clock.advance(dayMs)
    await server.retention.run()
    assert.equal(await kept(server), 0)
    const { items } = await value(call(server.owner, listAudit, { query: { action: 'retention.changed' } }))
    assert.deepEqual(
      items.map(({ actor }) => actor.type),
      ['system'],
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
