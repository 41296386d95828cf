// Opening the lane's database: private, made again when damaged, left alone when the fault is another.
// What is stored in it is tested with each store.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { createOutboxStore } from '../outbox/store.ts'
import { createScanStore } from '../scan/store.ts'
import { packageItem, scratchFolder } from '../testing/stores.ts'
import { migrations } from './migrations.ts'
import { closeDatabase, inTransaction, openDatabase, openForReading, writeThrough } from './open.ts'
import { isTrouble } from './trouble.ts'

const place = (): string => join(scratchFolder(), 'observe.db')

const fill = (path: string): void => {
  const { db } = openDatabase(path)
  const changes = Array.from({ length: 500 }, (_, at) => ({
    kind: 'added' as const,
    item: packageItem(`p${at}`, '1'),
    before: null,
  }))
  inTransaction(db, () => createScanStore(db).applyChanges(changes))
  closeDatabase(db)
}

const stored = (path: string): { count: number; isReplaced: boolean } => {
  const { db, isReplaced } = openDatabase(path)
  const count = [...createScanStore(db).items('javascriptPackages')].length
  closeDatabase(db)
  return { count, isReplaced }
}

test("the file is its owner's alone and keeps what was stored", () => {
  const path = place()
  fill(path)
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.deepEqual(stored(path), { count: 500, isReplaced: false })
})

test('a file that is no database is made anew', () => {
  const path = place()
  writeFileSync(path, 'this is not SQLite, whatever else it may be'.repeat(100))
  assert.deepEqual(stored(path), { count: 0, isReplaced: true })
})

test('damage inside the file is found after a stop that was not clean', () => {
  const path = place()
  fill(path)
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 4096 * 3, 4096 * 20)
  writeFileSync(path, bytes)
  writeFileSync(`${path}-wal`, '')
  assert.deepEqual(stored(path), { count: 0, isReplaced: true })
})

test('any other fault is told and destroys nothing', () => {
  const path = place()
  mkdirSync(path)
  assert.throws(() => openDatabase(path))
  assert.equal(statSync(path).isDirectory(), true)
})

test('a database of a newer agent is left alone', () => {
  const path = place()
  const { db } = openDatabase(path)
  db.exec('pragma user_version = 999')
  closeDatabase(db)
  assert.throws(() => openDatabase(path), /newer muster-agent/)
})

test('what waited in a file of an earlier version still waits, with its fate', () => {
  const path = place()
  const old = new DatabaseSync(path)
  for (const step of migrations.slice(0, 2)) old.exec(step)
  old.exec(`pragma user_version = 2;
    insert into outbox_event (event_id, tenant_id, device_id, local_sequence, surface, kind, body, observed_ms, collected_ms,
      payload, payload_bytes, payload_hash, attempt_count, updated_ms, severity)
    values ('A', 'default', 'dev_1', 7, 'homebrew', 'added', 'finding', 1, 2, x'0a', 1, 'hash', 3, 4, 'critical')`)
  old.close()
  const { db } = openDatabase(path)
  const [event] = createOutboxStore(db).due('dev_1', 5, 9)
  assert.deepEqual([event?.eventId, event?.localSequence, event?.attemptCount], ['A', 7, 3])
  assert.equal(db.prepare('select severity from outbox_event').get()?.['severity'], 'critical')
  closeDatabase(db)
})

test('a transaction that fails leaves nothing, and the next one works', () => {
  const { db } = openDatabase(place())
  const scans = createScanStore(db)
  const work = (item: string) => () =>
    scans.applyChanges([{ kind: 'added', item: packageItem(item, '1'), before: null }])
  assert.throws(
    () =>
      inTransaction(db, () => {
        work('a')()
        throw new Error('no')
      }),
    /no/,
  )
  inTransaction(db, work('b'))
  assert.deepEqual(
    [...scans.items('javascriptPackages')].map(({ name }) => name),
    ['b'],
  )
})

test('another process may read beside the writer, and there may be nothing to read', () => {
  const path = place()
  assert.equal(openForReading(path), null)
  const { db } = openDatabase(path)
  const reader = openForReading(path)
  assert.deepEqual(reader && createScanStore(reader).health(), [])
  reader?.close()
  closeDatabase(db)
})

test('what was committed is brought into the file itself when that is asked for, or it is said that it was not', () => {
  const path = place()
  const { db } = openDatabase(path)
  const add = (name: string): void =>
    inTransaction(
      db,
      () => createScanStore(db).applyChanges([{ kind: 'added', item: packageItem(name, '1'), before: null }]),
      'soon',
    )
  add('a')
  const reader = openForReading(path)
  reader?.exec('begin; select count(*) from inventory_item')
  reader?.prepare('select count(*) from inventory_item').get()
  add('b')
  db.exec('pragma busy_timeout = 1')
  assert.throws(() => writeThrough(db), isTrouble)
  reader?.close()
  writeThrough(db)
  const alone = place()
  copyFileSync(path, alone)
  assert.equal(stored(alone).count, 2)
  closeDatabase(db)
})
