// What the surface makes of global node_modules folders on a real disk: of npm and of managers of Node versions.
// No npm is needed: the folders are laid out as it lays them out.
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain } from '../testing/ground.ts'
import type { GlobalOrder } from './global-folders.ts'
import { createNpmGlobalPackages, versionIn } from './npm-global-packages.ts'

const version = (said: string): string => JSON.stringify({ name: 'whatever', version: said })

const surface = (home: string, changed: Partial<GlobalOrder> = {}) =>
  createNpmGlobalPackages(() => ({ home, prefixes: null, platform: 'linux', ...changed }))

const below = async (root: string, changed: Partial<GlobalOrder> = {}) => {
  const { items, issues, unseen } = await surface(root, changed).collect(never)
  return {
    items: items
      .filter(({ path }) => path.startsWith(`${root}/`))
      .map(({ path, name, version: said, installedOnRequest }) =>
        [path.slice(root.length + 1), name, said, installedOnRequest ? 'asked for' : 'brought along'].join(' | '),
      ),
    issues: issues.filter(({ path }) => path.startsWith(`${root}/`)).map(({ reason }) => reason),
    unseen,
  }
}

test('what was installed and what it brought along are told, with and without a scope', async () => {
  const root = groundWith({
    'lib/node_modules/tool/package.json': version('1.0.0'),
    'lib/node_modules/tool/node_modules/dep/package.json': version('2.0.0'),
    'lib/node_modules/tool/node_modules/@s/deep/package.json': version('3.0.0'),
    'lib/node_modules/tool/node_modules/@s/deep/node_modules/dep/package.json': version('1.0.0'),
    'lib/node_modules/tool/node_modules/.bin/x': '',
    'lib/node_modules/tool/lib/package.json': version('9'),
    'lib/node_modules/@s/tool/package.json': version('4.0.0'),
    'lib/node_modules/empty/x': '',
  })
  symlinkSync(join(root, 'lib'), join(root, 'lib', 'node_modules', 'linked'))
  assert.deepEqual(await below(root, { prefixes: [root] }), {
    items: [
      'lib/node_modules/@s/tool | @s/tool | 4.0.0 | asked for',
      'lib/node_modules/tool/node_modules/@s/deep | @s/deep | 3.0.0 | brought along',
      'lib/node_modules/tool/node_modules/@s/deep/node_modules/dep | dep | 1.0.0 | brought along',
      'lib/node_modules/tool/node_modules/dep | dep | 2.0.0 | brought along',
      'lib/node_modules/tool | tool | 1.0.0 | asked for',
    ],
    issues: [],
    unseen: [],
  })
})

const managers = [
  '.nvm/versions/node/v20.0.0/lib/node_modules',
  '.volta/tools/image/node/20.0.0/lib/node_modules',
  '.volta/tools/image/packages/tool/lib/node_modules',
  '.volta/tools/image/packages/@s/tool/lib/node_modules',
  '.local/share/fnm/node-versions/v20.0.0/installation/lib/node_modules',
  '.asdf/installs/nodejs/20.0.0/lib/node_modules',
  '.local/share/mise/installs/node/20.0.0/lib/node_modules',
  '.npm-global/lib/node_modules',
]
for (const folder of managers)
  test(`${folder} is looked into`, async () => {
    const home = groundWith({ [`${folder}/tool/package.json`]: version('1.0.0') })
    assert.deepEqual((await below(home)).items, [`${folder}/tool | tool | 1.0.0 | asked for`])
  })

test('on Windows the folders are others', async () => {
  const home = groundWith({
    'AppData/Roaming/npm/node_modules/tool/package.json': version('1.0.0'),
    '.nvm/versions/node/v20.0.0/lib/node_modules/none/package.json': version('1.0.0'),
  })
  assert.deepEqual((await below(home, { platform: 'win32' })).items, [
    'AppData/Roaming/npm/node_modules/tool | tool | 1.0.0 | asked for',
  ])
})

test('a newer version is the same item', async () => {
  const root = groundWith({ 'lib/node_modules/tool/package.json': version('1.0.0') })
  const [item] = plain(await surface(root, { prefixes: [root] }).collect(never))
  assert.equal(item?.itemId, `npmGlobalPackages/package/${root}/lib/node_modules/tool/tool`)
})

test('a manifest that cannot be read is an issue, and the package is still there', async () => {
  const root = groundWith({
    'lib/node_modules/tool/package.json': '{',
    'lib/node_modules/odd/package.json': '{"version":1}',
  })
  const { items, issues } = await below(root, { prefixes: [root] })
  assert.deepEqual([items.length, issues], [2, ['names no version', 'names no version']])
})

test('no text makes the reader throw', () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => void versionIn(text)))
})
