// What the search of a tool's folder does on a real disk: limits, links, loops, FIFOs, places that cannot be entered.
// What is made of the files it finds is tested with the collectors.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, never } from '../testing/ground.ts'
import { isBundle, listingLimits, type SearchOrder, search, searchLimits } from './search.ts'

const find = async (folder: string, changed: Partial<SearchOrder> = {}, signal = never) => {
  const order: SearchOrder = {
    folder,
    reach: 'anywhere',
    isWanted: (name) => name.endsWith('.md'),
    isRecursive: true,
    areOddEntriesTold: false,
    skippedFolders: [],
    limits: searchLimits,
    elapsedMs: () => 0,
    ...changed,
  }
  const { files, issues, unseen } = await search(order, signal)
  const short = (path: string): string => path.slice(folder.length + 1)
  return {
    files: files.map(short),
    issues: issues.map(({ path, reason }) => `${short(path)}: ${reason}`),
    unseen: unseen.map(({ path, because }) => `${short(path)} ${because}`),
  }
}

test('wanted files are found in all folders, sorted; hidden and skipped ones are not', async () => {
  const root = groundWith({
    'b.md': '',
    'a/z.md': '',
    'a/x.txt': '',
    '.h/y.md': '',
    '.z.md': '',
    'node_modules/n.md': '',
  })
  assert.deepEqual((await find(root, { skippedFolders: ['node_modules'] })).files, ['a/z.md', 'b.md'])
  assert.deepEqual((await find(root, { isRecursive: false })).files, ['b.md'])
})

test('a missing folder is nothing, also below a file; a file in its place is an issue', async () => {
  const root = groundWith({ file: '' })
  for (const path of ['nowhere', 'file/below']) assert.deepEqual((await find(join(root, path))).issues, [])
  assert.deepEqual((await find(join(root, 'file'))).issues, [': cannot be enumerated: it is not a folder'])
})

test('links are never followed; only where odd entries are told is each of them an issue', async () => {
  const root = groundWith({ 'real/a.md': '' })
  symlinkSync(root, join(root, 'real', 'loop'))
  symlinkSync(join(root, 'real', 'a.md'), join(root, 'link.md'))
  symlinkSync(join(root, 'nowhere'), join(root, 'broken.md'))
  execFileSync('mkfifo', [join(root, 'fifo.md')])
  const quiet = await find(root)
  assert.deepEqual([quiet.files, quiet.issues], [['real/a.md'], []])
  const told = await find(root, { areOddEntriesTold: true })
  assert.deepEqual(told.files, ['real/a.md'])
  assert.deepEqual(
    told.issues.toSorted(),
    ['broken.md', 'fifo.md', 'link.md', 'real/loop'].map((path) => `${path}: not a regular file`),
  )
})

test("an owner's folder may be a link, a project's only to where the owner allows", async () => {
  const root = groundWith({ 'real/a.md': '', 'elsewhere/b.md': '' })
  symlinkSync(join(root, 'elsewhere'), join(root, 'linked'))
  assert.deepEqual((await find(join(root, 'linked'))).files, ['b.md'])
  const reach = { realRoots: [join(root, 'real')] }
  assert.deepEqual(await find(join(root, 'linked'), { reach }), {
    files: [],
    issues: [': a link that leads outside the scanned roots'],
    unseen: [' unreadable'],
  })
  assert.deepEqual((await find(join(root, 'real'), { reach })).files, ['a.md'])
})

test('exactly at a limit everything is seen, one more ends the search with an issue', async () => {
  const root = groundWith({ 'a.md': '', 'b.md': '', 'c.txt': '', '.hidden': '' })
  const limits = { ...searchLimits, maxFiles: 3, maxEntries: 3 }
  assert.deepEqual((await find(root, { limits })).issues, [])
  const byFiles = await find(root, { limits: { ...limits, maxFiles: 2 } })
  assert.deepEqual(byFiles.issues, [': file limit reached: 2 files'])
  assert.deepEqual(byFiles.unseen, [' budget'])
  assert.equal(byFiles.files.length <= 2, true)
  const byEntries = await find(root, { limits: { ...limits, maxEntries: 2 } })
  assert.deepEqual(byEntries.issues, [': entry limit reached: 2 entries'])
})

test('the limits are those of the specification', async () => {
  const many = Object.fromEntries(Array.from({ length: 5_001 }, (_, at) => [`${at}.md`, '']))
  const root = groundWith(many)
  const cut = await find(root)
  assert.deepEqual([cut.files.length, cut.issues], [5_000, [': file limit reached: 5000 files']])
  const listed = await find(root, { limits: listingLimits })
  assert.deepEqual([listed.files.length, listed.issues], [5_001, []])
  assert.deepEqual([searchLimits.maxEntries, listingLimits.maxEntries, searchLimits.maxMs], [25_000, 25_000, 10_000])
})

test('time ends a search only when it is exceeded', async () => {
  const root = groundWith({ 'a.md': '' })
  assert.deepEqual((await find(root, { elapsedMs: () => 10_000 })).issues, [])
  assert.deepEqual((await find(root, { elapsedMs: () => 10_001 })).issues, [': time limit reached: 10 s'])
})

test('a stopped search rejects with the reason of the stop', async () => {
  const root = groundWith({ 'a.md': '' })
  await assert.rejects(find(root, {}, AbortSignal.abort(new Error('stopped'))), /stopped/)
})

test('a folder that cannot be inspected is an issue, and the others are seen', async () => {
  const root = groundWith({ 'a.md': '' })
  assert.match((await find(join(root, 'x'.repeat(300)))).issues[0] ?? '', /cannot be inspected: ENAMETOOLONG/)
  symlinkSync(join(root, 'self'), join(root, 'self'))
  assert.match((await find(join(root, 'self'))).issues[0] ?? '', /cannot be inspected: ELOOP/)
})

test('a deep tree and files of one inode are walked to their end', async () => {
  const root = groundWith({ 'a.md': '' })
  linkSync(join(root, 'a.md'), join(root, 'b.md'))
  const deep = join(root, ...Array.from({ length: 200 }, () => 'd'))
  mkdirSync(deep, { recursive: true })
  linkSync(join(root, 'a.md'), join(deep, 'c.md'))
  assert.equal((await find(root)).files.length, 3)
})

test('what macOS shows as one document is no folder there', () => {
  assert.deepEqual(
    [isBundle('X.app', 'darwin'), isBundle('X.app', 'linux'), isBundle('app', 'darwin')],
    [true, false, false],
  )
})
