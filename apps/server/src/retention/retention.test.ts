// Proof that a run lets go of what is old in every room, records it once, and leaves the history verifiable.
// How rows are found and deleted is tested in the rooms.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listAudit, verifyAudit } from '@muster/contract'
import { call } from '@muster/http'
import { createFakeClock } from '@muster/kernel'
import { startTestServer, value } from '../testing/server.ts'
import { decideReport } from './decide.ts'

const dayMs = 24 * 3600 * 1000

const letter = (received_ms: number) => ({
  tenant_id: 'default',
  device_no: 1,
  event_id: 'e',
  sequence: 1,
  code: 'invalid_payload',
  raw: new Uint8Array([1]),
  received_ms,
})

test('old dead letters go, young ones stay, and the audit says how many went', async () => {
  const clock = createFakeClock(Date.now())
  const server = await startTestServer({ clock })
  try {
    const { storage } = server.rooms
    const nowMs = clock.nowMs()
    await storage.write(async (tx) => {
      for (const age of [40, 35, 31, 10, 1])
        await tx
          .insertInto('observe_dead_letter')
          .values(letter(nowMs - age * dayMs))
          .execute()
    })
    await server.retention.run()
    await server.retention.run()
    const { items } = await value(call(server.owner, listAudit, { query: { action: 'retention.purged' } }))
    assert.deepEqual(
      items.map(({ details }) => details),
      [{ deadLetters: 3 }],
    )
    assert.equal(items[0]?.actor.type, 'system')
    assert.equal((await storage.db.selectFrom('observe_dead_letter').selectAll().execute()).length, 2)
    assert.equal((await value(call(server.owner, verifyAudit, { query: {} }))).ok, true)
  } finally {
    await server.close()
  }
})

test('a run that found nothing reports nothing', () => {
  assert.equal(decideReport({ events: 0, deadLetters: 0 }), null)
  assert.deepEqual(decideReport({ events: 2, deadLetters: 0 }), { events: 2 })
})
