// Proves that what somebody else made is left alone, and that what cannot be reached is named.
// Databases of our own are in migrate.test.ts.
import assert from 'node:assert/strict'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import { sql } from 'kysely'
import { openStorage } from './open.ts'
import { createTestPlace, eachEngine } from './testing.ts'
import { thingRoom } from './thing.fixture.ts'

const folder = mkdtempSync(join(tmpdir(), 'muster-foreign-'))
after(() => rmSync(folder, { recursive: true }))

const openFile = (file: string) => openStorage({ url: `sqlite:${file}`, rooms: [] })

const foreign = { name: 'ForeignDatabase' }

eachEngine((engine) => {
  test('tables that are not ours make a database foreign', async () => {
    const place = await createTestPlace(engine)
    const storage = await openStorage({ url: place.url, rooms: [thingRoom] })
    await storage.write((tx) => sql`drop table storage_migration`.execute(tx))
    await storage.close()
    // A file of ours is known by its header as well, so that one only loses its memory.
    if (engine === 'postgres') await assert.rejects(openStorage({ url: place.url, rooms: [] }), foreign)
    else await assert.rejects(openStorage({ url: place.url, rooms: [thingRoom] }), /exists/)
    await place.remove()
  })
})

test('a file that is no database is left as it is', async () => {
  const file = join(folder, 'letter.txt')
  writeFileSync(file, 'Dear Sir or Madam, this is not a database.')
  await assert.rejects(openFile(file), foreign)
  assert.equal(readFileSync(file, 'utf8'), 'Dear Sir or Madam, this is not a database.')
})

test("somebody else's SQLite database is left as it is", async () => {
  const file = join(folder, 'songs.db')
  const songs = new DatabaseSync(file)
  songs.exec('create table song(title text)')
  songs.close()
  const bytes = readFileSync(file)
  await assert.rejects(openFile(file), foreign)
  assert.deepEqual(readFileSync(file), bytes)
})

test('a folder that cannot be is named', async () => {
  const file = join(folder, 'file-not-folder')
  writeFileSync(file, '')
  await assert.rejects(openFile(join(file, 'muster.db')), /cannot write the database file .*file-not-folder/)
})

test('a server that cannot be reached is named without its password', async () => {
  const opened = openStorage({ url: 'postgres://muster:hush@127.0.0.1:9/fleet', rooms: [] })
  await assert.rejects(opened, (error: Error) => {
    assert.match(error.message, /cannot use the PostgreSQL database 127\.0\.0\.1:9\/fleet/)
    assert.doesNotMatch(JSON.stringify([error.message, error.stack, String(error.cause)]), /hush/)
    return true
  })
})

test('folder and file are for their owner only, also when the file was not', async () => {
  const file = join(folder, 'deep', 'data', 'muster.db')
  const storage = await openFile(file)
  assert.equal(statSync(join(folder, 'deep', 'data')).mode & 0o777, 0o700)
  for (const suffix of ['', '-wal', '-shm']) assert.equal(statSync(file + suffix).mode & 0o777, 0o600)
  await storage.close()
  chmodSync(file, 0o644)
  await (await openFile(file)).close()
  assert.equal(statSync(file).mode & 0o777, 0o600)
})
