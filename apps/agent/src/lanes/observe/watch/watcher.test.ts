// Watching real folders: files that come, change and go, folders that are not there yet, and limits (sensor-agent 14.7).
// Whom a change concerns is tested in decide.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, test } from 'node:test'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import type { Interest } from '../collect/snapshot.ts'
import { scratchFolder } from '../testing/stores.ts'
import { decidePlan } from './decide.ts'
import { findHomeSignals } from './home-signals.ts'
import { createWatcher, type Watcher } from './watcher.ts'

const open = new Set<Watcher>()
afterEach(() => {
  for (const watcher of open) watcher.close()
  open.clear()
})

const start = async (interests: readonly Interest[], mostFolders?: number, others: readonly Interest[] = []) => {
  const seen: (string | null)[] = []
  const folders: string[] = []
  const roots: string[] = []
  const unavailable: string[] = []
  let changed = Promise.withResolvers<void>()
  const tell = (): void => {
    changed.resolve()
    changed = Promise.withResolvers()
  }
  const watcher = createWatcher({
    plan: decidePlan([
      { surface: 's', interests },
      { surface: 'other', interests: others },
    ]),
    onChange: (path, isFolder) => {
      seen.push(path)
      if (isFolder && path !== null) folders.push(path)
      tell()
    },
    onRootChange: (path) => {
      roots.push(path)
      tell()
    },
    onUnavailable: (surfaces, reason) => void unavailable.push(`${[...surfaces].join()}: ${reason}`),
    ...(mostFolders !== undefined && { mostFolders }),
  })
  open.add(watcher)
  await watcher.ready
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) await changed.promise
  }
  return { seen, folders, roots, unavailable, until, sees: (path: string) => until(() => seen.includes(path)) }
}

test('a file that is written, replaced and deleted is told, and its neighbours are not', async () => {
  const folder = scratchFolder()
  const path = join(folder, 'settings.json')
  const { seen, sees } = await start([{ path, extent: 'file' }])
  writeFileSync(join(folder, 'other.json'), '1')
  writeFileSync(path, '1')
  await sees(path)
  writeFileSync(join(folder, 'draft'), '2')
  renameSync(join(folder, 'draft'), path)
  rmSync(path)
  await sees(path)
  assert.deepEqual(new Set(seen), new Set([path]))
})

test('a path that is not there is found through folders that appear one after the other', async () => {
  const folder = scratchFolder()
  const path = join(folder, 'a', 'b', 'c.json')
  const { sees } = await start([{ path, extent: 'file' }])
  mkdirSync(join(folder, 'a'))
  await sees(join(folder, 'a'))
  mkdirSync(join(folder, 'a', 'b'))
  await sees(join(folder, 'a', 'b'))
  writeFileSync(path, '1')
  await sees(path)
})

test('a tree is watched as it grows, but not through links, excluded folders, or beyond its depth', async () => {
  const root = scratchFolder()
  const away = scratchFolder()
  for (const folder of ['one', 'skip', 'one/two', 'one/two/three']) mkdirSync(join(root, folder))
  symlinkSync(away, join(root, 'link'))
  const { seen, sees } = await start([{ path: root, extent: 'tree', maxDepth: 2, excludeDirectories: ['skip'] }])
  for (const path of [join(root, 'skip', 'x'), join(root, 'one/two/three/x'), join(away, 'x')]) writeFileSync(path, '1')
  mkdirSync(join(root, 'new'))
  await sees(join(root, 'new'))
  writeFileSync(join(root, 'new', 'lock'), '1')
  writeFileSync(join(root, 'one', 'two', 'lock'), '1')
  await sees(join(root, 'one', 'two', 'lock'))
  await sees(join(root, 'new', 'lock'))
  for (const path of seen) assert.doesNotMatch(path ?? '', /skip|three|link/)
})

test('in a tree only files that matter are told', async () => {
  const root = scratchFolder()
  const wants = (name: string): boolean => name === 'lock'
  const { seen, sees } = await start([{ path: root, extent: 'tree', wants }])
  writeFileSync(join(root, 'main.ts'), '1')
  writeFileSync(join(root, 'lock'), '1')
  await sees(join(root, 'lock'))
  assert.deepEqual(new Set(seen), new Set([join(root, 'lock')]))
})

test('trees that are walked alike are told of what any of them wants, and of folders that come and go', async () => {
  const root = scratchFolder()
  mkdirSync(join(root, 'old'))
  const wanting = (wanted: string): Interest => ({ path: root, extent: 'tree', wants: (name) => name === wanted })
  const { seen, folders, sees, until } = await start([wanting('a')], undefined, [wanting('b')])
  mkdirSync(join(root, 'new'))
  await sees(join(root, 'new'))
  for (const name of ['x', 'a', 'b']) writeFileSync(join(root, 'new', name), '1')
  for (const name of ['a', 'b']) await sees(join(root, 'new', name))
  renameSync(join(root, 'old'), join(scratchFolder(), 'old'))
  await until(() => folders.includes(join(root, 'old')))
  assert.deepEqual(new Set(folders), new Set([join(root, 'new'), join(root, 'old')]))
  assert.equal(seen.includes(join(root, 'new', 'x')), false)
})

test('a root that goes away is told as such, and is found again when it comes back', async () => {
  const root = join(scratchFolder(), 'src')
  mkdirSync(root)
  const { seen, roots, until, sees } = await start([{ path: root, extent: 'tree' }])
  renameSync(root, `${root}.old`)
  await until(() => roots.length === 1 && seen.includes(root))
  seen.length = 0
  mkdirSync(root)
  await sees(root)
  writeFileSync(join(root, 'lock'), '1')
  await sees(join(root, 'lock'))
})

test('folders replaced by others of their name are watched as they are now, at every depth', async () => {
  const base = scratchFolder()
  const root = join(base, 'src')
  mkdirSync(join(root, 'app', 'deep'), { recursive: true })
  const { seen, sees } = await start([{ path: root, extent: 'tree' }])
  for (let round = 0; round < 5; round++)
    for (const replaced of ['.', 'app', 'app/deep']) {
      seen.length = 0
      const lock = join(root, 'app', 'deep', 'lock')
      renameSync(join(root, replaced), join(base, `old-${round}-${replaced.length}`))
      mkdirSync(join(root, 'app', 'deep'), { recursive: true })
      // When the new folders are watched nobody says, so the file is written until it is seen.
      const writing = setInterval(() => writeFileSync(lock, '1'), 5)
      await sees(lock).finally(() => clearInterval(writing))
    }
})

test('a file called as its folder is told like any other', async () => {
  const folder = join(scratchFolder(), 'lock')
  mkdirSync(folder)
  const path = join(folder, 'lock')
  const { roots, sees } = await start([{ path: folder, extent: 'tree' }])
  writeFileSync(path, '1')
  await sees(path)
  assert.deepEqual(roots, [])
})

test('more folders than are watched cost the surface its events and nothing else', async () => {
  const root = scratchFolder()
  for (let at = 0; at < 6; at++) mkdirSync(join(root, `f${at}`))
  const { unavailable, sees } = await start([{ path: root, extent: 'tree' }], 3)
  assert.deepEqual(unavailable, ['s: there are more folders than are watched'])
  writeFileSync(join(root, 'lock'), '1')
  await sees(join(root, 'lock'))
})

const { homeSignalScan } = readConfiguration(null, readMachine({})).observe.watch
const never = new AbortController().signal
const surfaces = new Set(['claudeConfig', 'javascriptPackages', 'cursorConfig'])

const home = (): string => {
  const root = scratchFolder()
  for (const folder of ['work', 'node_modules', 'a/b/c']) mkdirSync(join(root, folder), { recursive: true })
  const elsewhere = process.platform === 'linux' ? ['.cargo/registry', '.local/share/Trash/files', 'a/snap'] : []
  for (const folder of elsewhere) mkdirSync(join(root, folder), { recursive: true })
  for (const path of ['work/CLAUDE.md', 'node_modules/yarn.lock', 'a/b/c/yarn.lock', 'work/x.mdc', 'work/notes'])
    writeFileSync(join(root, path), '')
  for (const folder of elsewhere) writeFileSync(join(root, folder, 'yarn.lock'), '')
  return root
}

test('signals in a home become wishes of the surfaces they may concern, pruned folders left out', async () => {
  const root = home()
  const { wishes, issues } = await findHomeSignals({ ...homeSignalScan, enabled: true, root }, surfaces, never)
  assert.deepEqual(issues, [])
  const found = Object.fromEntries(
    wishes.map(({ surface, interests }) => [surface, interests.map(({ path }) => path.slice(root.length + 1))]),
  )
  assert.deepEqual(found, {
    claudeConfig: ['work/CLAUDE.md'],
    cursorConfig: ['work/x.mdc'],
    javascriptPackages: ['a/b/c/yarn.lock'],
  })
})

test('home signals: off is nothing, unfiltered is the whole root, a missing root and a spent budget are issues', async () => {
  const root = home()
  const on = { ...homeSignalScan, enabled: true, root }
  assert.deepEqual(await findHomeSignals({ ...on, enabled: false }, surfaces, never), { wishes: [], issues: [] })
  const unfiltered = await findHomeSignals({ ...on, eventPathFiltering: false }, surfaces, never)
  assert.deepEqual(
    unfiltered.wishes.map(({ interests }) => interests.map(({ path, extent }) => [path, extent])),
    Array.from({ length: 3 }, () => [[root, 'tree']]),
  )
  const missing = await findHomeSignals({ ...on, root: join(root, 'nowhere') }, surfaces, never)
  assert.match(missing.issues[0]?.reason ?? '', /not there/)
  const budget = { ...on.initialScanBudget, maxDirectoriesVisited: 1 }
  const spent = await findHomeSignals({ ...on, initialScanBudget: budget }, surfaces, never)
  assert.match(spent.issues[0]?.reason ?? '', /budget/)
  const shallow = await findHomeSignals({ ...on, maxDepth: 1 }, surfaces, never)
  assert.equal(
    shallow.wishes.some(({ surface }) => surface === 'javascriptPackages'),
    false,
  )
})

test('home signals: files beyond the budget are told of in the last folder too, and a budget just enough is enough', async () => {
  const root = mkdtempSync(join(tmpdir(), 'muster-signals-'))
  for (const name of ['yarn.lock', 'CLAUDE.md', 'notes']) writeFileSync(join(root, name), '')
  const find = (maxFilesVisited: number) => {
    const initialScanBudget = { ...homeSignalScan.initialScanBudget, maxFilesVisited }
    return findHomeSignals({ ...homeSignalScan, enabled: true, root, initialScanBudget }, surfaces, never)
  }
  assert.deepEqual((await find(2)).issues, [{ path: root, reason: 'home scan: the budget is spent' }])
  assert.deepEqual((await find(3)).issues, [])
  rmSync(root, { recursive: true })
})
