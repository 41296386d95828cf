// The folders in a folder, on a real disk: what counts, in which order, and how many at most.
// What is made of them is each collector's.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, never } from '../testing/ground.ts'
import { listFolders, mostEntries } from './list-folder.ts'

test('folders are listed by name; files, links and hidden folders are not', async () => {
  const root = groundWith({ 'b/x': '', 'a/x': '', '.h/x': '', file: '' })
  symlinkSync(join(root, 'a'), join(root, 'link'))
  assert.deepEqual(await listFolders(root, never), { names: ['a', 'b'], reason: null, because: 'budget' })
})

test('a missing folder is empty, a file in its place is told', async () => {
  const root = groundWith({ file: '' })
  assert.deepEqual((await listFolders(join(root, 'nowhere'), never)).reason, null)
  assert.match((await listFolders(join(root, 'file'), never)).reason ?? '', /not a folder/)
  assert.deepEqual((await listFolders(join(root, 'file', 'below'), never)).reason, null)
})

test('exactly the limit of entries is seen, one more ends the listing with a reason', async () => {
  const root = groundWith({})
  for (let at = 0; at < mostEntries - 1; at++) writeFileSync(join(root, `f${at}`), '')
  mkdirSync(join(root, 'folder'))
  assert.deepEqual(await listFolders(root, never), { names: ['folder'], reason: null, because: 'budget' })
  writeFileSync(join(root, 'one-more'), '')
  assert.match((await listFolders(root, never)).reason ?? '', /entry limit reached/)
})
