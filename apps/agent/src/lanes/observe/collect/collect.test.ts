// What the walk and the reading of files do on a real disk: budgets, links, loops, FIFOs, things that vanish.
// What lockfiles mean is tested beside their readers.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { discover, type WalkOrder } from './discover.ts'
import { itemIdOf } from './item-id.ts'
import { isWithin } from './path-prefix.ts'
import { readFileSafely } from './read-file.ts'

const scratch = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'muster-agent-walk-')))

const put = (root: string, ...paths: string[]): void => {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), '{}')
  }
}

const walk = async (root: string, changed: Partial<WalkOrder> = {}, signal = new AbortController().signal) => {
  const order: WalkOrder = {
    roots: [root],
    realRoots: [root],
    maxDepth: 5,
    excludeDirectories: ['node_modules'],
    isWanted: (name) => name === 'lock',
    budget: { maxDirectories: 20_000, maxFiles: 5_000, maxMs: 30_000 },
    elapsedMs: () => 0,
    ...changed,
  }
  const { files, issues, unseen } = await discover(order, signal)
  const short = (path: string): string => path.slice(root.length + 1)
  return { found: files.map(({ directory, name }) => short(join(directory, name))), issues, unseen, short }
}

test('wanted files are found in order, hidden folders included, excluded ones not', async () => {
  const root = scratch()
  put(root, 'lock', 'b/lock', 'a/lock', '.hidden/lock', 'a/node_modules/x/lock', 'a/other')
  assert.deepEqual((await walk(root)).found, ['.hidden/lock', 'a/lock', 'b/lock', 'lock'])
})

test('files in a folder at the greatest depth are seen, folders below it are not entered', async () => {
  const root = scratch()
  put(root, 'lock', '1/lock', '1/2/lock', '1/2/3/lock')
  assert.deepEqual((await walk(root, { maxDepth: 2 })).found, ['1/2/lock', '1/lock', 'lock'])
  assert.deepEqual((await walk(root, { maxDepth: 0 })).found, ['lock'])
})

test('a missing root is nothing, a file as a root is an issue', async () => {
  const root = scratch()
  put(root, 'file')
  const missing = await walk(root, { roots: [join(root, 'nowhere')] })
  assert.deepEqual([missing.found, missing.issues], [[], []])
  const { issues } = await walk(root, { roots: [join(root, 'file')] })
  assert.match(issues[0]?.reason ?? '', /cannot be enumerated/)
})

test('linked folders are not entered, so that loops end and nothing outside is seen', async () => {
  const root = scratch()
  const outside = scratch()
  put(outside, 'lock')
  put(root, 'a/lock')
  symlinkSync(root, join(root, 'a', 'loop'))
  symlinkSync(outside, join(root, 'a', 'out'))
  assert.deepEqual((await walk(root)).found, ['a/lock'])
})

test('a root that is a link counts only if it leads somewhere the owner allows', async () => {
  const root = scratch()
  const outside = scratch()
  put(root, 'a/lock')
  put(outside, 'lock')
  symlinkSync(join(root, 'a'), join(root, 'in'))
  symlinkSync(outside, join(root, 'out'))
  assert.deepEqual((await walk(root, { roots: [join(root, 'in')] })).found, ['in/lock'])
  const led = await walk(root, { roots: [join(root, 'out')] })
  assert.deepEqual(led.found, [])
  assert.match(led.issues[0]?.reason ?? '', /outside/)
})

test('a root inside another reaches as deep as it would alone, and nothing is found twice', async () => {
  const root = scratch()
  put(root, 'a/b/c/lock', 'lock')
  const { found } = await walk(root, { roots: [root, join(root, 'a', 'b'), root], maxDepth: 1 })
  assert.deepEqual(found, ['a/b/c/lock', 'lock'])
})

test('a folder whose name is no valid text hides nothing: it is an issue', async () => {
  const root = scratch()
  put(root, 'a/lock', 'mark-\ufffd/lock')
  mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe])]))
  const { found, issues, unseen } = await walk(root)
  assert.deepEqual(found, ['a/lock', 'mark-\ufffd/lock'])
  const path = join(root, '\ufffd\ufffd')
  assert.deepEqual([issues, unseen], [[{ path, reason: 'cannot be inspected: its name is not valid text' }], []])
})

test('the folder budget ends the walk with an issue, and names what was not seen', async () => {
  const root = scratch()
  put(root, 'a/lock', 'b/lock', 'c/lock')
  const budget = { maxDirectories: 3, maxFiles: 10, maxMs: 10 }
  const cut = await walk(root, { budget })
  assert.deepEqual(cut.found, ['a/lock', 'b/lock'])
  assert.match(cut.issues[0]?.reason ?? '', /limit/)
  assert.deepEqual(cut.unseen, [{ path: join(root, 'c'), extent: 'tree', because: 'budget' }])
  const exact = await walk(root, { budget: { ...budget, maxDirectories: 4 } })
  assert.deepEqual([exact.found.length, exact.issues], [3, []])
})

test('the file budget passes exactly its number and no more', async () => {
  const root = scratch()
  put(root, 'a/lock', 'b/lock', 'c/lock')
  const budget = { maxDirectories: 100, maxFiles: 2, maxMs: 10 }
  const cut = await walk(root, { budget })
  assert.equal(cut.found.length, 2)
  assert.equal(cut.issues.length, 1)
  assert.deepEqual((await walk(root, { budget: { ...budget, maxFiles: 3 } })).issues, [])
})

test('the time budget ends the walk only when it is exceeded', async () => {
  const root = scratch()
  put(root, 'a/lock')
  assert.deepEqual((await walk(root, { elapsedMs: () => 30_000 })).issues, [])
  const late = await walk(root, { elapsedMs: () => 30_001 })
  assert.deepEqual([late.found, late.unseen.map(({ because }) => because)], [[], ['budget']])
})

test('a stopped walk rejects with the reason of the stop', async () => {
  const root = scratch()
  put(root, 'a/lock')
  await assert.rejects(walk(root, {}, AbortSignal.abort(new Error('stopped'))), /stopped/)
})

test('a place that cannot be inspected is an issue and the rest is seen', async () => {
  const root = scratch()
  put(root, 'a/lock')
  const { found, issues, unseen } = await walk(root, { roots: [join(root, 'x'.repeat(300)), root] })
  assert.deepEqual([found, issues.length, unseen[0]?.because], [['a/lock'], 1, 'unreadable'])
})

const rules = (root: string, mostBytes = 10) => ({ mostBytes, realRoots: [root] })

test('a file of exactly the limit is read, one byte more is not', async () => {
  const root = scratch()
  const path = join(root, 'f')
  writeFileSync(path, '0123456789')
  assert.deepEqual(await readFileSafely(path, false, rules(root)), { ok: true, value: '0123456789' })
  writeFileSync(path, '0123456789!')
  const refused = await readFileSafely(path, false, rules(root))
  assert.equal(refused.ok || refused.refusal.code, 'file_too_large')
})

test('a link is followed inside the roots only, and its target is what is measured', async () => {
  const root = scratch()
  const outside = scratch()
  writeFileSync(join(root, 'real'), 'inside')
  writeFileSync(join(root, 'large'), 'much too large')
  writeFileSync(join(outside, 'secret'), 'outside')
  const through = async (target: string) => {
    const path = join(root, `link-${target.replaceAll('/', '-')}`)
    symlinkSync(target, path)
    const read = await readFileSafely(path, true, rules(root))
    return read.ok ? read.value : read.refusal.code
  }
  assert.equal(await through(join(root, 'real')), 'inside')
  assert.equal(await through(join(root, 'large')), 'file_too_large')
  assert.equal(await through(join(outside, 'secret')), 'link_leads_outside')
  assert.equal(await through('/etc/passwd'), 'link_leads_outside')
  assert.equal(await through(join(root, 'nowhere')), 'file_gone')
})

test('nothing but a regular file is read, and nothing is waited for', async () => {
  const root = scratch()
  const fifo = join(root, 'fifo')
  execFileSync('mkfifo', [fifo])
  symlinkSync(fifo, join(root, 'to-fifo'))
  symlinkSync(join(root, 'x'), join(root, 'x'))
  const codes: unknown[] = []
  for (const [path, isLink] of [
    [fifo, false],
    [join(root, 'to-fifo'), true],
    [root, false],
    [join(root, 'to-fifo'), false],
    [join(root, 'x'), true],
  ] as const) {
    const read = await readFileSafely(path, isLink, rules(root))
    codes.push(read.ok || read.refusal.code)
  }
  assert.deepEqual(codes, Array(5).fill('file_irregular'))
})

const ids = [
  {
    of: { surface: 'homebrew', kind: 'package', path: '/opt/x', name: 'rg', version: '1' },
    want: 'homebrew/package//opt/x/rg',
  },
  {
    of: { surface: 'javascriptPackages', kind: 'package', path: '/p/lock', name: '@a/b', version: '1.0' },
    want: 'javascriptPackages/package//p/lock/@a/b/1.0',
  },
  {
    of: { surface: 'pythonPackages', kind: 'k', path: '/p', name: 'n', version: null },
    want: 'pythonPackages/k//p/n/',
  },
  {
    of: { surface: 'javascriptPackages', kind: 'package', path: 'C:\\p\\lock', name: 'a', version: '1' },
    want: 'javascriptPackages/package/C:\\p\\lock/a/1',
  },
]
for (const { of, want } of ids) test(`the identity is ${want}`, () => assert.equal(itemIdOf(of), want))

const places = [
  { path: '/a', folder: '/a', want: true },
  { path: '/a/b', folder: '/a', want: true },
  { path: '/a/..b', folder: '/a', want: true },
  { path: '/ab', folder: '/a', want: false },
  { path: '/', folder: '/a', want: false },
  { path: '/a/../b', folder: '/a', want: false },
  { path: '/b', folder: '/', want: true },
]
for (const { path, folder, want } of places)
  test(`${path} is ${want ? '' : 'not '}within ${folder}`, () => assert.equal(isWithin(path, folder), want))

test('of two paths to one folder the one whose turn comes first is told, however the disk answers', async () => {
  const root = scratch()
  put(root, 'a/lock', ...Array.from({ length: 20 }, (_, at) => `many/${at}/lock`))
  symlinkSync(join(root, 'a'), join(root, 'in'))
  for (let round = 0; round < 20; round++) {
    const { found } = await walk(root, { roots: [join(root, 'in'), root] })
    assert.deepEqual([found.length, found.includes('in/lock'), found.includes('a/lock')], [21, true, false])
  }
})
