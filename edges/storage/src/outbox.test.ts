// Proves that what is announced is read once, in order, and only when it really happened.
// Who reads, and what for, belongs to the rooms.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Storage } from './open.ts'
import { type Announcement, announce, createOutbox, type Outbox } from './outbox.ts'
import { eachEngine, openTestStorage } from './testing.ts'

const about = (key: string, body: unknown = {}): Announcement => ({
  tenantId: 'default',
  topic: 'thing.happened',
  key,
  body,
  createdMs: 5,
})

eachEngine((engine) => {
  let storage: Storage
  let outbox: Outbox
  before(async () => {
    storage = await openTestStorage(engine, [])
    outbox = createOutbox(storage)
  })
  after(() => storage.close())

  const keysAfter = async (seq: number): Promise<readonly string[]> =>
    (await outbox.read(seq, 1000)).map(({ key }) => key)

  test('an announcement comes back whole', async () => {
    const body = { list: [1, null, 'zażółć'], deep: { yes: true } }
    await storage.write((tx) => announce(tx, about('whole', body)))
    const [entry] = await outbox.read(0, 10)
    assert.deepEqual(entry, { seq: 1, ...about('whole', body) })
  })

  test('what was rolled back was never announced', async () => {
    const said = storage.write(async (tx) => {
      await announce(tx, about('regretted'))
      throw new Error('no')
    })
    await assert.rejects(said)
    assert.deepEqual(await keysAfter(1), [])
  })

  test('a reader that follows sees everything once and in order, however many announce', async () => {
    const start = (await outbox.read(0, 1000)).at(-1)?.seq ?? 0
    const writers = { done: false }
    const written = Promise.all(
      Array.from({ length: 8 }, async (_, writer) => {
        for (let index = 0; index < 15; index++) {
          await storage.write(async (tx) => {
            await announce(tx, about(`${writer} ${index} a`))
            await announce(tx, about(`${writer} ${index} b`))
          })
        }
      }),
    ).finally(() => (writers.done = true))
    const seen: string[] = []
    let at = start
    const follow = async (): Promise<void> => {
      for (const { seq, key } of await outbox.read(at, 7)) {
        assert.ok(seq > at)
        at = seq
        seen.push(key)
      }
    }
    while (!writers.done) await follow()
    await written
    for (let before = -1; before < seen.length; ) {
      before = seen.length
      await follow()
    }
    assert.equal(seen.length, 8 * 15 * 2)
    assert.equal(new Set(seen).size, seen.length)
    for (let writer = 0; writer < 8; writer++) {
      const own = seen.filter((key) => key.startsWith(`${writer} `))
      const want = Array.from({ length: 15 }, (_, index) => [`${writer} ${index} a`, `${writer} ${index} b`]).flat()
      assert.deepEqual(own, want)
    }
  })

  test('a position only moves forward, and belongs to its consumer', async () => {
    assert.equal(await outbox.position('mailer'), 0)
    for (const seq of [3, 9, 5]) await storage.write((tx) => outbox.advance(tx, 'mailer', seq))
    assert.equal(await outbox.position('mailer'), 9)
    assert.equal(await outbox.position('exporter'), 0)
  })

  test('what every consumer is past can go, the rest stays, and numbers are not used again', async () => {
    const all = await outbox.read(0, 1000)
    const last = all.at(-1)?.seq ?? 0
    await storage.write((tx) => outbox.advance(tx, 'mailer', last))
    await storage.write((tx) => outbox.advance(tx, 'exporter', all[9]?.seq ?? 0))
    assert.equal(await outbox.trim(4), 4)
    assert.equal(await outbox.trim(100), 6)
    assert.equal(await outbox.trim(100), 0)
    await storage.write((tx) => outbox.advance(tx, 'exporter', last))
    await outbox.trim(1000)
    await storage.write((tx) => announce(tx, about('next')))
    const [next] = await outbox.read(0, 10)
    assert.ok((next?.seq ?? 0) > last)
  })
})

eachEngine((engine) => {
  test('without a consumer nothing is trimmed', async () => {
    const storage = await openTestStorage(engine, [])
    const outbox = createOutbox(storage)
    await storage.write((tx) => announce(tx, about('kept')))
    assert.equal(await outbox.trim(10), 0)
    assert.equal((await outbox.read(0, 10)).length, 1)
    await storage.close()
  })

  test('what is too old goes even when nobody read it', async () => {
    const storage = await openTestStorage(engine, [])
    const outbox = createOutbox(storage)
    await storage.write((tx) => announce(tx, { ...about('old'), createdMs: 10 }, { ...about('new'), createdMs: 20 }))
    assert.equal(await outbox.expire(20), 1)
    assert.deepEqual(
      (await outbox.read(0, 10)).map(({ key }) => key),
      ['new'],
    )
    await storage.close()
  })
})
