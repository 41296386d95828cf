// What the surface makes of the folders of editors on a real disk, with their lists and without.
// No editor is needed: the files are written as the editors write them.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain } from '../testing/ground.ts'
import { readExtensionList, readExtensionManifest, readObsolete } from './extension-list.ts'
import { createVscodeExtensions } from './vscode-extensions.ts'

const entry = (id: string, version: string, metadata: Readonly<Record<string, unknown>> = {}) => ({
  identifier: { id, uuid: '0' },
  version,
  location: { $mid: 1, path: '/x', scheme: 'file' },
  relativeLocation: `${id}-${version}`,
  metadata: { installedTimestamp: 1, source: 'gallery', targetPlatform: 'undefined', ...metadata },
})

const manifest = (publisher: string, name: string, version: string): string =>
  JSON.stringify({ publisher, name, version })

const collect = (home: string, extensionDirectories: readonly string[] | null = null) =>
  createVscodeExtensions(() => ({ home, extensionDirectories })).collect(never)

const told = async (home: string) => {
  const { items, issues } = await collect(home)
  return {
    items: items.map(({ path, name, version, origin, detail }) =>
      [path.slice(home.length + 1), name, version, origin, detail].join(' | '),
    ),
    issues: issues.map(({ path, reason }) => `${path.slice(home.length + 1)}: ${reason}`),
  }
}

test('the list of each editor says what it has, and versions side by side are one item', async () => {
  const home = groundWith({
    '.vscode/extensions/extensions.json': JSON.stringify([
      entry('ms-python.python', '2024.2.0', { targetPlatform: 'linux-x64' }),
      entry('ms-python.python', '2024.1.0'),
      entry('a.b', '1.0.0', { source: 'vsix' }),
      { identifier: { id: 7 }, version: '1' },
    ]),
    '.vscode/extensions/left.over-1.0.0/package.json': manifest('left', 'over', '1.0.0'),
    '.cursor/extensions/extensions.json': JSON.stringify([entry('a.b', '2.0.0', { source: undefined })]),
  })
  assert.deepEqual(await told(home), {
    items: [
      '.cursor/extensions | a.b | 2.0.0 | unknown | ',
      '.vscode/extensions | a.b | 1.0.0 | vsix | ',
      '.vscode/extensions | ms-python.python | 2024.1.0, 2024.2.0 | gallery | platform=linux-x64',
    ],
    issues: ['.vscode/extensions/extensions.json: 1 entries are not extensions'],
  })
})

test('without a list the folders say it, but for those that are only waiting to be deleted', async () => {
  const home = groundWith({
    '.vscode-server/extensions/a.b-1.0.0/package.json': manifest('a', 'b', '1.0.0'),
    '.vscode-server/extensions/a.b-0.9.0/package.json': manifest('a', 'b', '0.9.0'),
    '.vscode-server/extensions/.obsolete': '{"a.b-0.9.0":true}',
    '.vscode-server/extensions/odd/package.json': '{',
    '.vscode-server/extensions/empty/x': '',
  })
  assert.deepEqual(await told(home), {
    items: ['.vscode-server/extensions | a.b | 1.0.0 | unknown | '],
    issues: ['.vscode-server/extensions/odd/package.json: is not the manifest of an extension'],
  })
})

test('a list that cannot be read is an issue, and what was known of the editor still stands', async () => {
  const home = groundWith({ '.vscode/extensions/extensions.json': '[{' })
  const { items, issues, unseen } = await collect(home)
  const path = join(home, '.vscode', 'extensions')
  assert.deepEqual([items.length, issues.length], [0, 1])
  assert.deepEqual(unseen, [{ path, extent: 'tree', because: 'unreadable' }])
})

test('a newer version is the same item, at the folder of the editor', async () => {
  const home = groundWith({ 'x/extensions.json': JSON.stringify([entry('a.b', '1.0.0')]) })
  const [item] = plain(await collect(home, [join(home, 'x')]))
  assert.deepEqual([item?.itemId, item?.kind], [`vscodeExtensions/extension/${home}/x/a.b`, 'extension'])
})

test('an account without editors has nothing to tell', async () => {
  assert.deepEqual(await collect('/nowhere'), { items: [], issues: [], unseen: [] })
})

test('no text makes the readers throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      readExtensionList(text)
      readExtensionManifest(text)
      readObsolete(text)
    }),
    { numRuns: 1000 },
  )
})
