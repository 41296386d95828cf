// What the surface makes of RPM databases: headers that RPM itself wrote, databases in every state, older kinds.
// The fixtures are described beside them.
import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain } from '../testing/ground.ts'
import { readRpmHeader } from './rpm-header.ts'
import { createRpmPackages } from './rpm-packages.ts'

const headers = readFileSync(new URL('./fixtures/headers.base64', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => Buffer.from(line, 'base64'))

const openAt = (folder: string): DatabaseSync => {
  mkdirSync(folder, { recursive: true })
  const db = new DatabaseSync(join(folder, 'rpmdb.sqlite'))
  db.exec('pragma journal_mode = wal; pragma wal_autocheckpoint = 0')
  db.exec("create table if not exists 'Packages' (hnum integer primary key autoincrement, blob blob not null)")
  return db
}

const insert = (db: DatabaseSync, blobs: readonly Uint8Array[]): void => {
  const statement = db.prepare('insert into Packages (blob) values (?)')
  for (const blob of blobs) statement.run(blob)
}

const databaseWith = (blobs: readonly Uint8Array[]): string => {
  const folder = join(groundWith({}), 'rpm')
  const db = openAt(folder)
  insert(db, blobs)
  db.close()
  return folder
}

const later = (): number => Date.now() + 3_600_000
const collect = (...folders: string[]) => createRpmPackages(folders, later).collect(never)

/** A header with these tags, all texts, in the form that RPM stores. */
const headerOf = (texts: Readonly<Record<number, string>>): Buffer => {
  const entries = Object.entries(texts)
  const data = Buffer.from(entries.map(([, text]) => `${text}\0`).join(''))
  const index = Buffer.alloc(8 + entries.length * 16)
  index.writeUInt32BE(entries.length, 0)
  index.writeUInt32BE(data.length, 4)
  let offset = 0
  for (const [at, [tag, text]] of entries.entries()) {
    for (const [field, value] of [Number(tag), 6, offset, 1].entries())
      index.writeUInt32BE(value, 8 + at * 16 + field * 4)
    offset += Buffer.byteLength(text) + 1
  }
  return Buffer.concat([index, data])
}

const named = (name: string, version: string, arch: string): Buffer =>
  headerOf({ 1000: name, 1001: version, 1002: '1', 1022: arch })

test('headers that RPM wrote say name, version, architecture, vendor and source', () => {
  const common = { architecture: 'noarch', vendor: 'Sample Vendor, Inc.', source: 'muster-sample-1.2.3-4.el9.src.rpm' }
  assert.deepEqual(headers.map(readRpmHeader), [
    { name: 'muster-sample', version: '2:1.2.3-4.el9', ...common },
    { name: 'other-sample', version: '1.2.3-4.el9', ...common },
  ])
})

test('every database that is there is read once, whatever links lead to it', async () => {
  const folder = databaseWith(headers)
  symlinkSync(folder, `${folder}-link`)
  const { items, issues } = await collect(`${folder}-link`, folder, `${folder}-nowhere`)
  assert.deepEqual([items.length, issues], [2, []])
  assert.deepEqual(plain({ items })[0], {
    itemId: `rpmPackages/package/${folder}/rpmdb.sqlite/muster-sample.noarch/2:1.2.3-4.el9`,
    surface: 'rpmPackages',
    kind: 'package',
    name: 'muster-sample',
    version: '2:1.2.3-4.el9',
    path: `${folder}/rpmdb.sqlite`,
    origin: 'Sample Vendor, Inc.',
    detail: 'arch=noarch source=muster-sample-1.2.3-4.el9.src.rpm',
    installedOnRequest: null,
    attributes: {},
  })
})

test('one name in several versions and architectures is several items, and keys are none', async () => {
  const folder = databaseWith([
    named('kernel', '6.1', 'x86_64'),
    named('kernel', '6.2', 'x86_64'),
    named('glibc', '2.34', 'x86_64'),
    named('glibc', '2.34', 'i686'),
    named('gpg-pubkey', 'abc', '(none)'),
  ])
  const { items } = await collect(folder)
  assert.equal(new Set(items.map(({ itemId }) => itemId)).size, 4)
})

test('reading leaves nothing beside the database, also when it was never closed', async () => {
  const folder = databaseWith(headers)
  const before = readdirSync(folder)
  await collect(folder)
  assert.deepEqual(readdirSync(folder), before)
})

test('what was committed a moment ago by a program that still runs is seen', async () => {
  const folder = databaseWith(headers)
  const db = openAt(folder)
  insert(db, [named('fresh', '1', 'noarch')])
  assert.ok(existsSync(join(folder, 'rpmdb.sqlite-wal')))
  const { items, stamps } = await collect(folder)
  assert.deepEqual([items.length, stamps?.size], [3, 0])
  db.close()
})

test('a database that is as it was is left unread', async () => {
  const folder = databaseWith(headers)
  const surface = createRpmPackages([folder], later)
  const { stamps } = await surface.collect(never)
  const again = await surface.collect(never, stamps)
  assert.deepEqual([again.items.length, [...(again.unchanged ?? [])]], [0, [join(folder, 'rpmdb.sqlite')]])
})

test('what is no database, and what is no header, is told and keeps the rest', async () => {
  const broken = groundWith({ 'rpmdb.sqlite': 'not a database at all, whatever its name says'.repeat(100) })
  const odd = databaseWith([Buffer.from('odd'), ...headers])
  const { items, issues, unseen } = await collect(broken, odd)
  assert.deepEqual([items.length, issues.length, unseen.length], [2, 2, 1])
  assert.match(issues[0]?.reason ?? '', /not an RPM database/)
  assert.match(issues[1]?.reason ?? '', /1 headers are not packages/)
})

test('databases of older kinds are told', async () => {
  const [berkeley, ndb] = [groundWith({ Packages: 'x' }), groundWith({ 'Packages.db': 'x' })]
  const { issues } = await collect(berkeley, ndb)
  assert.deepEqual(
    issues.map(({ reason }) => /of the (.*) kind/.exec(reason)?.[1]),
    ['Berkeley DB', 'NDB'],
  )
  writeFileSync(join(ndb, 'rpmdb.sqlite'), readFileSync(join(databaseWith(headers), 'rpmdb.sqlite')))
  assert.equal((await collect(ndb)).issues.length, 0)
})

test('a machine without RPM has nothing to tell', async () => {
  const { items, issues, unseen } = await collect('/nowhere')
  assert.deepEqual([items, issues, unseen], [[], [], []])
})

test('no bytes make the header reader throw or wait', () => {
  const damaged = fc
    .tuple(
      fc.constantFrom(...headers),
      fc.array(fc.tuple(fc.nat(1_400), fc.nat(255)), { maxLength: 20 }),
      fc.nat(1_400),
    )
    .map(([header, changes, end]) => {
      const copy = Buffer.from(header.subarray(0, end))
      for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte
      return copy
    })
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), damaged), (bytes) => void readRpmHeader(bytes)),
    { numRuns: 3000 },
  )
  const countless = Buffer.alloc(4_000_000, 0xff)
  assert.equal(readRpmHeader(countless), null)
})
