// Proof that what is old enough goes, on both engines, and that nothing else does.
// When a purge runs, and what is recorded of it, is the server's.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { observeMigrations } from '../room-migrations.ts'
import { purgeObserved } from './retention.ts'

const letter = (received_ms: number) => ({
  tenant_id: 'default',
  device_no: 1,
  event_id: `e${received_ms}`,
  sequence: received_ms,
  code: 'invalid_payload',
  raw: new Uint8Array([1]),
  received_ms,
})

const closed = (to_ms: number) => ({
  tenant_id: 'default',
  device_no: 1,
  path_no: 1,
  label_no: to_ms,
  content_no: 1,
  from_ms: 1,
  from_order: to_ms,
  from_baseline: 0,
  to_ms,
  to_order: to_ms,
  to_kind: 0,
  confirmed_ms: to_ms,
})

eachEngine((engine) => {
  test('rows before their cutoff go, younger ones stay, and one out of order stays until those before it go', async () => {
    const storage = await openTestStorage(engine, [observeMigrations])
    try {
      await storage.write(async (tx) => {
        for (const at of [10, 20, 90, 30]) {
          await tx.insertInto('observe_dead_letter').values(letter(at)).execute()
          await tx.insertInto('observe_past').values(closed(at)).execute()
        }
      })
      const cutoffs = { eventsBeforeMs: 50, deadLettersBeforeMs: 50, intervalsBeforeMs: 15 }
      const never = new AbortController().signal
      assert.deepEqual(await purgeObserved(storage, cutoffs, never), { events: 0, deadLetters: 2, intervals: 1 })
      const left = await storage.db.selectFrom('observe_dead_letter').select('received_ms').execute()
      assert.deepEqual(
        left.map((row) => row['received_ms'] as number).toSorted((one, other) => one - other),
        [30, 90],
      )
      const all = { eventsBeforeMs: 100, deadLettersBeforeMs: 100, intervalsBeforeMs: 100 }
      assert.deepEqual(await purgeObserved(storage, all, never), { events: 0, deadLetters: 2, intervals: 3 })
      assert.deepEqual(await purgeObserved(storage, all, AbortSignal.abort()), {
        events: 0,
        deadLetters: 0,
        intervals: 0,
      })
    } finally {
      await storage.close()
    }
  })
})
