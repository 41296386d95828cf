// What the surface makes of Homebrew's folders on a real disk.
// The listing of folders is tested in installed.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, never, plain } from '../testing/ground.ts'
import { createHomebrew } from './homebrew.ts'

const receipt = (tap: string | null, requested?: boolean): string =>
  JSON.stringify({ homebrew_version: '4', source: { tap, path: '/x' }, installed_on_request: requested })

const collect = (prefixes: readonly string[] | null, home = '/nowhere', platform: NodeJS.Platform = 'linux') =>
  createHomebrew(() => ({ prefixes, home, platform })).collect(never)

const told = async (root: string) => {
  const { items, issues } = await collect([root])
  return {
    items: items.map(({ path, name, version, origin, installedOnRequest }) =>
      [path.slice(root.length + 1), name, version, origin, String(installedOnRequest)].join(' | '),
    ),
    issues: issues.map(({ path, reason }) => `${path.slice(root.length + 1)}: ${reason}`),
  }
}

test('formulae and casks come with their versions, taps and whether they were asked for', async () => {
  const root = groundWith({
    'Cellar/ripgrep/14.1.0/INSTALL_RECEIPT.json': receipt('homebrew/core', true),
    'Cellar/pcre2/10.42/INSTALL_RECEIPT.json': receipt('old/tap', true),
    'Cellar/pcre2/10.43/INSTALL_RECEIPT.json': receipt('homebrew/core', false),
    'Cellar/pcre2/.hidden/x': '',
    'Cellar/bare/1.0/bin/bare': '',
    'Cellar/.keepme/1/x': '',
    'Cellar/empty/.x': '',
    'Caskroom/tool/2.0/tool.app': '',
    'Caskroom/tool/.metadata/INSTALL_RECEIPT.json': receipt('homebrew/cask', true),
  })
  assert.deepEqual(await told(root), {
    items: [
      'Caskroom/tool | tool | 2.0 | homebrew/cask | true',
      'Cellar/bare | bare | 1.0 | unknown | null',
      'Cellar/pcre2 | pcre2 | 10.42, 10.43 | homebrew/core | false',
      'Cellar/ripgrep | ripgrep | 14.1.0 | homebrew/core | true',
    ],
    issues: [],
  })
})

test('the identity of a formula has no version in it', async () => {
  const root = groundWith({ 'Cellar/xz/5.6.0/x': '' })
  assert.equal(plain(await collect([root]))[0]?.itemId, `homebrew/package/${root}/Cellar/xz/xz`)
})

test('one name under two prefixes is two items, and a prefix that is not there is nothing', async () => {
  const [one, two] = [groundWith({ 'Cellar/xz/1/x': '' }), groundWith({ 'Cellar/xz/1/x': '' })]
  const { items, issues } = await collect([one, two, join(one, 'nowhere'), one])
  assert.deepEqual([items.length, issues], [2, []])
})

test('a receipt that is malformed or too large is an issue, and the package stays', async () => {
  const root = groundWith({
    'Cellar/a/1/INSTALL_RECEIPT.json': '{',
    'Cellar/b/1/INSTALL_RECEIPT.json': receipt('x').padEnd(1_000_001),
    'Cellar/c/1/INSTALL_RECEIPT.json': '{"source":{"tap":7},"installed_on_request":"yes"}',
    'Cellar/d/1/INSTALL_RECEIPT.json': receipt('x/y', true).padEnd(1_000_000),
    'Caskroom/e/.metadata/INSTALL_RECEIPT.json': '[]',
    'Caskroom/e/1/x': '',
  })
  assert.deepEqual(await told(root), {
    items: [
      'Caskroom/e | e | 1 | unknown | null',
      'Cellar/a | a | 1 | unknown | null',
      'Cellar/b | b | 1 | unknown | null',
      'Cellar/c | c | 1 | unknown | null',
      'Cellar/d | d | 1 | x/y | true',
    ],
    issues: [
      'Cellar/a/1/INSTALL_RECEIPT.json: is not a receipt that can be read',
      'Cellar/b/1/INSTALL_RECEIPT.json: larger than the limit for its kind',
      'Caskroom/e/.metadata/INSTALL_RECEIPT.json: is not a receipt that can be read',
    ],
  })
})

test('a Cellar or Caskroom that is a file is an issue, and what was known of it still stands', async () => {
  const root = groundWith({ Cellar: '', Caskroom: '' })
  const { items, issues, unseen } = await collect([root])
  assert.deepEqual([items.length, issues.length, unseen.length], [0, 2, 2])
  assert.match(issues[0]?.reason ?? '', /cannot be enumerated/)
})

test('a folder whose name is no valid text is an issue', async () => {
  const root = groundWith({ 'Cellar/a/1/x': '' })
  mkdirSync(Buffer.concat([Buffer.from(`${root}/Cellar/`), Buffer.from([0xff])]))
  assert.deepEqual(await told(root), {
    items: ['Cellar/a | a | 1 | unknown | null'],
    issues: ['Cellar/\ufffd: cannot be inspected: its name is not valid text'],
  })
})

test('linked folders are no packages', async () => {
  const root = groundWith({ 'Cellar/real/1/x': '' })
  symlinkSync(join(root, 'Cellar', 'real'), join(root, 'Cellar', 'linked'))
  mkdirSync(join(root, 'Cellar', 'odd'))
  symlinkSync(join(root, 'Cellar', 'real', '1'), join(root, 'Cellar', 'odd', '1'))
  assert.deepEqual((await told(root)).items, ['Cellar/real | real | 1 | unknown | null'])
})

test('on Linux the home directory is a place to look, on Windows there is none', async () => {
  const home = groundWith({ '.linuxbrew/Cellar/xz/1/x': '' })
  assert.equal((await collect(null, home)).items.length, 1)
  assert.deepEqual(await collect(null, home, 'win32'), { items: [], issues: [], unseen: [] })
})

test('a stopped scan says why', async () => {
  const { collect: stopped } = createHomebrew(() => ({ prefixes: ['/x'], home: '/x', platform: 'linux' }))
  await assert.rejects(stopped(AbortSignal.abort(new Error('stopped'))), /stopped/)
})
