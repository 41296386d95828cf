// A home that was made to break a scan: loops, pipes, links to nowhere and to everywhere, names that are no text, files
// that are enormous, broken, or grow while they are read. All surfaces scan it, none throws, waits, or leaves its roots.
// Single dangers are tested beside the walk, the search and the door.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from '../../../configuration/configuration.ts'
import { readMachine } from '../../../configuration/machine.ts'
import { createCollectors } from '../collectors.ts'
import { groundWith, never, put } from './testing/ground.ts'

const lock = (name: string): string => JSON.stringify({ packages: { [`node_modules/${name}`]: { version: '1.0.0' } } })

const dangers = [
  'package-lock.json',
  'yarn.lock',
  'Cargo.lock',
  'go.sum',
  'uv.lock',
  'requirements.txt',
  'pyproject.toml',
]
const configs = ['.claude/settings.json', '.cursor/mcp.json', '.pi/mcp.json', '.codex/config.toml', '.mcp.json']

/** Every way a file of that name can be something else. */
const spoil = (folder: string, names: readonly string[]): void => {
  for (const name of names) {
    const at = (kind: string): string => {
      const path = join(folder, kind, name)
      mkdirSync(join(path, '..'), { recursive: true })
      return path
    }
    execFileSync('mkfifo', [at('pipe')])
    mkdirSync(at('folder'))
    symlinkSync(join(folder, 'nowhere'), at('dangling'))
    symlinkSync('/etc/passwd', at('outside'))
    symlinkSync('/dev/zero', at('endless'))
    symlinkSync(name.split('/').at(-1) ?? '', at('itself'))
    writeFileSync(at('empty'), '')
    writeFileSync(at('half'), '{"packages":{"node_modules/x":{"ver')
    writeFileSync(at('bytes'), Buffer.from([0xff, 0xfe, 0, 0x80, 0xc3, 0x28]))
    writeFileSync(at('deep'), '['.repeat(200_000))
    writeFileSync(at('enormous'), '')
    truncateSync(at('enormous'), 3_000_000_000)
    writeFileSync(at('locked'), lock('x'))
    chmodSync(at('locked'), 0)
  }
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
  const home = groundWith({ 'src/good/package-lock.json': lock('sound'), '.claude/CLAUDE.md': 'be kind' })
  const root = join(home, 'src')
  spoil(root, [...dangers, ...configs])
  spoil(join(home, 'own'), configs)
  for (const name of ['.claude', '.cursor', '.codex', '.pi'])
    symlinkSync(join(home, 'own', 'half'), join(home, `${name}.old`))
  tangle(root)
  put(join(home, 'agent.yaml'), JSON.stringify({ observe: { home, watch: { projectRoots: [root] } } }))
  const machine = { ...readMachine({}), home, env: {} }
  const { observe } = readConfiguration(join(home, 'agent.yaml'), machine)
  const growing = setInterval(() => appendFileSync(join(root, 'half', 'yarn.lock'), 'x'.repeat(100)), 1)
  const seen = new Map<string, readonly string[]>()
  try {
    const own = createCollectors(() => observe).filter(
      ({ surface }) => !['debianPackages', 'rpmPackages'].includes(surface),
    )
    for (const collector of own) {
      const { items, issues } = await collector.collect(never)
      seen.set(
        collector.surface,
        items.map(({ name }) => name),
      )
      assert.equal(new Set(items.map(({ itemId }) => itemId)).size, items.length, collector.surface)
      for (const { path } of [...items, ...issues]) assert.ok(path.startsWith(home) || !path.startsWith('/etc'), path)
    }
  } finally {
    clearInterval(growing)
  }
  assert.ok(seen.get('javascriptPackages')?.includes('sound'))
  assert.ok(seen.get('claudeConfig')?.includes('CLAUDE.md'))
  for (const names of seen.values()) assert.equal(names.includes('root'), false)
})
