// What the recipes for other systems can be held to on Linux: every file they name is in the archive or the checkout, the
// shell takes them, the XML is whole, and where nothing can be written one line says so.
// The packages that are built here are deb.test.ts and package.test.ts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { root } from '../with-node.mjs'
import { filesBelow } from './archive.ts'
import { deployed, layFolder } from './layout.ts'
import { pinnedVersion } from './node-build.ts'
import { makeOutFolder } from './out-folder.ts'
import { TARGETS } from './targets.ts'

const work = mkdtempSync(join(tmpdir(), 'muster-recipes-'))
after(() => rmSync(work, { recursive: true, force: true }))

/** The names of what the archive for a system holds. */
const archiveOf = (name: string): readonly string[] => {
  const target = TARGETS.find((one) => one.name === name) ?? assert.fail(name)
  const folder = join(work, name)
  mkdirSync(folder)
  const node = join(work, 'node')
  writeFileSync(node, 'in the place of Node')
  const bundle = { code: '', libraries: [] }
  layFolder(folder, target, { bundle, version: '0.0.0', nodeVersion: pinnedVersion(), node })
  return filesBelow(folder)
}

const read = (path: string): string => readFileSync(deployed(path), 'utf8')

/** Faults of a document's elements: opened and not closed, closed and not opened, attributes without quotes. */
const faultsOf = (xml: string): readonly string[] => {
  const open: string[] = []
  const faults: string[] = []
  const plain = xml.replaceAll(/<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!DOCTYPE[^>]*>/g, '')
  for (const [tag, closing, name = '', attributes = '', empty] of plain.matchAll(/<(\/?)([\w:.-]+)([^<>]*?)(\/?)>/g)) {
    if (!/^(?:\s+[\w:.-]+="[^"<]*")*\s*$/.test(attributes)) faults.push(tag)
    if (closing === '/') faults.push(...(open.pop() === name ? [] : [tag]))
    else if (empty === '') open.push(name)
  }
  const text = plain.replaceAll(/<[^<>]*>/g, '')
  return [...faults, ...open, ...(/[<>]|&(?!(?:amp|lt|gt|quot|apos);)/.exec(text) ?? [])]
}

for (const path of ['windows/muster-agent.wxs', 'windows/muster-agent.xml', 'launchd/org.muster.agent.plist'])
  test(`${path} is whole`, () => assert.deepEqual(faultsOf(read(path)), []))

test('what is not whole is seen', () => {
  for (const xml of ['<a><b></a>', '<a x=1/>', '<a>&b</a>', '<a></a></b>', '<a>'])
    assert.notDeepEqual(faultsOf(xml), [], xml)
  assert.deepEqual(faultsOf('<a x="1"><b/>&amp;</a>'), [])
})

test('the recipe for Windows takes every file of the archive, and none that is not there', () => {
  const wxs = read('windows/muster-agent.wxs')
  const taken = [...wxs.matchAll(/Source="\$\(Archive\)\\([^"]+)"/g)].map(([, path = '']) => path.replaceAll('\\', '/'))
  assert.deepEqual(taken.toSorted(), archiveOf('win32-x64'))
  for (const [, path = ''] of wxs.matchAll(/Source="\$\(Deploy\)\\([^"]+)"/g))
    assert.ok(existsSync(deployed(path.replaceAll('\\', '/'))), path)
  const service = read('windows/muster-agent.xml')
  for (const path of ['lib\\node.exe', 'lib\\muster-agent.mjs'])
    assert.ok(service.includes(`Muster Agent\\${path}`), path)
})

test('the recipe for macOS is a shell’s, and names what is in the checkout and the archive', () => {
  const script = deployed('macos/build-pkg.sh')
  assert.equal(spawnSync('sh', ['-n', script]).status, 0)
  const text = readFileSync(script, 'utf8')
  for (const [, path = ''] of text.matchAll(/"\$deploy\/([^"$]+)"/g)) assert.ok(existsSync(deployed(path)), path)
  const archive = archiveOf('darwin-arm64')
  for (const path of ['lib/node', 'bin/muster-agent'])
    assert.ok(archive.includes(path) && text.includes(`muster-agent/${path}`), path)
  const plist = read('launchd/org.muster.agent.plist')
  const words = [...plist.matchAll(/<string>\/usr\/local\/lib\/muster-agent\/([^<]+)<\/string>/g)].map(
    ([, path = '']) => path,
  )
  assert.deepEqual(words, ['lib/node', 'lib/muster-agent.mjs'])
  for (const path of words) assert.ok(archive.includes(path), path)
})

test('the recipe for RPM names what is in the checkout and the archive', () => {
  const spec = read('rpm/muster-agent.spec')
  for (const [, path = ''] of spec.matchAll(/%\{deploy\}\/(\S+)/g)) assert.ok(existsSync(deployed(path)), path)
  const archive = archiveOf('linux-x64')
  const [, copied = ''] = /^cp -a (.*) %/m.exec(spec) ?? []
  assert.deepEqual(
    new Set(archive.filter((path) => path.includes('/')).map((path) => path.split('/')[0])),
    new Set(copied.split(' ')),
  )
  const [, license = ''] = /^%license (\S+)$/m.exec(spec) ?? []
  assert.ok(archive.includes(license), license)
  const installed = [...spec.matchAll(/%\{buildroot\}(\/\S+)$/gm)].map(([, path = '']) => path.replace(/\/$/, ''))
  const listed = spec.slice(spec.indexOf('%files'))
  for (const path of installed.filter((one) => !/^\/usr\/bin$/.test(one))) assert.ok(listed.includes(path), path)
})

test('where nothing can be made, one line says so and nothing hangs', () => {
  assert.throws(
    () => makeOutFolder('/proc/nowhere/deep'),
    /^Error: --out \/proc\/nowhere\/deep: \/proc\/nowhere cannot be made \(\w+\)$/,
  )
  const file = join(work, 'a-file')
  writeFileSync(file, '')
  assert.throws(() => makeOutFolder(join(file, 'below')), /cannot be made/)
  makeOutFolder(join(work, 'one/two/three'))
  makeOutFolder(join(work, 'one/two/three'))
  assert.ok(existsSync(join(work, 'one/two/three')))
  const main = join(root, 'scripts/package/main.ts')
  const ended = spawnSync(process.execPath, [main, '--out', '/proc/nowhere/deep'], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  assert.equal(ended.status, 1)
  assert.match(ended.stderr, /^--out \S+: \S+ cannot be made \(\w+\)\n$/)
})
