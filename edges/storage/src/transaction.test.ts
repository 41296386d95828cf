// Proves what a transaction promises on both engines: all or nothing, one after the other, and not for ever.
// What happens when disks and servers fail is in recovery.test.ts.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { serialize } from './dialect.ts'
import { isDuplicate, isStoreBusy } from './faults.ts'
import type { Storage } from './open.ts'
import { eachEngine, openTestStorage } from './testing.ts'
import { createThing, insertThings, thingRoom } from './thing.fixture.ts'
import type { Db, Tx } from './unit.ts'

const namesLike = async (db: Db, pattern: string): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom('thing')
    .select('event_id')
    .where('event_id', 'like', pattern)
    .orderBy('thing_no')
    .execute()
  return rows.map((row) => row['event_id'] as string)
}

/** A promise that somebody else resolves. */
const createSignal = () => {
  let give = (): void => {}
  const given = new Promise<void>((resolve) => (give = resolve))
  return { give, given }
}

eachEngine((engine) => {
  let storage: Storage
  before(async () => {
    storage = await openTestStorage(engine, [thingRoom])
  })
  after(() => storage.close())

  test('what a transaction wrote is there when it resolves', async () => {
    const answer = await storage.write(async (tx) => {
      await tx.insertInto('thing').values(createThing('commit')).execute()
      return 'done'
    })
    assert.equal(answer, 'done')
    assert.deepEqual(await namesLike(storage.db, 'commit'), ['commit'])
  })

  test('a NUL in a text is stored and sought as the replacement character, on either engine', async () => {
    await storage.write((tx) => tx.insertInto('thing').values(createThing('nul\0')).execute())
    const sought = await storage.db.selectFrom('thing').select('event_id').where('event_id', '=', 'nul\0').execute()
    assert.deepEqual(sought, [{ event_id: 'nul\ufffd' }])
  })

  test('what it threw takes everything back', async () => {
    const fault = new Error('changed my mind')
    const said = storage.write(async (tx) => {
      await tx.insertInto('thing').values(createThing('rollback 1')).execute()
      await insertThings(tx, [createThing('rollback 2')])
      throw fault
    })
    await assert.rejects(said, fault)
    assert.deepEqual(await namesLike(storage.db, 'rollback%'), [])
  })

  test('readers see nothing of it before', async () => {
    await storage.write(async (tx) => {
      await insertThings(tx, [createThing('hidden')])
      assert.deepEqual(await namesLike(storage.db, 'hidden'), [])
      assert.deepEqual(await namesLike(storage.quick, 'hidden'), [])
      assert.deepEqual(await namesLike(tx, 'hidden'), ['hidden'])
    })
    assert.deepEqual(await namesLike(storage.db, 'hidden'), ['hidden'])
  })

  test('a read transaction sees one moment', async () => {
    await storage.db.transaction().execute(async (read) => {
      assert.deepEqual(await namesLike(read, 'moment'), [])
      await storage.write((tx) => insertThings(tx, [createThing('moment')]))
      assert.deepEqual(await namesLike(read, 'moment'), [])
    })
    assert.deepEqual(await namesLike(storage.db, 'moment'), ['moment'])
  })

  test('readers cannot write', async () => {
    await assert.rejects(storage.db.insertInto('thing').values(createThing('sneaky')).execute(), /read-?only/)
    await assert.rejects(insertThings(storage.quick, [createThing('sneaky')]), /read-?only/)
  })

  test('writers that name the same key take turns', async () => {
    const extend = async (tx: Tx): Promise<void> => {
      await serialize(tx, 'the chain')
      const held = await namesLike(tx, 'link %')
      await insertThings(tx, [createThing(`link ${held.length}`)])
    }
    await Promise.all(Array.from({ length: 10 }, () => storage.write(extend)))
    assert.deepEqual(
      await namesLike(storage.db, 'link %'),
      Array.from({ length: 10 }, (_, index) => `link ${index}`),
    )
  })

  test('a statement after a failed one is refused, and nothing is committed', async () => {
    const said = storage.write(async (tx) => {
      await insertThings(tx, [createThing('half')])
      await assert.rejects(insertThings(tx, [createThing('half')]), isDuplicate)
      await assert.rejects(insertThings(tx, [createThing('other half')]), /failed|aborted/)
    })
    await assert.rejects(said, /an earlier statement of this transaction failed/)
    assert.deepEqual(await namesLike(storage.db, '%half'), [])
  })

  test('a savepoint brings back what was before the failed statement', async () => {
    await storage.write(async (tx) => {
      await insertThings(tx, [createThing('saved')])
      await sql`savepoint attempt`.execute(tx)
      await assert.rejects(insertThings(tx, [createThing('saved')]), isDuplicate)
      await sql`rollback to savepoint attempt`.execute(tx)
      await insertThings(tx, [createThing('saved too')])
    })
    assert.deepEqual(await namesLike(storage.db, 'saved%'), ['saved', 'saved too'])
  })

  test('a transaction that stays open too long is rolled back, and the next one runs', async () => {
    const hasty = await openTestStorage(engine, [thingRoom], { limitMs: 100 })
    const endless = hasty.write(async (tx) => {
      await insertThings(tx, [createThing('endless')])
      for (;;) await namesLike(tx, 'endless')
    })
    const next = hasty.write((tx) => insertThings(tx, [createThing('next')]))
    await assert.rejects(endless, (error: Error) => isStoreBusy(error) && error.name === 'TransactionTooLong')
    assert.equal(await next, 1)
    assert.deepEqual(await namesLike(hasty.db, '%'), ['next'])
    await hasty.close()
  })

  test('a transaction that was cut off cannot commit', async () => {
    const hasty = await openTestStorage(engine, [thingRoom], { limitMs: 100 })
    const said = hasty.write(async (tx) => {
      await insertThings(tx, [createThing('unheard')])
      // Swallows its own end, so that only the commit is left to say it.
      try {
        for (;;) await namesLike(tx, 'unheard')
      } catch {}
    })
    await assert.rejects(said, isStoreBusy)
    assert.deepEqual(await namesLike(hasty.db, '%'), [])
    await hasty.close()
  })

  test('numbers keep their kind in expressions without a column', async () => {
    const { rows } = await sql`select cast(${5} as text) || 'x' as said, 1 + 1 as two, 1 = 1 as truth`.execute(
      storage.db,
    )
    assert.deepEqual(rows, [{ said: '5x', two: 2, truth: 1 }])
  })

  test('closing waits for what is under way and refuses what comes after', async () => {
    const other = await openTestStorage(engine, [thingRoom])
    const begun = createSignal()
    const leave = createSignal()
    const written = other.write(async (tx) => {
      begun.give()
      await leave.given
      return insertThings(tx, [createThing('last')])
    })
    await begun.given
    const closed = other.close()
    await assert.rejects(
      other.write(async () => {}),
      isStoreBusy,
    )
    leave.give()
    assert.equal(await written, 1)
    await closed
  })
})
