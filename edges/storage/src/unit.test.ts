// Proves that units and their groups behave alike in a thread and in process.
// The rules of grouping alone are in group.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { isStoreBusy } from './faults.ts'
import type { Storage } from './open.ts'
import { eachEngine, openTestStorage } from './testing.ts'
import { createThing, insertThings, type StoreThing, thingRoom, unitsModule } from './thing.fixture.ts'

eachEngine((engine) => {
  let storage: Storage
  const groups: number[] = []
  before(async () => {
    storage = await openTestStorage(engine, [thingRoom], {
      units: [unitsModule],
      unitSettings: { greeting: 'good morning' },
      onSample: (name, value) => void (name === 'group_items' && groups.push(value)),
    })
  })
  after(() => storage.close())

  const store = (said: StoreThing): Promise<string> => storage.unit<StoreThing, string>('store')(said)
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix} ${index}`)

  test('a unit is told its settings and its engine', async () => {
    assert.equal(await storage.unit('greet')('Ada'), `good morning Ada on ${engine}`)
  })

  test('a unit that does not exist says so', async () => {
    await assert.rejects(storage.unit('nobody')(null), /no unit is named nobody/)
  })

  test('requests that wait together share a transaction and keep their own verdicts', async () => {
    await store({ eventId: 'grouped 3' })
    groups.length = 0
    const commits = storage.measure().commits
    const verdicts = await Promise.all(names('grouped', 60).map((eventId) => store({ eventId })))
    const want = names('grouped', 60).map((name, index) => `${name} ${index === 3 ? 'known' : 'stored'}`)
    assert.deepEqual(verdicts, want)
    // The last group's figure travels with the next answer.
    await storage.unit('greet')('')
    assert.equal(
      groups.reduce((sum, items) => sum + items, 0),
      60,
    )
    assert.equal(storage.measure().commits - commits, groups.length)
    assert.ok(Math.max(...groups) > 1, 'at least one transaction was shared')
  })

  test('a group that fails is rejected as a whole and leaves nothing', async () => {
    const together = storage.unit<readonly StoreThing[], readonly string[]>('storeTogether')
    const said = [{ eventId: 'poisoned', fail: true }, { eventId: 'bystander' }]
    assert.deepEqual(await together(said), ['rejected', 'rejected'])
    await assert.rejects(store({ eventId: 'poisoned', fail: true }), /one of the group wants it to fail/)
    assert.equal(await store({ eventId: 'bystander' }), 'bystander stored')
  })

  test('a unit reads what is committed only', async () => {
    const countBefore = await storage.unit('count')(null)
    await storage.write(async (tx) => {
      await insertThings(tx, [createThing('not yet')])
      assert.equal(await storage.unit('count')(null), countBefore)
    })
    assert.equal(await storage.unit('count')(null), (countBefore as number) + 1)
  })

  test('bytes can be handed over', async () => {
    const bytes = new Uint8Array(100_000)
    assert.equal(await storage.unit<Uint8Array, number>('sizeOf')(bytes, [bytes.buffer]), 100_000)
  })

  test('writes and groups from everywhere at once all get through', async () => {
    const written = names('mixed', 40).map((eventId) =>
      storage.write((tx) => insertThings(tx, [createThing(`w ${eventId}`)])),
    )
    const grouped = names('mixed', 40).map((eventId) => store({ eventId }))
    assert.deepEqual(
      await Promise.all(written),
      written.map(() => 1),
    )
    assert.deepEqual(
      await Promise.all(grouped),
      names('mixed', 40).map((name) => `${name} stored`),
    )
  })

  test('after closing a unit is refused as busy', async () => {
    const other = await openTestStorage(engine, [thingRoom], { units: [unitsModule] })
    await other.close()
    await assert.rejects(other.unit('greet')(''), isStoreBusy)
  })
})
