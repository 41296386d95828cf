// What the surface makes of dpkg's own files: what counts as installed, on request or not, and images without dpkg.
// The machine's own status file is read in no test.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { groundWith, never, plain } from '../testing/ground.ts'
import { createDebianPackages } from './debian-packages.ts'
import { readDpkgStatus } from './dpkg-status.ts'

const paragraph = (fields: Readonly<Record<string, string>>): string =>
  `${Object.entries(fields)
    .map(([field, value]) => `${field}: ${value}`)
    .join('\n')}\n`

const installed = { Status: 'install ok installed', Architecture: 'amd64', Version: '1.0-1' }

const collect = (root: string) =>
  createDebianPackages({ dpkg: join(root, 'dpkg'), apt: join(root, 'apt') }).collect(never)

const statuses: readonly (readonly [status: string, isInstalled: boolean])[] = [
  ['install ok installed', true],
  ['hold ok installed', true],
  ['install ok unpacked', true],
  ['install ok half-configured', true],
  ['install reinstreq half-installed', true],
  ['deinstall ok config-files', false],
  ['purge ok not-installed', false],
]
for (const [status, isInstalled] of statuses)
  test(`a package whose status is "${status}" is ${isInstalled ? '' : 'not '}installed`, () =>
    assert.equal(readDpkgStatus(paragraph({ Package: 'a', ...installed, Status: status })).length, isInstalled ? 1 : 0))

test('a paragraph is read field by field, whatever its lines are ended and continued by', () => {
  const text = [
    'Package: libssl3',
    'Status: install ok installed',
    'Source: openssl (3.0.11-1)',
    'Architecture: amd64',
    'Version: 3.0.11-1~deb12u2',
    'Description: Secure Sockets Layer toolkit',
    ' Version: 9.9',
    ' .',
    'Conffiles:',
    ' /etc/x 0123',
    '',
    '  ',
    'Package: openssl',
    'Status: install ok installed',
    'Source: openssl',
    'Version: 3.0.11-1~deb12u2',
  ]
  const want = [
    { name: 'libssl3', version: '3.0.11-1~deb12u2', architecture: 'amd64', source: 'openssl' },
    { name: 'openssl', version: '3.0.11-1~deb12u2', architecture: '', source: null },
  ]
  assert.deepEqual(readDpkgStatus(text.join('\n')), want)
  assert.deepEqual(readDpkgStatus(text.join('\r\n')), want)
})

test('items say architecture and source, and whether apt brought them along', async () => {
  const root = groundWith({
    'dpkg/status': [
      paragraph({ Package: 'libc6', Source: 'glibc', ...installed }),
      paragraph({ Package: 'libc6', Source: 'glibc', ...installed, Architecture: 'i386' }),
      paragraph({ Package: 'bash', ...installed }),
    ].join('\n'),
    'apt/extended_states': paragraph({ Package: 'libc6', Architecture: 'amd64', 'Auto-Installed': '1' }),
  })
  const items = plain(await collect(root))
  assert.deepEqual(
    items.map(({ itemId, name, detail, installedOnRequest }) => [
      itemId.slice(itemId.lastIndexOf('/') + 1),
      name,
      detail,
      installedOnRequest,
    ]),
    [
      ['bash:amd64', 'bash', 'arch=amd64', true],
      ['libc6:amd64', 'libc6', 'arch=amd64 source=glibc', false],
      ['libc6:i386', 'libc6', 'arch=i386 source=glibc', true],
    ],
  )
  assert.equal(items[0]?.path, join(root, 'dpkg', 'status'))
})

test('a newer version of a package is the same item', async () => {
  const idOf = async (version: string) =>
    plain(
      await collect(groundWith({ 'dpkg/status': paragraph({ Package: 'a', ...installed, Version: version }) })),
    )[0]?.itemId.replace(/^.*status/, '')
  assert.equal(await idOf('1'), await idOf('2'))
})

test('images without dpkg have a file a package, and nobody knows who asked for it', async () => {
  const root = groundWith({
    'dpkg/status.d/base-files': paragraph({ Package: 'base-files', Version: '12', Architecture: 'amd64' }),
    'dpkg/status.d/base-files.md5sums': 'x  y',
    'dpkg/status.d/folder/x': paragraph({ Package: 'none', Version: '1' }),
  })
  const { items, issues } = await collect(root)
  assert.deepEqual(
    [items.map(({ name, path, installedOnRequest }) => [name, path, installedOnRequest]), issues],
    [[['base-files', join(root, 'dpkg/status.d/base-files'), null]], []],
  )
})

test('a machine without dpkg has nothing to tell; a status that cannot be read keeps what was known', async () => {
  assert.deepEqual(await collect('/nowhere'), { items: [], issues: [], unseen: [] })
  const root = groundWith({ 'dpkg/status/x': '' })
  const { issues, unseen } = await collect(root)
  assert.deepEqual(
    [issues.length, unseen],
    [1, [{ path: join(root, 'dpkg/status'), extent: 'file', because: 'unreadable' }]],
  )
})

test('a status of something else keeps what was known, and an empty one is a list of nothing', async () => {
  const root = groundWith({ 'dpkg/status': 'no: list\nof: packages\n', 'dpkg/status.d/none': '\n' })
  const { issues, unseen } = await collect(root)
  const path = join(root, 'dpkg/status')
  assert.deepEqual(issues, [{ path, reason: 'is not a list of packages' }])
  assert.deepEqual(unseen, [{ path, extent: 'file', because: 'unreadable' }])
})

test('a folder of packages that is something else keeps what was known of it', async () => {
  const root = groundWith({ 'dpkg/status.d': '' })
  const { issues, unseen } = await collect(root)
  const path = join(root, 'dpkg/status.d')
  assert.deepEqual([issues.length, unseen], [1, [{ path, extent: 'tree', because: 'unreadable' }]])
})

test('no text makes the reader throw', () => {
  const piece = fc.constantFrom('Package', ':', ' ', '\n', 'Version', 'a', 'Status: ', '\r', '\t', 'Source: (')
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
      ),
      (text) => {
        for (const { name, version } of readDpkgStatus(text)) assert.ok(name !== '' && version !== '')
      },
    ),
    { numRuns: 1000 },
  )
})
