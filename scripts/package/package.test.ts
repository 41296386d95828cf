// What is packed: the same bytes from the same sources, nothing of the machine that packed, every licence, every digest.
// The Debian package is deb.test.ts; that the bundle works is proved by a flow, tests/flow/packaged-agent.test.ts.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { packagedServices } from '@muster/agent'
import { root } from '../with-node.mjs'
import { packTarXz, packZip } from './archive.ts'
import { bundleAgent, noticesOf } from './bundle.ts'
import { deployed, layFolder } from './layout.ts'
import { digestOf, findNode, pinnedVersion } from './node-build.ts'
import { TARGETS, type Target } from './targets.ts'
import { readWishes } from './wishes.ts'

const work = mkdtempSync(join(tmpdir(), 'muster-package-test-'))
after(() => rmSync(work, { recursive: true, force: true }))

const bundle = await bundleAgent()
const targetNamed = (name: string): Target => TARGETS.find((target) => target.name === name) as Target
const unit = readFileSync(deployed('systemd/muster-agent.service'), 'utf8')
const [, flags = ''] = /^ExecStart=\S+ (--.*?) \S+\.mjs run/m.exec(unit) ?? []
const serviceFlags = flags.split(' ')
const packing = { isQuick: true, progress: () => {} }

/** A folder as it is packed, with something small in the place of Node. */
const layOut = (name: string, target: Target): string => {
  const folder = join(work, name, 'muster-agent')
  mkdirSync(folder, { recursive: true })
  const node = join(work, 'node')
  writeFileSync(node, 'in the place of Node')
  layFolder(folder, target, { bundle, version: '0.0.0', nodeVersion: pinnedVersion(), node })
  return folder
}

const listed = (program: string, ...args: readonly string[]): string => {
  const ended = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
  assert.equal(ended.status, 0, ended.stderr)
  return ended.stdout
}

test('the bundle is one file that needs nothing but Node, and knows nothing of where it was made', async () => {
  const asked = [...bundle.code.matchAll(/(?:^import .* from |\bimport\(|moduleOfNode\(|\brequire\()"([^"]+)"/gm)].map(
    ([, name]) => name ?? '',
  )
  assert.ok(asked.length > 5)
  assert.deepEqual(
    asked.filter((name) => !isBuiltin(name)),
    [],
  )
  assert.equal(bundle.code.includes(root), false)
  assert.equal((await bundleAgent()).code, bundle.code)
})

test('every letter of the bundle takes one byte, on the disk and in memory', () => {
  assert.equal(Buffer.byteLength(bundle.code), bundle.code.length)
})

test('a second start takes what the first one kept, with the flags of the service', async () => {
  const home = join(work, 'home')
  const compiled = join(work, 'compiled')
  mkdirSync(home)
  const [program, settings] = [join(work, 'agent.mjs'), join(work, 'agent.json')]
  writeFileSync(program, bundle.code)
  const nothingElse = { debian: { enabled: false }, rpm: { enabled: false }, npmGlobal: { enabled: false } }
  writeFileSync(settings, JSON.stringify({ dataDir: join(work, 'data'), observe: { home, ...nothingElse } }))
  const env = { ...process.env, HOME: home, NODE_COMPILE_CACHE: compiled }
  const startOnce = async (): Promise<number> => {
    const words = [...serviceFlags, program, 'run', '--config', settings]
    const agent = spawn(process.execPath, words, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = once(agent, 'exit')
    let said = ''
    for await (const piece of agent.stderr) {
      said += String(piece)
      if (said.includes('agent ready') && !agent.killed) agent.kill('SIGTERM')
    }
    assert.deepEqual([(await ended)[0], said.includes('agent ready')], [0, true], said)
    return statSync(join(compiled, 'program')).ino
  }
  const kept = await startOnce()
  assert.equal(await startOnce(), kept)
  assert.equal(statSync(join(compiled, 'program')).mode & 0o777, 0o600)
})

test('every library in the bundle brings its licence, and so does Node', () => {
  for (const { name, version, license, text } of bundle.libraries)
    assert.ok(license.length > 2 && text.length > 300, `${name} ${version}: ${license}`)
  const names = bundle.libraries.map(({ name }) => name)
  for (const name of ['zod', 'protobufjs', 'yaml', 'smol-toml', 'pino']) assert.ok(names.includes(name), name)
  const notices = noticesOf(bundle.libraries, '1.2.3', readFileSync(deployed('node-license.txt'), 'utf8'))
  assert.match(notices, /^Node\.js 1\.2\.3 and what it contains$/m)
  assert.match(notices, /^Node\.js is licensed for use as follows:$/m)
})

test('the Node of this checkout is the one whose digest is pinned', async () => {
  assert.equal(new Set(TARGETS.map(({ sha256 }) => sha256)).size, TARGETS.length)
  const own = TARGETS.find(({ name }) => name === `${process.platform}-${process.arch}`)
  if (own === undefined) assert.fail(`no package is made for ${process.platform}-${process.arch}`)
  assert.equal(await digestOf(await findNode(own)), own.sha256)
})

for (const { name, form } of [targetNamed('linux-x64'), targetNamed('win32-x64')])
  test(`a ${form} has the same bytes whenever and by whomever it is packed`, async () => {
    const target = targetNamed(name)
    const [first, second] = [layOut('first', target), layOut('second', target)]
    utimesSync(join(second, 'README.txt'), 1, 1)
    const paths = ['1', '2'].map((at) => join(work, `${at}.${form}`))
    for (const [at, folder] of [first, second].entries()) {
      if (form === 'zip') packZip(folder, paths[at] ?? '', packing)
      else await packTarXz(folder, paths[at] ?? '', packing)
    }
    const [one, two] = await Promise.all(paths.map(digestOf))
    assert.equal(one, two)
    rmSync(join(work, 'first'), { recursive: true })
    rmSync(join(work, 'second'), { recursive: true })
  })

test('an archive holds a launcher, the one file, Node and the papers, and belongs to nobody', async () => {
  const path = join(work, 'a.tar.xz')
  await packTarXz(layOut('linux', targetNamed('linux-x64')), path, packing)
  const lines = listed('tar', '--numeric-owner', '--full-time', '-tvf', path).trim().split('\n')
  assert.deepEqual(
    lines.map((line) => line.replace(/^(\S+) (\S+) +\d+ (\S+) (\S+) (.*)$/, '$1 $2 $3 $5')),
    [
      'drwxr-xr-x 0/0 2026-01-01 muster-agent/',
      '-rw-r--r-- 0/0 2026-01-01 muster-agent/README.txt',
      '-rw-r--r-- 0/0 2026-01-01 muster-agent/THIRD-PARTY.txt',
      'drwxr-xr-x 0/0 2026-01-01 muster-agent/bin/',
      '-rwxr-xr-x 0/0 2026-01-01 muster-agent/bin/muster-agent',
      'drwxr-xr-x 0/0 2026-01-01 muster-agent/lib/',
      '-rw-r--r-- 0/0 2026-01-01 muster-agent/lib/muster-agent.mjs',
      '-rwxr-xr-x 0/0 2026-01-01 muster-agent/lib/node',
    ],
  )
})

test('a zip for Windows holds node.exe and a launcher that is called with any arguments', () => {
  const path = join(work, 'a.zip')
  packZip(layOut('windows', targetNamed('win32-x64')), path, packing)
  const names = listed('zip', '-sf', path)
    .split('\n')
    .filter((line) => line.startsWith('  '))
  assert.deepEqual(
    names.map((name) => name.trim()),
    [
      'muster-agent/README.txt',
      'muster-agent/THIRD-PARTY.txt',
      'muster-agent/bin/muster-agent.cmd',
      'muster-agent/lib/muster-agent.mjs',
      'muster-agent/lib/node.exe',
    ],
  )
  const launcher = readFileSync(deployed('bin/muster-agent.cmd'), 'utf8')
  assert.match(launcher, /^@if "%~1"=="run" \("%~dp0\.\.\\lib\\node\.exe" --\S.* %\*\) else \("%~dp0.* %\*\)\r\n$/)
})

test('the launcher finds its Node through links and from anywhere, and hands on every word', () => {
  const folder = layOut('my folder', targetNamed('linux-x64'))
  writeFileSync(join(folder, 'lib/node'), '#!/bin/sh\nprintf "%s|" "$@"\n')
  const moved = join(work, 'moved to')
  cpSync(folder, moved, { recursive: true })
  const link = join(work, 'linked')
  spawnSync('ln', ['-s', join(moved, 'bin/muster-agent'), link])
  assert.equal(listed(link, 'scan', 'a b', ''), `${moved}/lib/muster-agent.mjs|scan|a b||`)
  assert.equal(statSync(join(moved, 'bin/muster-agent')).mode & 0o777, 0o755)
  const words = [...serviceFlags, `${moved}/lib/muster-agent.mjs`, 'run', '']
  assert.equal(listed(link, 'run'), words.join('|'), 'run by hand is as frugal as the service')
  writeFileSync(join(moved, 'lib/node'), '#!/bin/sh\nenv\n')
  for (const [, setting = ''] of unit.matchAll(/^Environment=(MALLOC_.*)$/gm))
    assert.ok(listed(link, 'run').split('\n').includes(setting), setting)
})

test('the services in deploy/ are those that the agent itself installs', () => {
  for (const { path, text } of packagedServices())
    assert.equal(readFileSync(deployed(path), 'utf8'), text, `${path}: npm run generate`)
})

test('without wishes everything is packed, and a slip is told', () => {
  const all = readWishes([], '/here')
  assert.ok(all !== 'help' && all.targets === TARGETS && all.out === '/here/dist' && !all.isQuick)
  assert.equal(readWishes(['--help'], '/'), 'help')
  assert.throws(() => readWishes(['--target', 'beos-x64'], '/'), /there is no target "beos-x64"/)
  assert.throws(() => readWishes(['--form', 'msi'], '/'), /there is no form "msi"/)
})
