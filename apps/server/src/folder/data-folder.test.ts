// Proof that the data folder is taken by one server only and that nothing foreign is touched.
// The same faults, seen from the command line, are in main.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { PlainFault } from '../plain-fault.ts'
import { inspectFolder, openDataFolder } from './data-folder.ts'

const scratch = (): string => mkdtempSync(join(tmpdir(), 'muster-folder-'))

test('a missing folder is made for its owner only', () => {
  const dir = join(scratch(), 'deep', 'data')
  assert.equal(inspectFolder(dir), 'missing')
  openDataFolder(dir).close()
  assert.equal(statSync(dir).mode & 0o777, 0o700)
  assert.equal(inspectFolder(dir), 'ours')
})

test('a second server is told that the folder is in use, and may have it when the first is gone', () => {
  const dir = scratch()
  const first = openDataFolder(dir)
  assert.throws(
    () => openDataFolder(dir),
    (fault) => fault instanceof PlainFault && /another muster-server/.test(fault.message),
  )
  first.close()
  openDataFolder(dir).close()
})

test('a folder with other things in it is left as it is', () => {
  const dir = scratch()
  writeFileSync(join(dir, 'thesis.doc'), 'x')
  assert.throws(() => openDataFolder(dir), /holds things that muster-server did not make/)
  assert.deepEqual(readdirSync(dir), ['thesis.doc'])
})

test('a folder whose first start was cut off while it was marked is begun again', () => {
  const dir = scratch()
  writeFileSync(join(dir, 'muster-data.json'), '')
  assert.equal(inspectFolder(dir), 'empty')
  openDataFolder(dir).close()
  assert.equal(inspectFolder(dir), 'ours')
})

test('a folder that holds the authority of another server, and nothing else, is begun', () => {
  const dir = scratch()
  mkdirSync(join(dir, 'ca'))
  assert.equal(inspectFolder(dir), 'empty')
  openDataFolder(dir).close()
  assert.equal(inspectFolder(dir), 'ours')
  const other = scratch()
  mkdirSync(join(other, 'ca'))
  writeFileSync(join(other, 'thesis.doc'), 'x')
  assert.throws(() => openDataFolder(other), /holds things that muster-server did not make/)
})

test('a folder of a newer layout is left alone', () => {
  const dir = scratch()
  writeFileSync(join(dir, 'muster-data.json'), '{"program":"muster-server","layout":99}')
  assert.throws(() => openDataFolder(dir), /newer muster-server/)
})

test('a file in place of the folder is named as such', () => {
  const path = join(scratch(), 'file')
  writeFileSync(path, '')
  assert.throws(
    () => openDataFolder(path),
    (fault) => fault instanceof PlainFault && /is a file/.test(fault.message),
  )
  assert.throws(
    () => openDataFolder(join(path, 'below')),
    (fault) => fault instanceof PlainFault && /is a file/.test(fault.message),
  )
})
