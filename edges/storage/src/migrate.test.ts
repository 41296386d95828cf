// Proves how a database comes to be ours, moves forward, and is refused when it is somebody else's.
// What the rooms' own migrations make is tested in the rooms.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createFakeClock } from '@muster/kernel'
import type { Migration } from './migrate.ts'
import { openStorage } from './open.ts'
import { createTestPlace, eachEngine, type TestPlace } from './testing.ts'

const addTable = (name: string): Migration => ({
  name,
  async up(db) {
    await db.schema.createTable(`stone_${name}`).addColumn('weight', 'bigint').execute()
  },
})

const breaks: Migration = {
  name: 'breaks',
  async up(db) {
    await db.schema.createTable('stone_half').addColumn('weight', 'bigint').execute()
    throw new Error('halfway')
  },
}

eachEngine((engine) => {
  let place: TestPlace
  const open = (...migrations: readonly Migration[]) =>
    openStorage({ url: place.url, rooms: [{ room: 'stone', migrations }], clock: createFakeClock(7000) })
  before(async () => {
    place = await createTestPlace(engine)
  })
  after(() => place.remove())

  test('an empty database becomes ours and says when', async () => {
    const storage = await open(addTable('one'))
    const rows = await storage.db.selectFrom('storage_migration').selectAll().where('room', '=', 'stone').execute()
    await storage.close()
    assert.deepEqual(rows, [{ room: 'stone', name: 'one', applied_ms: 7000 }])
  })

  test('what is new is added once, however often and by however many it is opened', async () => {
    const storages = await Promise.all([open(addTable('one'), addTable('two')), open(addTable('one'), addTable('two'))])
    for (const storage of storages) {
      await storage.db.selectFrom('stone_two').selectAll().execute()
      await storage.close()
    }
  })

  test('a migration that fails leaves nothing behind', async () => {
    await assert.rejects(open(addTable('one'), addTable('two'), breaks), /halfway/)
    const storage = await open(addTable('one'), addTable('two'))
    await assert.rejects(storage.db.selectFrom('stone_half').selectAll().execute(), /stone_half/)
    await storage.close()
  })

  test('a migration that moves much takes several transactions, and goes on where one of them failed', async () => {
    const moves = (failsAt: number): readonly Migration[] => [
      {
        name: 'heap',
        async up(db) {
          await db.schema.createTable('stone_heap').addColumn('weight', 'bigint').execute()
          await db
            .insertInto('stone_heap')
            .values([1, 2, 3].map((weight) => ({ weight })))
            .execute()
        },
      },
      {
        name: 'moved',
        async up(db) {
          const next = await db.selectFrom('stone_heap').select('weight').orderBy('weight').limit(1).executeTakeFirst()
          if (next === undefined) return undefined
          await db.deleteFrom('stone_heap').where('weight', '=', next['weight']).execute()
          if (next['weight'] === failsAt) throw new Error('out of breath')
          return 'more'
        },
      },
    ]
    await assert.rejects(open(addTable('one'), addTable('two'), ...moves(2)), /out of breath/)
    const storage = await open(addTable('one'), addTable('two'), moves(0)[0] as Migration)
    const left = await storage.db.selectFrom('stone_heap').select('weight').orderBy('weight').execute()
    await storage.close()
    assert.deepEqual(
      left.map((row) => row['weight']),
      [2, 3],
    )
    const moved = await open(addTable('one'), addTable('two'), ...moves(0))
    assert.deepEqual(await moved.db.selectFrom('stone_heap').selectAll().execute(), [])
    await moved.close()
  })

  test('a newer database is refused in one line', async () => {
    await assert.rejects(open(addTable('one')), {
      name: 'NewerDatabase',
      message: 'the database was written by a newer muster-server; upgrade this program',
    })
  })

  test('two migrations of one name are a mistake', async () => {
    await assert.rejects(open(addTable('one'), addTable('one')), /the same name/)
  })
})

test('a database is named in one of two ways', async () => {
  await assert.rejects(openStorage({ url: 'mysql://nowhere', rooms: [] }), /sqlite:FILE or postgres/)
})
