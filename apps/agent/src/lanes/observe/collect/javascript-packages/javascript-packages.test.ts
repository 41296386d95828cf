// What npm lockfiles say, as tables, and what the surface makes of those on a real disk.
// The walk itself is tested in collect.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { discoveryBudget } from '../discover.ts'
import { createJavascriptPackages, type JavascriptOrder } from './javascript-packages.ts'
import { readNpmLockfile } from './npm-lockfile.ts'

const lock = (packages: unknown): string => JSON.stringify({ lockfileVersion: 3, packages })

const cases: { name: string; text: string; want: readonly (readonly [string, string, string | null])[] }[] = [
  {
    name: 'all tokens, in order',
    text: lock({
      'node_modules/a': { version: '1.0.0', dev: true, integrity: 'sha512-x', resolved: 'https://r/a.tgz' },
    }),
    want: [['a', '1.0.0', 'resolved=https://r/a.tgz integrity=sha512-x scope=dev']],
  },
  {
    name: 'dev outweighs optional',
    text: lock({ 'node_modules/a': { version: '1', dev: true, optional: true } }),
    want: [['a', '1', 'scope=dev']],
  },
  {
    name: 'optional alone',
    text: lock({ 'node_modules/a': { version: '1', optional: true } }),
    want: [['a', '1', 'scope=optional']],
  },
  {
    name: 'neither, although npm says devOptional',
    text: lock({ 'node_modules/a': { version: '1', devOptional: true } }),
    want: [['a', '1', null]],
  },
  {
    name: 'nested names keep their inner part',
    text: lock({ 'node_modules/@s/a/node_modules/b': { version: '2' } }),
    want: [['@s/a/node_modules/b', '2', null]],
  },
  {
    name: 'the project itself, workspaces and their links are no packages',
    text: lock({
      '': { version: '1' },
      'apps/x': { version: '1' },
      'node_modules/x': { resolved: 'apps/x', link: true },
      'apps/x/node_modules/y': { version: '3' },
    }),
    want: [],
  },
  { name: 'version 1', text: JSON.stringify({ lockfileVersion: 1, dependencies: { a: { version: '1' } } }), want: [] },
  {
    name: 'a byte order mark',
    text: `\ufeff${lock({ 'node_modules/a': { version: '1' } })}`,
    want: [['a', '1', null]],
  },
  {
    name: 'values of the wrong type',
    text: lock({ 'node_modules/a': { version: 1 }, 'node_modules/b': { version: '1', resolved: 7 } }),
    want: [['b', '1', null]],
  },
  {
    name: 'half a surrogate pair',
    text: '{"packages":{"node_modules/\\ud800":{"version":"1"}}}',
    want: [['\ufffd', '1', null]],
  },
  {
    name: 'a prototype in disguise',
    text: '{"packages":{"node_modules/__proto__":{"version":"1"}}}',
    want: [['__proto__', '1', null]],
  },
  { name: 'another top level', text: '[]', want: [] },
  { name: 'packages of another kind', text: '{"packages":[1]}', want: [] },
]
for (const { name, text, want } of cases)
  test(`npm lockfile: ${name}`, () => {
    const reading = readNpmLockfile(text)
    assert.ok(reading.ok)
    assert.deepEqual(
      reading.packages.map(({ name, version, detail }) => [name, version, detail]),
      want,
    )
  })

test('npm lockfile: an entry of a strange shape costs that entry only', () => {
  const reading = readNpmLockfile(
    lock({ 'node_modules/a': null, 'node_modules/b': { version: '1' }, 'node_modules/c': 'x' }),
  )
  assert.ok(reading.ok)
  assert.deepEqual([reading.packages.length, reading.oddEntries], [1, 2])
})

test('npm lockfile: no text makes the reader throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => void readNpmLockfile(text)),
    { numRuns: 1000 },
  )
})

const scratch = (files: Record<string, string>): string => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'muster-agent-npm-')))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const collect = (root: string, changed: Partial<JavascriptOrder> = {}) =>
  createJavascriptPackages(() => ({
    roots: [root],
    scanRoots: [root],
    maxDepth: 5,
    excludeDirectories: ['node_modules'],
    lockfileNames: ['package-lock.json', 'npm-shrinkwrap.json'],
    includeNpm: true,
    budget: discoveryBudget,
    ...changed,
  })).collect(new AbortController().signal)

test('items carry the identity and the fields every agent gives them', async () => {
  const root = scratch({ 'shop/package-lock.json': lock({ 'node_modules/a': { version: '1.2.3', dev: true } }) })
  const path = join(root, 'shop', 'package-lock.json')
  const { items, issues } = await collect(root)
  assert.deepEqual(issues, [])
  assert.deepEqual(items, [
    {
      itemId: `javascriptPackages/package/${path}/a/1.2.3`,
      surface: 'javascriptPackages',
      kind: 'package',
      name: 'a',
      version: '1.2.3',
      path,
      origin: 'npm',
      detail: 'scope=dev',
      installedOnRequest: null,
      attributes: {},
    },
  ])
})

test('a shrinkwrap shadows the lockfile beside it and no other', async () => {
  const packageNamed = (name: string) => lock({ [`node_modules/${name}`]: { version: '1' } })
  const root = scratch({
    'a/package-lock.json': packageNamed('shadowed'),
    'a/npm-shrinkwrap.json': packageNamed('wrapped'),
    'b/package-lock.json': packageNamed('plain'),
  })
  assert.deepEqual(
    (await collect(root)).items.map(({ name }) => name),
    ['wrapped', 'plain'],
  )
})

test('a malformed file is one issue, keeps the others, and is known to be unseen', async () => {
  const root = scratch({
    'a/package-lock.json': '{',
    'b/package-lock.json': lock({ 'node_modules/b': { version: '1' } }),
  })
  const { items, issues, unseen } = await collect(root)
  assert.equal(items.length, 1)
  assert.deepEqual(issues, [{ path: join(root, 'a', 'package-lock.json'), reason: 'is not JSON' }])
  assert.deepEqual(unseen, [{ path: join(root, 'a', 'package-lock.json'), extent: 'file', because: 'unreadable' }])
})

test('names and managers that were switched off are not read', async () => {
  const root = scratch({ 'package-lock.json': lock({ 'node_modules/b': { version: '1' } }) })
  assert.equal((await collect(root, { lockfileNames: ['npm-shrinkwrap.json'] })).items.length, 0)
  assert.equal((await collect(root, { includeNpm: false })).items.length, 0)
  assert.equal((await collect(root, { scanRoots: [] })).items.length, 0)
})

test('overlapping roots give each item once', async () => {
  const root = scratch({ 'a/package-lock.json': lock({ 'node_modules/b': { version: '1' } }) })
  assert.equal((await collect(root, { roots: [root, join(root, 'a')] })).items.length, 1)
})
