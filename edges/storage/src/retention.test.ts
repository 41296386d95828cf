// Proves that a big delete takes exactly what it should, in small steps that let others through.
// How long a step may hold the writer is a figure of the bench; here only the rule for it is tested.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import type { Storage } from './open.ts'
import { deleteInBatches, nextBatchSize, walkInBatches } from './retention.ts'
import { eachEngine, openTestStorage } from './testing.ts'
import { createThing, insertThings, thingRoom } from './thing.fixture.ts'

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [thingRoom])
    const things = Array.from({ length: 3000 }, (_, index) => createThing(`old ${index}`, { device_no: index % 3 }))
    await storage.write((tx) => insertThings(tx, things))
  })
  after(() => storage.close())

  const job = { table: 'thing', key: 'thing_no', where: sql`device_no = ${1}` }
  const count = async (): Promise<number> => (await storage.db.selectFrom('thing').select('thing_no').execute()).length

  test('a job that is called off stops between batches', async () => {
    const signal = AbortSignal.abort()
    assert.equal(await deleteInBatches(storage, { ...job, signal }), 0)
    assert.equal(await count(), 3000)
  })

  test('what matches goes in several transactions, others write in between, the rest stays', async () => {
    const commits = storage.measure().commits
    const gone = deleteInBatches(storage, job)
    const written = storage.write((tx) => insertThings(tx, [createThing('meanwhile', { device_no: 0 })]))
    assert.equal(await gone, 1000)
    assert.equal(await written, 1)
    assert.equal(await count(), 2001)
    assert.ok(storage.measure().commits - commits > 2, 'more than one batch')
    assert.equal(await deleteInBatches(storage, job), 0)
  })

  test('a walk goes over wide gaps and many rows that do not match, and stops before its end', async () => {
    const far = 10_000_000
    await storage.write(async (tx) => {
      for (const thing_no of [far, far + 1, far + 90_000, far + 90_001])
        await tx
          .insertInto('thing')
          .values({ ...createThing(`far ${thing_no}`, { device_no: 7 }), thing_no })
          .execute()
    })
    const walked: unknown[] = []
    const where = sql`device_no = ${7}`
    const each = async (_tx: unknown, keys: readonly unknown[]) => keys
    const done = (keys: readonly unknown[]) => void walked.push(...keys)
    await walkInBatches(storage, { ...job, where, before: far + 90_001, each, done })
    assert.deepEqual(walked, [far, far + 1, far + 90_000])
  })
})

const cases = [
  { name: 'a quick batch grows, but at most twofold', size: 100, tookMs: 1, want: 200 },
  { name: 'a slow batch shrinks to half of its allowance', size: 1000, tookMs: 100, want: 100 },
  { name: 'never below one row', size: 1, tookMs: 5000, want: 1 },
  { name: 'never beyond what one statement should carry', size: 5000, tookMs: 0, want: 5000 },
]
for (const { name, size, tookMs, want } of cases) {
  test(name, () => assert.equal(nextBatchSize(size, tookMs, 20), want))
}
