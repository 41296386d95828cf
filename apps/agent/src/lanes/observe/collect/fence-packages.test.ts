// Proof that a scan of packages asks the disk for nothing but the configured roots and the fixed places of each surface,
// whatever links, includes and workspaces say: every path that is touched is noted, with where it really leads.
// The same for coding tools is fence.test.ts, by a fence that refuses, and for their links fence-links.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { isWithin } from './path-prefix.ts'
import type { Snapshot } from './snapshot.ts'
import { groundWith, put } from './testing/ground.ts'
import { packageHomeFiles, packageHomeItems, packageHomeSettings, putRpmDatabase } from './testing/package-home.ts'
import { hardNames, homeWithSnares, link, linksToAsk } from './testing/package-snares.ts'
import type { Touch } from './testing/touches.ts'

const program = join(import.meta.dirname, 'testing', 'scan-watched.ts')
const house = resolve(import.meta.dirname, ...Array.from({ length: 6 }, () => '..'))

/** What a configuration asks the machine for, whatever is scanned. */
const machineFacts = ['/etc/os-release', '/usr/lib/os-release', '/sys/class/dmi/id/product_name']

/** Places of the machine itself that are looked at wherever the home is. */
const machinePlaces = ['/usr/lib', '/usr/local/lib', '/opt/homebrew/lib', '/home/linuxbrew/.linuxbrew/lib'].map(
  (folder) => `${folder}/node_modules`,
)

/** Below the home, everything in them. */
const trees = ['brew/Cellar', 'brew/Caskroom', '.npm-global/lib/node_modules', 'system/dpkg/status.d']

const editors = `.vscode .vscode-insiders .vscode-oss .vscode-server .vscode-server-insiders .vscodium-server .cursor
  .cursor-server .windsurf .windsurf-server .positron .trae .kiro .local/share/code-server`
  .split(/\s+/)
  .map((editor) => `${editor}/extensions`)

const globals = [
  '.npm-packages/lib/node_modules',
  '.local/lib/node_modules',
  'n/lib/node_modules',
  '.nvm/versions/node',
  '.volta/tools/image/node',
  '.volta/tools/image/packages',
  '.local/share/fnm/node-versions',
  '.fnm/node-versions',
  'Library/Application Support/fnm/node-versions',
  '.asdf/installs/nodejs',
  '.local/share/mise/installs/node',
  '.nodenv/versions',
]

/** These alone, and nothing beside or below them. */
const files = [
  '.config/Claude/claude_desktop_config.json',
  '.config/Claude',
  'system/dpkg/status',
  'system/apt/extended_states',
  'system/rpm',
  'system/rpm-link',
  'system/rpm/rpmdb.sqlite',
  'system/rpm/rpmdb.sqlite-wal',
  'system/rpm/Packages',
  'system/rpm/Packages.db',
]

interface Seen {
  readonly snapshots: readonly (Snapshot & { readonly surface: string })[]
  readonly touches: readonly Touch[]
  readonly audited: readonly string[]
}

/** The scan's own view, in a process of its own that Node watches and refuses nothing. */
const scan = (home: string, settings: Readonly<Record<string, unknown>> = {}, ceiling = [join(home, 'src')]): Seen => {
  const configuration = join(home, 'agent.yaml')
  putRpmDatabase(join(home, 'system/rpm'))
  if (!existsSync(join(home, 'system/rpm-link'))) symlinkSync('rpm', join(home, 'system/rpm-link'))
  put(configuration, JSON.stringify({ ceiling: { scanRoots: ceiling }, observe: packageHomeSettings(home, settings) }))
  const text = execFileSync(process.execPath, ['--permission-audit', program, configuration], {
    encoding: 'utf8',
    env: { HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64_000_000,
  })
  return JSON.parse(text) as Seen
}

const fenceOf = (home: string, roots: readonly string[]) => {
  const inTree = [...roots, ...trees, ...editors, ...globals].map((path) => join(home, path))
  const alone = new Set(files.map((path) => join(home, path)))
  return (path: string): boolean =>
    alone.has(path) || [...inTree, ...machinePlaces].some((folder) => isWithin(path, folder))
}

/** What was touched outside of the fence, by its name or by where it leads. Of `asked`, only whereto they lead may be. */
const escapes = (
  home: string,
  { touches, audited }: Seen,
  roots = ['src'],
  asked: readonly string[] = [],
): readonly string[] => {
  const isInside = fenceOf(home, roots)
  const isAsked = ({ call, path }: Touch): boolean =>
    call === 'realpath' && asked.some((name) => path === join(home, name))
  const isOwn = (path: string): boolean =>
    isWithin(path, house) || machineFacts.includes(path) || path === join(home, 'agent.yaml')
  const noted = touches.filter(({ path }) => !isOwn(path))
  const led = noted.filter((touch) => !isAsked(touch) && !(isInside(touch.path) && isInside(touch.real)))
  const known = new Set(touches.map(({ path }) => path))
  const unnoted = audited.filter((path) => !isOwn(path) && !known.has(path) && !isInside(path))
  return [...led.map(({ call, path, real }) => `${call} ${path} -> ${real}`), ...unnoted]
}

/** Paths of files whose content was asked for, from the home. */
const opened = (home: string, { touches }: Seen): readonly string[] => [
  ...new Set(
    touches
      .filter(
        ({ call, real }) =>
          /^(?:open(?:Sync|AsBlob)?|readFile(?:Sync)?|DatabaseSync)$/.test(call) && isWithin(real, home),
      )
      .map(({ real }) => real.slice(home.length + 1))
      .filter((path) => path !== 'agent.yaml')
      .toSorted(),
  ),
]

/** By surface; what is installed on the machine itself is left out. */
const namesIn = (home: string, { snapshots }: Seen) =>
  Object.fromEntries(
    snapshots.map(({ surface, items }) => {
      const own = items.filter(({ path }) => isWithin(path, home))
      return [surface, own.map(({ name }) => name).toSorted()] as const
    }),
  )

test('a scan of packages opens exactly the files that say something, and asks for nothing outside its places', () => {
  const decoys = {
    '.ssh/id_ed25519': 'key',
    '.npmrc': 'token',
    '.cargo/credentials.toml': 'token',
    '.config/Claude/config.json': '{}',
    '.vscode/argv.json': '{}',
    'src/npm/.env': 'secret',
    'src/npm/node_modules/x/package-lock.json': '{}',
    'src/pip/secret.txt': 'secret',
    'brew/etc/secret.conf': 'secret',
    'system/dpkg/available': '',
    'system/apt/history.log': '',
    'other/package-lock.json': '{}',
  }
  const home = groundWith({ ...packageHomeFiles, ...decoys })
  const seen = scan(home)
  assert.deepEqual(namesIn(home, seen), packageHomeItems)
  assert.deepEqual(escapes(home, seen), [])
  assert.deepEqual(
    opened(home, seen),
    [...Object.keys(packageHomeFiles).filter((path) => !path.endsWith('/x')), 'system/rpm/rpmdb.sqlite'].toSorted(),
  )
  assert.deepEqual(
    seen.touches.filter(({ path }) => path.includes('src/npm/node_modules')),
    [],
  )
  assert.ok(seen.audited.includes(join(home, 'src/npm/package-lock.json')), 'Node tells what it was asked for')
})

test('links, includes, workspaces and hard names lead a scan of packages nowhere', () => {
  const { home } = homeWithSnares()
  const roots = ['src', 'root-out', 'root-in']
  const seen = scan(home, { watch: { projectRoots: roots } })
  assert.deepEqual(escapes(home, seen, ['src', 'root-in'], ['root-out', ...linksToAsk]), [])
  const leaks = seen.snapshots.flatMap(({ items }) => items.filter((item) => /leaked/.test(JSON.stringify(item))))
  assert.deepEqual(leaks, [])
  const hard = seen.snapshots.flatMap(({ items }) => items.filter(({ name }) => name === 'example.org/hard'))
  assert.equal(hard.length, hardNames.length)
})

test('whoever goes through a link is noticed, whatever it asks for there', () => {
  const { home, elsewhere } = homeWithSnares()
  putRpmDatabase(join(elsewhere, 'system/rpm'))
  link(home, 'system/rpm-link', join(elsewhere, 'system/rpm'))
  const everywhere = [join(home, 'src'), join(elsewhere, 'src')]
  const seen = scan(home, { watch: { projectRoots: ['src', 'root-out'] } }, everywhere)
  const calls = new Set(escapes(home, seen).map((line) => line.split(' ', 1)[0]))
  for (const call of ['lstat', 'lstatSync', 'open', 'readdirSync', 'realpath', 'stat', 'statfs', 'DatabaseSync'])
    assert.ok(calls.has(call), call)
})
