// Proves that a backup taken while others write is one consistent moment, and a database that opens.
// When backups are taken, and restored, is the server's business.
import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, before, test } from 'node:test'
import { openStorage, type Storage } from './open.ts'
import { createTestPlace, eachEngine, openTestStorage, type TestPlace } from './testing.ts'
import { createThing, insertThings, thingRoom } from './thing.fixture.ts'

let place: TestPlace
let storage: Storage
let folder: string
before(async () => {
  place = await createTestPlace('sqlite')
  folder = dirname(place.url.slice('sqlite:'.length))
  storage = await openStorage({ url: place.url, rooms: [thingRoom] })
})
after(async () => {
  await storage.close()
  await place.remove()
})

/** Writes pairs, each in one transaction, until told to stop; answers how many. */
const writePairs = async (signal: { stop: boolean }): Promise<number> => {
  let pairs = 0
  for (; !signal.stop; pairs++) {
    const body = new Uint8Array(5000)
    const pair = ['left', 'right'].map((side) => createThing(`${side} ${pairs}`, { body }))
    await storage.write((tx) => insertThings(tx, pair))
  }
  return pairs
}

const countRows = (file: string, side: string): number => {
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    assert.deepEqual(Object.values(db.prepare('pragma integrity_check').get() ?? {}), ['ok'])
    const row = db.prepare('select count(*) as count from thing where event_id like ?').get(`${side}%`)
    return Number(row?.['count'])
  } finally {
    db.close()
  }
}

test('a backup under load is sound, whole, private and openable', async () => {
  await storage.write((tx) =>
    insertThings(
      tx,
      Array.from({ length: 500 }, (_, index) => createThing(`ballast ${index}`, { body: new Uint8Array(8000) })),
    ),
  )
  const signal = { stop: false }
  const writing = writePairs(signal)
  const files = ['one.db', 'two.db', 'three.db'].map((name) => join(folder, name))
  const counts: number[] = []
  for (const file of files) {
    await storage.backup(file)
    counts.push(countRows(file, 'left'))
    assert.equal(countRows(file, 'right'), counts.at(-1))
    assert.equal(countRows(file, 'ballast'), 500)
    assert.equal(statSync(file).mode & 0o777, 0o600)
  }
  signal.stop = true
  assert.ok((await writing) >= (counts.at(-1) ?? 0))
  assert.deepEqual(
    counts,
    counts.toSorted((left, right) => left - right),
  )
  const restored = await openStorage({ url: `sqlite:${files[0]}`, rooms: [thingRoom] })
  assert.equal(await restored.write((tx) => insertThings(tx, [createThing('life goes on')])), 1)
  await restored.close()
})

test('a file that is there already is not written over', async () => {
  const file = join(folder, 'precious.db')
  writeFileSync(file, 'precious')
  await assert.rejects(storage.backup(file), /exists already/)
})

test('a place that cannot be leaves nothing behind', async () => {
  const file = join(folder, 'no', 'such', 'folder.db')
  await assert.rejects(storage.backup(file), /backup to .*folder\.db/)
  assert.ok(!existsSync(dirname(file)))
})

eachEngine((engine) => {
  if (engine === 'sqlite') return

  test('a server is backed up with its own tools', async () => {
    const other = await openTestStorage(engine, [])
    await assert.rejects(other.backup('/nowhere'), /pg_dump/)
    await other.close()
  })
})
