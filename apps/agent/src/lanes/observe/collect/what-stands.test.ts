// What a scan makes of files that were sound a moment ago and are not any more: nothing that was known of them is removed
// or told otherwise, everything else is seen, and after ten minutes the disk is believed (sensor-agent 15).
// Files and folders that the account may not read are adverse-home.test.ts; how long a place is held is scan/decide.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { mostUnreadableMs } from '../scan/decide.ts'
import type { Snapshot } from './snapshot.ts'
import { never, put } from './testing/ground.ts'
import { packageHomeItems } from './testing/package-home.ts'
import { soundHome, surfaceIn, toldOf } from './testing/sound-home.ts'

test('the home is sound: every surface finds what is in it, without an issue', async () => {
  const { collectors } = soundHome()
  const seen: Record<string, readonly string[]> = {}
  for (const { surface, collect } of collectors) {
    const { items, issues, unseen } = await collect(never)
    assert.deepEqual([issues, unseen], [[], []], surface)
    seen[surface] = items.map(({ name }) => name).toSorted()
  }
  assert.deepEqual(seen, packageHomeItems)
})

const spoilers = {
  'half written': (path: string) => writeFileSync(path, '{"packages": [[package'),
  'too large': (path: string) => truncateSync(path, 3_000_000_000),
  'a link out of everything': (path: string) => {
    rmSync(path)
    symlinkSync('/etc/passwd', path)
  },
  'a link to an endless device': (path: string) => {
    rmSync(path)
    symlinkSync('/dev/zero', path)
  },
  'a pipe': (path: string) => {
    rmSync(path)
    execFileSync('mkfifo', [path])
  },
  'a folder': (path: string) => {
    rmSync(path)
    mkdirSync(path)
  },
} as const
type Spoiler = keyof typeof spoilers

const linesOnly: readonly Spoiler[] = ['too large', 'a link out of everything', 'a link to an endless device']
const found: readonly Spoiler[] = ['half written', ...linesOnly]
const fixed: readonly Spoiler[] = [...found, 'a pipe', 'a folder']
const fixedLines = fixed.filter((spoiler) => spoiler !== 'half written')
const note = fixed

/** An editor whose list is amiss is told by its folder. */
const isToldOf = (path: string, { issues }: Snapshot): boolean =>
  issues.some((issue) => [path, dirname(path)].includes(issue.path))

interface Case {
  readonly surface: string
  readonly path: string
  readonly ways: readonly Spoiler[]
  /** What the disk shows once ten minutes have passed. */
  readonly later: readonly string[]
}

const javascript = { surface: 'javascriptPackages', ways: found }
const python = { surface: 'pythonPackages', ways: found }

const cases: readonly Case[] = [
  { ...javascript, path: 'src/npm/package-lock.json', later: ['removed from-npm'] },
  { ...javascript, path: 'src/shrunk/npm-shrinkwrap.json', later: ['removed from-shrinkwrap'] },
  { ...javascript, path: 'src/pnpm/pnpm-lock.yaml', later: ['removed from-pnpm'] },
  { ...javascript, path: 'src/yarn/yarn.lock', later: ['removed from-yarn'] },
  { ...javascript, path: 'src/bun/bun.lock', later: ['removed from-bun'] },
  { surface: 'goModules', ways: found, path: 'src/go/go.sum', later: ['removed example.org/from-go'] },
  { surface: 'cargoPackages', ways: found, path: 'src/rust/Cargo.lock', later: ['removed from-cargo'] },
  { ...python, path: 'src/uv/uv.lock', later: ['removed from-uv'] },
  { ...python, path: 'src/pylock/pylock.toml', later: ['removed from-pylock'] },
  { ...python, path: 'src/pyproject/pyproject.toml', later: ['removed from-pyproject'] },
  // Any text is a list of requirements; and what the file included is not told of any more either.
  {
    ...python,
    ways: linesOnly,
    path: 'src/pip/requirements.txt',
    later: ['removed from-include', 'removed from-requirements'],
  },
  { ...python, ways: linesOnly, path: 'src/pip/constraints.txt', later: ['removed from-constraints'] },
  { ...python, ways: fixedLines, path: 'src/pip/more/base.txt', later: ['removed from-include'] },
  {
    surface: 'homebrew',
    ways: note,
    path: 'brew/Cellar/from-brew/1.0/INSTALL_RECEIPT.json',
    later: ['modified from-brew'],
  },
  {
    surface: 'homebrew',
    ways: note,
    path: 'brew/Caskroom/from-cask/.metadata/INSTALL_RECEIPT.json',
    later: ['modified from-cask'],
  },
  {
    surface: 'vscodeExtensions',
    ways: fixed,
    path: '.vscode/extensions/extensions.json',
    later: ['removed sound.listed'],
  },
  {
    surface: 'vscodeExtensions',
    ways: fixed,
    path: '.cursor/extensions/sound.extension-1.0.0/package.json',
    later: ['removed sound.extension'],
  },
  {
    surface: 'npmGlobalPackages',
    ways: ['half written'],
    path: '.npm-global/lib/node_modules/from-global/package.json',
    later: ['modified from-global'],
  },
  {
    surface: 'npmGlobalPackages',
    ways: fixedLines,
    path: '.npm-global/lib/node_modules/from-global/package.json',
    later: ['removed from-global'],
  },
  {
    surface: 'claudeDesktopConfig',
    ways: ['half written', 'too large', 'a link to an endless device', 'a pipe', 'a folder'],
    path: '.config/Claude/claude_desktop_config.json',
    later: ['removed from-desktop'],
  },
  { surface: 'debianPackages', ways: fixed, path: 'system/dpkg/status', later: ['removed from-dpkg'] },
  {
    surface: 'debianPackages',
    ways: ['half written', 'too large'],
    path: 'system/dpkg/status.d/one',
    later: ['removed from-status-folder'],
  },
  {
    surface: 'debianPackages',
    ways: fixedLines,
    path: 'system/apt/extended_states',
    later: ['modified from-dpkg', 'modified from-status-folder'],
  },
  {
    surface: 'rpmPackages',
    // SQLite reads the pages that are meant, however long the file is.
    ways: fixed.filter((way) => way !== 'too large'),
    path: 'system/rpm/rpmdb.sqlite',
    later: ['removed muster-sample', 'removed other-sample'],
  },
]

for (const { surface, path, ways, later } of cases)
  test(`${path} that is ${ways.join(' or ')} now is an issue, and what was known of it stands for ten minutes`, async () => {
    const { home, collectors } = soundHome()
    const collector = surfaceIn(collectors, surface)
    const sound = readFileSync(join(home, path))
    const before = await collector.collect(never)
    for (const way of ways) {
      spoilers[way](join(home, path))
      const now = await collector.collect(never, before.stamps)
      assert.ok(isToldOf(join(home, path), now), way)
      const known = before.items.filter((item) => now.unchanged?.has(item.path) !== true)
      assert.deepEqual(toldOf(known, now), [], way)
      assert.deepEqual(toldOf(known, now, mostUnreadableMs), [], way)
      assert.deepEqual(toldOf(known, now, mostUnreadableMs + 1).toSorted(), later, way)
      rmSync(join(home, path), { recursive: true })
      put(join(home, path), sound)
    }
  })
