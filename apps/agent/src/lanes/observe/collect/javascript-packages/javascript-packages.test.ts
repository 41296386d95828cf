// What the surface makes of lockfiles on a real disk: identities, shadowing, switches, files left unread.
// What each format says is tested beside its reader, the walk itself in collect.
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, never, plain, put, walkOver } from '../testing/ground.ts'
import { createJavascriptPackages, type JavascriptOrder } from './javascript-packages.ts'

const names = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock']

/** A clock by which all that a test wrote was written long ago. */
const later = (): number => Date.now() + 3_600_000

const surfaceOver = (root: string, changed: Partial<JavascriptOrder> = {}, nowMs = later) =>
  createJavascriptPackages(
    () => ({
      ...walkOver(root),
      lockfileNames: names,
      includeNpm: true,
      includePnpm: true,
      includeYarn: true,
      includeBun: true,
      ...changed,
    }),
    { nowMs },
  )

const collect = (root: string, changed: Partial<JavascriptOrder> = {}) => surfaceOver(root, changed).collect(never)

const npm = (name: string, version = '1'): string =>
  JSON.stringify({ packages: { [`node_modules/${name}`]: { version } } })

const oneOfEach = {
  'npm/package-lock.json': npm('from-npm'),
  'shrunk/npm-shrinkwrap.json': npm('from-shrinkwrap'),
  'pnpm/pnpm-lock.yaml': "lockfileVersion: '9.0'\n\npackages:\n\n  from-pnpm@1.0.0:\n    resolution: {integrity: x}\n",
  'yarn/yarn.lock': '# yarn lockfile v1\n\nfrom-yarn@^1.0.0:\n  version "1.0.0"\n',
  'berry/yarn.lock': '__metadata:\n  version: 8\n\n"from-berry@npm:^1.0.0":\n  version: 1.0.0\n  linkType: hard\n',
  'bun/bun.lock': '{"packages": {"from-bun": ["from-bun@1.0.0", "", {}, "sha512-x"],}}',
}

test('items carry the identity and the fields every agent gives them', async () => {
  const root = groundWith({
    'shop/package-lock.json': JSON.stringify({ packages: { 'node_modules/a': { version: '1.2.3', dev: true } } }),
  })
  const path = join(root, 'shop', 'package-lock.json')
  const snapshot = await collect(root)
  assert.deepEqual(snapshot.issues, [])
  assert.deepEqual(plain(snapshot), [
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

test('all lockfiles are read, each by its own manager, in the order of identities', async () => {
  const snapshot = await collect(groundWith(oneOfEach))
  assert.deepEqual(
    snapshot.items.map(({ name, origin }) => `${name} ${origin}`),
    ['from-berry yarn', 'from-bun bun', 'from-npm npm', 'from-pnpm pnpm', 'from-shrinkwrap npm', 'from-yarn yarn'],
  )
  const ids = snapshot.items.map(({ itemId }) => itemId)
  assert.deepEqual([snapshot.issues, ids], [[], ids.toSorted()])
})

const switches: readonly (readonly [Partial<JavascriptOrder>, number])[] = [
  [{ includeNpm: false }, 4],
  [{ includePnpm: false }, 5],
  [{ includeYarn: false }, 4],
  [{ includeBun: false }, 5],
  [{ lockfileNames: ['yarn.lock', 'Cargo.lock', 'constructor'] }, 2],
  [{ lockfileNames: [] }, 0],
  [{ scanRoots: [] }, 0],
]
for (const [changed, want] of switches)
  test(`with ${JSON.stringify(changed)} ${want} of six files are read`, async () =>
    assert.equal((await collect(groundWith(oneOfEach), changed)).items.length, want))

test('a shrinkwrap shadows the lockfile beside it and no other', async () => {
  const root = groundWith({
    'a/package-lock.json': npm('shadowed'),
    'a/npm-shrinkwrap.json': npm('wrapped'),
    'b/package-lock.json': npm('plain'),
  })
  assert.deepEqual(
    (await collect(root)).items.map(({ name }) => name),
    ['wrapped', 'plain'],
  )
})

test('a malformed file is one issue, keeps the others, and is known to be unseen', async () => {
  const root = groundWith({ ...oneOfEach, 'a/package-lock.json': '{', 'c/bun.lock': '[' })
  const { items, issues, unseen } = await collect(root)
  const [a, c] = [join(root, 'a', 'package-lock.json'), join(root, 'c', 'bun.lock')]
  assert.equal(items.length, 6)
  assert.deepEqual(issues, [
    { path: a, reason: 'is not JSON' },
    { path: c, reason: 'is not JSON' },
  ])
  assert.deepEqual(unseen, [
    { path: a, extent: 'file', because: 'unreadable' },
    { path: c, extent: 'file', because: 'unreadable' },
  ])
})

test('a file above 25 million bytes is one issue, and one of exactly that size is read', async () => {
  const padded = (bytes: number) => npm('large').padEnd(bytes)
  const root = groundWith({ 'a/package-lock.json': padded(25_000_000), 'b/package-lock.json': padded(25_000_001) })
  const { items, issues } = await collect(root)
  assert.deepEqual([items.length, issues.map(({ path }) => path)], [1, [join(root, 'b', 'package-lock.json')]])
})

test('overlapping roots give each item once', async () => {
  const root = groundWith({ 'a/package-lock.json': npm('b') })
  assert.equal((await collect(root, { roots: [root, join(root, 'a')] })).items.length, 1)
})

test('two versions of one package are two items', async () => {
  const packages = { 'node_modules/a': { version: '1' }, 'node_modules/b/node_modules/a': { version: '2' } }
  const root = groundWith({
    'package-lock.json': JSON.stringify({ packages }),
    'yarn.lock': 'a@^1:\n  version "1.0.0"\n\na@^2:\n  version "2.0.0"\n',
  })
  assert.equal(new Set((await collect(root)).items.map(({ itemId }) => itemId)).size, 4)
})

test('a file that is as it was is left unread, and one that changed is read', async () => {
  const root = groundWith({ 'a/package-lock.json': npm('a'), 'b/package-lock.json': npm('b') })
  const surface = surfaceOver(root)
  const { stamps, unchanged } = await surface.collect(never)
  assert.deepEqual([stamps?.size, unchanged?.size], [2, 0])
  put(join(root, 'b', 'package-lock.json'), npm('c'))
  const second = await surface.collect(never, stamps)
  assert.deepEqual(
    [second.items.map(({ name }) => name), [...(second.unchanged ?? [])], second.stamps?.size],
    [['c'], [join(root, 'a', 'package-lock.json')], 2],
  )
})

test('a file written a moment ago has no stamp yet, because the next write could leave the same times', async () => {
  const root = groundWith({ 'package-lock.json': npm('a') })
  const { stamps, items } = await surfaceOver(root, {}, Date.now).collect(never)
  assert.deepEqual([stamps?.size, items.length], [0, 1])
})

test('a file about which something is amiss, and one behind a link, is read every time', async () => {
  const odd = JSON.stringify({ packages: { 'node_modules/a': 7, 'node_modules/b': { version: '1' } } })
  const root = groundWith({ 'a/package-lock.json': odd, 'real/lock': npm('linked'), 'b/package-lock.json': npm('c') })
  symlinkSync(join(root, 'real', 'lock'), join(root, 'real', 'package-lock.json'))
  const { stamps, items, issues } = await surfaceOver(root).collect(never)
  assert.deepEqual([items.length, issues.length], [3, 1])
  assert.deepEqual([...(stamps?.keys() ?? [])], [join(root, 'b', 'package-lock.json')])
})

test('a scan that is stopped says why', async () => {
  const stopped = AbortSignal.abort(new Error('stopped'))
  await assert.rejects(surfaceOver(groundWith(oneOfEach)).collect(stopped), /stopped/)
})
