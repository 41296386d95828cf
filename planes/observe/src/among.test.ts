// Proof on both databases that few and many devices are told apart from all others alike.
// What is asked of them is the features' own.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Storage } from '@muster/storage'
import { eachEngine, openTestStorage } from '@muster/storage/testing'
import { amongDevices } from './among.ts'
import { observeMigrations } from './room-migrations.ts'

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [observeMigrations])
    const row = { tenant_id: 'default', surface: 'homebrew', first_collected_ms: 1, baseline: 1, last_event_ms: 1 }
    const rows = [1, 2, 3, 4].map((device_no) => ({ ...row, device_no }))
    await storage.write((tx) => tx.insertInto('observe_coverage').values(rows).execute())
  })
  after(() => storage.close())

  const cases: Record<string, { among: readonly number[]; want: readonly number[] }> = {
    none: { among: [], want: [] },
    few: { among: [2, 4, 9], want: [2, 4] },
    many: { among: Array.from({ length: 5000 }, (_, index) => index + 3), want: [3, 4] },
  }
  for (const [name, { among, want }] of Object.entries(cases))
    test(`rows of ${name} of the devices`, async () => {
      const rows = await storage.db
        .selectFrom('observe_coverage')
        .select('device_no')
        .where(amongDevices(storage.db, 'device_no', among))
        .orderBy('device_no')
        .execute()
      assert.deepEqual(
        rows.map((row) => row['device_no']),
        want,
      )
    })
})
