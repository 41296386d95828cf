// Files and folders that the account may not read, scanned by an account that really may not: a child that owns nothing
// where the tests run as root. Each is an issue, the sound rest is found, and nothing known before is told otherwise.
// Files that can be read and are broken are what-stands.test.ts; a home that is hostile is adverse-home.test.ts.
import assert from 'node:assert/strict'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { PayloadItem } from '@muster/contract/device'
import { mostUnreadableMs } from '../scan/decide.ts'
import { isWithin } from './path-prefix.ts'
import type { Snapshot } from './snapshot.ts'
import { giveAway, lock, scanAsAnother } from './testing/another-account.ts'
import { groundWith, put } from './testing/ground.ts'
import { packageHomeFiles, packageHomeSettings, putRpmDatabase } from './testing/package-home.ts'
import { toldOf } from './testing/sound-home.ts'
import { toolHomeFiles, toolHomeSettings } from './testing/tool-home.ts'

const twice = Object.entries(packageHomeFiles)
  .filter(([path]) => path.startsWith('src/'))
  .map(([path, text]) => [path.replace('src/', 'src/sound/'), text] as const)

const files = { ...toolHomeFiles, ...packageHomeFiles, ...Object.fromEntries(twice) }

/** All that a surface opens, but for what lies twice. */
const openedFiles = [
  ...Object.keys(files).filter((path) => !path.startsWith('src/sound/') && !path.endsWith('/x')),
  'system/rpm/rpmdb.sqlite',
]

/** Folders that hold what is read, and those above them. */
const folders = {
  'each folder with a file in it': [...new Set(openedFiles.map((path) => dirname(path)))].filter(
    (path) => !['.', 'src'].includes(path),
  ),
  'folders above those': ['brew', '.vscode', '.cursor', '.npm-global', 'system', '.claude', '.codex', '.config', '.pi'],
  'roots themselves': ['src', 'codex-project'],
}

interface Locked {
  readonly what: string
  readonly paths: readonly string[]
  readonly mode: number
}

const locks: readonly Locked[] = [
  { what: 'each file', paths: openedFiles, mode: 0 },
  ...Object.entries(folders).flatMap(([what, paths]) => [
    { what, paths, mode: 0 },
    // Its names can be listed and none of them opened; or opened by who knows them, and not listed.
    { what: `${what}, but for names`, paths, mode: 0o444 },
    { what: `${what}, but for known names`, paths, mode: 0o111 },
  ]),
]

const buildHome = async (): Promise<string> => {
  const home = groundWith(files)
  putRpmDatabase(join(home, 'system/rpm'))
  const own = { npmGlobal: { prefixes: ['.npm-global'] }, ...toolHomeSettings, claude: {} }
  put(join(home, 'agent.yaml'), JSON.stringify({ observe: packageHomeSettings(home, own) }))
  await giveAway(home)
  return home
}

/** Deepest first, because what lies in a locked folder can only be locked by root. */
const lockAll = (home: string, { paths, mode }: Locked): void => {
  for (const path of paths.toSorted().toReversed()) lock(join(home, path), mode)
}

type Seen = Readonly<Record<string, Snapshot>>
const homes = await Promise.all(locks.map(buildHome))
const configurations = homes.map((home) => join(home, 'agent.yaml'))
const before = await scanAsAnother(configurations)
for (const [at, each] of locks.entries()) lockAll(homes[at] ?? '', each)
const now = await scanAsAnother(configurations)

const snapshotOf = (seen: readonly Seen[], at: number, surface: string): Snapshot => {
  const snapshot = seen[at]?.[surface]
  assert.ok(snapshot, surface)
  return snapshot
}

const surfaces = Object.keys(before[0] ?? {}).filter((surface) => !surface.includes(' without '))

for (const [at, { what }] of locks.entries()) {
  test(`${what} unreadable: nothing that was known is removed or told otherwise for ten minutes`, () => {
    for (const surface of surfaces) {
      const { items } = snapshotOf(before, at, surface)
      const snapshot = snapshotOf(now, at, surface)
      assert.deepEqual([surface, toldOf(items, snapshot, mostUnreadableMs)], [surface, []])
    }
  })

  test(`${what} unreadable and a budget spent: still nothing is removed`, () => {
    for (const surface of surfaces)
      for (const spent of ['files', 'folders', 'time']) {
        const snapshot = now[at]?.[`${surface} without ${spent}`]
        if (snapshot === undefined) continue
        const { items } = snapshotOf(before, at, surface)
        assert.deepEqual([surface, spent, toldOf(items, snapshot, mostUnreadableMs)], [surface, spent, []])
      }
  })
}

test('the account could read all of it before, and a sound half of each is found whatever is locked beside it', () => {
  for (const surface of surfaces) {
    const { items, issues } = snapshotOf(before, 0, surface)
    assert.ok(items.length > 0, surface)
    assert.deepEqual(
      issues.filter(({ reason }) => /cannot be (?:read|inspected|enumerated)/.test(reason)),
      [],
      surface,
    )
  }
  for (const [at, { what, mode }] of locks.entries()) {
    if (what.startsWith('roots') && mode !== 0o444) continue
    for (const surface of ['javascriptPackages', 'pythonPackages', 'goModules', 'cargoPackages']) {
      const isSound = ({ path }: PayloadItem): boolean => path.includes('/src/sound/')
      const sound = snapshotOf(before, at, surface).items.filter(isSound)
      const found = snapshotOf(now, at, surface).items.filter(isSound)
      assert.ok(sound.length > 0)
      if (!what.startsWith('roots')) assert.deepEqual(found, sound, `${surface}, ${what}`)
    }
  }
})

/** The surfaces' own words for it, with the place; what is locked above is told once and not for each below. */
const unreadable = /cannot be (?:read|inspected|enumerated)|its hash is not available|unable to open/

test('each file that may not be read is an issue of every surface that would open it', () => {
  const at = locks.findIndex(({ what }) => what === 'each file')
  const told = new Set(
    surfaces.flatMap((surface) =>
      snapshotOf(now, at, surface)
        .issues.filter(({ reason }) => unreadable.test(reason))
        .map(({ path }) => path.slice((homes[at] ?? '').length + 1)),
    ),
  )
  const silent = openedFiles.filter((path) => !told.has(path) && !Object.hasOwn(toolHomeFiles, path))
  // Nobody knows of it where the file that includes it cannot be read.
  assert.deepEqual(silent, ['src/pip/more/base.txt'])
})

test('each surface says that something may not be read, whatever of its own is locked', () => {
  for (const [at, { what, mode }] of locks.entries())
    for (const surface of surfaces) {
      // To know a name is enough to open it; and the other folders are not those of every surface.
      if (mode === 0o111 || !what.startsWith('each')) continue
      const { issues } = snapshotOf(now, at, surface)
      assert.ok(
        issues.some(({ reason }) => unreadable.test(reason)),
        `${surface}, ${what}`,
      )
    }
})

test('what is not there is not invented below a folder that lets nobody look', async () => {
  const home = groundWith({ 'src/x': '', '.claude/x': '', '.codex/x': '', '.config/opencode/x': '', '.pi/agent/x': '' })
  put(join(home, 'agent.yaml'), JSON.stringify({ observe: packageHomeSettings(home, toolHomeSettings) }))
  await giveAway(home)
  for (const folder of ['src', '.claude', '.codex', '.config/opencode', '.pi']) lock(join(home, folder))
  const [seen = {}] = await scanAsAnother([join(home, 'agent.yaml')])
  for (const [surface, { items }] of Object.entries(seen))
    assert.deepEqual(
      items.filter(({ path }) => isWithin(path, home)),
      [],
      surface,
    )
})
