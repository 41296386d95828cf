// A home that was made to break a scan: loops, pipes, links to nowhere and to everywhere, names that are no text, files
// that are enormous, broken, or grow while they are read. All surfaces scan it, none throws, waits, or leaves its roots.
// Single dangers are tested beside the walk, the search and the door.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, linkSync, mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { PayloadItem } from '@muster/contract/device'
import { giveAway, lock, scanAsAnother } from './testing/another-account.ts'
import { groundWith, never, put } from './testing/ground.ts'
import { createHomeCollectors } from './testing/home-collectors.ts'
import { packageHomeFiles, packageHomeSettings, putRpmDatabase } from './testing/package-home.ts'
import { toldOf } from './testing/sound-home.ts'
import { toolHomeFiles, toolHomeSettings } from './testing/tool-home.ts'

const lockfile = (name: string): string =>
  JSON.stringify({ packages: { [`node_modules/${name}`]: { version: '1.0.0' } } })

const dangers = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'Cargo.lock',
  'go.sum',
  'uv.lock',
  'pylock.toml',
  'requirements.txt',
  'constraints.txt',
  'pyproject.toml',
]
const configs = ['.claude/settings.json', '.cursor/mcp.json', '.pi/mcp.json', '.codex/config.toml', '.mcp.json']

/** A socket in a folder of its own, whose name is short enough for any system. */
const socketAt = async (): Promise<{ path: string; close: () => void }> => {
  const path = join(groundWith({}), 's')
  const server = createServer()
  await new Promise<void>((listening) => server.listen(path, listening))
  return { path, close: () => void server.close() }
}

/** What can stand where a file should, by what it is; each takes the path, and a socket that can be linked to. */
const oddities: Readonly<Record<string, (path: string, socket: string) => void>> = {
  pipe: (path) => void execFileSync('mkfifo', [path]),
  socket: (path, socket) => linkSync(socket, path),
  folder: (path) => mkdirSync(path),
  dangling: (path) => symlinkSync('/nowhere/at/all', path),
  outside: (path) => symlinkSync('/etc/passwd', path),
  endless: (path) => symlinkSync('/dev/zero', path),
  random: (path) => symlinkSync('/dev/random', path),
  terminal: (path) => symlinkSync('/dev/tty', path),
  kernel: (path) => symlinkSync('/proc/self/environ', path),
  itself: (path) => symlinkSync(path.split('/').at(-1) ?? '', path),
  gigantic(path) {
    writeFileSync(path, '')
    truncateSync(path, 1024 ** 4)
  },
  empty: (path) => writeFileSync(path, ''),
  half: (path) => writeFileSync(path, '{"packages":{"node_modules/x":{"ver'),
  bytes: (path) => writeFileSync(path, Buffer.from([0xff, 0xfe, 0, 0x80, 0xc3, 0x28])),
  deep: (path) => writeFileSync(path, '['.repeat(200_000)),
}

/** Every way a file of that name can be something else, and one that may not be read. */
const spoil = (folder: string, names: readonly string[], socket: string): readonly string[] => {
  const locked: string[] = []
  for (const name of names) {
    const at = (kind: string): string => {
      const path = join(folder, kind, name)
      mkdirSync(dirname(path), { recursive: true })
      return path
    }
    for (const [kind, make] of Object.entries(oddities)) make(at(kind), socket)
    writeFileSync(at('locked'), lockfile('root'))
    locked.push(at('locked'))
  }
  return locked
}

const tangle = (root: string): void => {
  for (let at = 0; at < 40; at++) {
    mkdirSync(join(root, `tangle/${at}/down/again`), { recursive: true })
    symlinkSync(root, join(root, `tangle/${at}/up`))
    symlinkSync(join(root, `tangle/${(at + 1) % 40}`), join(root, `tangle/${at}/next`))
  }
  mkdirSync(join(root, 'x/'.repeat(300)), { recursive: true })
  mkdirSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x0a, 0x1b])]))
  writeFileSync(
    Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xff, 0xfe, 0x0a, 0x1b]), Buffer.from('/yarn.lock')]),
    '',
  )
}

test('a home full of links, loops, pipes, unreadable and gigantic files is scanned to its end, and what is sound is found', async () => {
  const home = groundWith({ 'src/good/package-lock.json': lockfile('sound'), '.claude/CLAUDE.md': 'be kind' })
  const root = join(home, 'src')
  const socket = await socketAt()
  const locked = [
    ...spoil(root, [...dangers, ...configs], socket.path),
    ...spoil(join(home, 'own'), configs, socket.path),
  ]
  for (const name of ['.claude', '.cursor', '.codex', '.pi'])
    symlinkSync(join(home, 'own', 'half'), join(home, `${name}.old`))
  tangle(root)
  put(join(home, 'agent.yaml'), JSON.stringify({ observe: { home, watch: { projectRoots: [root] } } }))
  await giveAway(home)
  for (const path of locked) lock(path)
  const growing = setInterval(() => appendFileSync(join(root, 'half', 'yarn.lock'), 'x'.repeat(100)), 1)
  const [seen = {}] = await scanAsAnother([join(home, 'agent.yaml')]).finally(() => {
    clearInterval(growing)
    socket.close()
  })
  for (const [surface, { items, issues }] of Object.entries(seen)) {
    assert.equal(new Set(items.map(({ itemId }) => itemId)).size, items.length, surface)
    for (const { path } of [...items, ...issues]) assert.ok(path.startsWith(home) || !path.startsWith('/etc'), path)
    assert.equal(
      items.some(({ name }) => name === 'root'),
      false,
      surface,
    )
  }
  const issuesOf = (surface: string) => new Set(seen[surface]?.issues.map(({ path }) => path))
  assert.ok(seen['javascriptPackages']?.items.some(({ name }) => name === 'sound'))
  assert.ok(seen['claudeConfig']?.items.some(({ name }) => name === 'CLAUDE.md'))
  for (const name of ['yarn.lock', 'pnpm-lock.yaml', 'bun.lock', 'npm-shrinkwrap.json'])
    assert.ok(issuesOf('javascriptPackages').has(join(root, 'locked', name)), name)
})

const everyFile = { ...toolHomeFiles, ...packageHomeFiles }

for (const [kind, make] of Object.entries(oddities))
  test(`in the place of every file that any surface opens: ${kind}`, async () => {
    const home = groundWith(everyFile)
    putRpmDatabase(join(home, 'system/rpm'))
    const socket = await socketAt()
    for (const path of [...Object.keys(everyFile), 'system/rpm/rpmdb.sqlite']) {
      rmSync(join(home, path))
      make(join(home, path), socket.path)
    }
    put(join(home, 'agent.yaml'), JSON.stringify({ observe: packageHomeSettings(home, toolHomeSettings) }))
    for (const { surface, collect } of createHomeCollectors(join(home, 'agent.yaml'))) {
      const { items, issues } = await collect(never)
      assert.equal(new Set(items.map(({ itemId }) => itemId)).size, items.length, surface)
      assert.equal(JSON.stringify([items, issues]).includes('root:x:0'), false, surface)
    }
    socket.close()
  })

test('files that grow all the while are scanned to their end, and nothing of them is lost', async () => {
  const home = groundWith(everyFile)
  putRpmDatabase(join(home, 'system/rpm'))
  put(join(home, 'agent.yaml'), JSON.stringify({ observe: packageHomeSettings(home, toolHomeSettings) }))
  const collectors = createHomeCollectors(join(home, 'agent.yaml'))
  const before = new Map<string, readonly PayloadItem[]>()
  for (const { surface, collect } of collectors) before.set(surface, (await collect(never)).items)
  const grow = (): void => {
    for (const path of Object.keys(everyFile)) appendFileSync(join(home, path), '\n')
  }
  const growing = setInterval(grow, 0)
  try {
    for (let round = 0; round < 2; round++)
      for (const { surface, collect } of collectors) {
        const changes = toldOf(before.get(surface) ?? [], await collect(never))
        assert.deepEqual(
          changes.filter((change) => change.startsWith('removed')),
          [],
          surface,
        )
      }
  } finally {
    clearInterval(growing)
  }
})
