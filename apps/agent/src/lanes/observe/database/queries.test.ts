// How the lane's database is kept and asked: its journal, and that every question asked often is answered from an index.
// What the answers mean is tested beside each store.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { createFeedStore } from '../feed/store.ts'
import { createOutboxStore } from '../outbox/store.ts'
import { createScanStore } from '../scan/store.ts'
import { openStores } from '../testing/stores.ts'
import { closeDatabase, type Database, openForReading } from './open.ts'

const valueOf = (db: Database, pragma: string): unknown => Object.values(db.prepare(`pragma ${pragma}`).get() ?? {})[0]

test('the journal is written ahead, every commit is on the disk, and a clean stop leaves one file', () => {
  const { db, path } = openStores()
  assert.deepEqual(
    [valueOf(db, 'journal_mode'), valueOf(db, 'synchronous'), valueOf(db, 'busy_timeout')],
    ['wal', 2, 2000],
  )
  db.exec(`insert into note values ('a', 'b')`)
  assert.equal(existsSync(`${path}-wal`), true)
  closeDatabase(db)
  assert.equal(existsSync(`${path}-wal`), false)
})

test('beside the writer several may read, each one moment as long as it reads', () => {
  const { db, path } = openStores()
  const readers = Array.from({ length: 4 }, () => openForReading(path) ?? assert.fail())
  const notes = (reader: Database) => reader.prepare('select count(*) as c from note').get()?.['c']
  for (const reader of readers) reader.exec('begin')
  assert.deepEqual(readers.map(notes), [0, 0, 0, 0])
  db.exec(`insert into note values ('a', 'b')`)
  assert.deepEqual(readers.map(notes), [0, 0, 0, 0])
  for (const reader of readers) reader.exec('commit')
  assert.deepEqual(readers.map(notes), [1, 1, 1, 1])
  for (const reader of readers) reader.close()
})

/** The statements that `ask` prepares, as SQLite would carry them out. */
const plansOf = (ask: (db: Database) => void): ReadonlyMap<string, string> => {
  const { db } = openStores()
  const asked: string[] = []
  const spied = new Proxy(db, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown
      if (name === 'prepare')
        return (sql: string) => {
          asked.push(sql)
          return target.prepare(sql)
        }
      return typeof own === 'function' ? (own as () => unknown).bind(target) : own
    },
  })
  ask(spied)
  const planOf = (sql: string): string =>
    db
      .prepare(`explain query plan ${sql}`)
      .all()
      .map((row) => String(row['detail']))
      .join('; ')
  return new Map(asked.map((sql) => [sql.replaceAll(/\s+/g, ' ').trim(), planOf(sql)]))
}

const hot: { readonly name: string; readonly ask: (db: Database) => void }[] = [
  { name: 'what is due to be sent', ask: (db) => void createOutboxStore(db).due('dev_1', 1, 10) },
  { name: 'how much waits', ask: (db) => void createOutboxStore(db).backlog('dev_1') },
  { name: 'the next number and the last one acknowledged', ask: (db) => void createOutboxStore(db).nextSequence('d') },
  { name: 'the newest changes', ask: (db) => void createFeedStore(db).events(50) },
  { name: 'the newest findings', ask: (db) => void createFeedStore(db).findings(50) },
  { name: 'the inventory of a surface', ask: (db) => void [...createScanStore(db).items('homebrew')] },
  {
    name: 'the part of it that lies at a path',
    ask: (db) => void [...createScanStore(db).items('homebrew', { kinds: ['package'], paths: ['/a'] })],
  },
]
for (const { name, ask } of hot)
  test(`${name} is found through an index, without sorting`, () => {
    const plans = plansOf(ask)
    assert.ok(plans.size > 0)
    for (const [sql, plan] of plans) assert.doesNotMatch(plan, /TEMP B-TREE|SCAN (?!.*USING)/, `${sql}: ${plan}`)
  })

test('the check of a plan is one: a question without an index is seen', () =>
  assert.match(
    [...plansOf((db) => void db.prepare('select * from finding order by title').all()).values()].join(),
    /TEMP B-TREE/,
  ))
