// Proof of what counts as a difference between inventories, beside one device and beside many.
// That they are read right is tested in comparison.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PayloadItem } from '@muster/contract'
import { addDevice, compareInventories, type Face, facesOf, inventoryOf, newReference } from './decide.ts'

const npm = (name: string, value: string): Face => ({ surface: 'javascriptPackages', kind: 'package', name, value })

const compared = (device: readonly Face[], others: readonly (readonly Face[])[], quorum = 1, withValues = true) => {
  const reference = newReference()
  for (const other of others) addDevice(reference, inventoryOf(other))
  const { added, missing, different } = compareInventories(inventoryOf(device), reference, { quorum, withValues })
  const names = ({ items }: typeof added) => items.map(({ name }) => name)
  return { added: names(added), missing: names(missing), different: names(different) }
}

interface Case {
  readonly name: string
  readonly device: readonly Face[]
  readonly others: readonly (readonly Face[])[]
  readonly quorum?: number
  readonly want: Partial<ReturnType<typeof compared>>
}

const five = (...versions: readonly string[]) => versions.map((version) => [npm('a', version)])

const cases: readonly Case[] = [
  { name: 'equal inventories differ in nothing', device: [npm('a', '1')], others: [[npm('a', '1')]], want: {} },
  {
    name: 'beside one device, everything it has counts',
    device: [npm('a', '1'), npm('b', '1'), npm('c', '1')],
    others: [[npm('b', '2'), npm('c', '1'), npm('d', '1')]],
    want: { added: ['a'], missing: ['d'], different: ['b'] },
  },
  {
    name: 'one version more is a difference',
    device: [npm('a', '1'), npm('a', '2')],
    others: five('1'),
    want: { different: ['a'] },
  },
  {
    name: 'so is one less',
    device: [npm('a', '1')],
    others: [[npm('a', '1'), npm('a', '2')]],
    want: { different: ['a'] },
  },
  {
    name: 'what enough of a group has is missed, and what too few have is more',
    device: [npm('b', '1')],
    others: [[npm('a', '1')], [npm('a', '1')], [npm('a', '1'), npm('b', '1')], [npm('a', '1')], []],
    quorum: 0.8,
    want: { added: ['b'], missing: ['a'] },
  },
  {
    name: 'a version that is not that of most differs',
    device: [npm('a', '1')],
    others: five('2', '2', '2', '2', '1'),
    quorum: 0.8,
    want: { different: ['a'] },
  },
  {
    name: 'one of several common versions does not',
    device: [npm('a', '1')],
    others: five('1', '1', '2', '2'),
    quorum: 0.8,
    want: {},
  },
  {
    name: 'a version that nobody has does',
    device: [npm('a', '3')],
    others: five('1', '1', '2', '2'),
    quorum: 0.8,
    want: { different: ['a'] },
  },
  { name: 'beside nobody, everything is more', device: [npm('a', '1')], others: [], want: { added: ['a'] } },
]

for (const { name, device, others, quorum, want } of cases)
  test(name, () =>
    assert.deepEqual(compared(device, others, quorum), { added: [], missing: [], different: [], ...want }),
  )

test('by names alone, versions are no difference', () => {
  assert.deepEqual(compared([npm('a', '1')], [[npm('a', '2')]], 1, false).different, [])
})

test('no more than two hundred are shown, in order, and all are counted', () => {
  const many = Array.from({ length: 300 }, (_, at) => npm(`p${String(at).padStart(3, '0')}`, '1')).toReversed()
  const { added } = compareInventories(inventoryOf(many), newReference(), { quorum: 1, withValues: true })
  assert.deepEqual(
    [added.total, added.items.length, added.items[0]?.name, added.items.at(-1)?.name],
    [300, 200, 'p000', 'p199'],
  )
})

test('values are told, the most common first, and silence is none', () => {
  const reference = newReference()
  for (const version of ['1', '2', '2', '']) addDevice(reference, inventoryOf([npm('a', version)]))
  const { different } = compareInventories(inventoryOf([npm('a', '9')]), reference, { quorum: 0.5, withValues: true })
  const [first] = different.items
  assert.deepEqual([first?.values, first?.referenceValues, first?.referenceDevices], [['9'], ['2', '1'], 4])
})

const item = (more: Partial<PayloadItem>): PayloadItem => ({
  itemId: 'i',
  surface: 'javascriptPackages',
  kind: 'package',
  name: 'a',
  version: '1',
  path: '',
  origin: 'npm',
  detail: null,
  installedOnRequest: null,
  attributes: {},
  ...more,
})

test('a package is the same however deep it lies; a server is what it is called, with how it is started', () => {
  assert.deepEqual(facesOf(item({ name: 'x/node_modules/@s/b' })), [npm('@s/b', '1')])
  const kegs = facesOf(item({ surface: 'homebrew', kind: 'formula', name: 'xz', version: '5.6.0, 5.6.1' }))
  assert.deepEqual(
    kegs.map(({ value }) => value),
    ['5.6.0', '5.6.1'],
  )
  const server = item({ surface: 'claudeConfig', kind: 'mcpServer', name: 'gh', version: null, detail: 'npx -y @m/gh' })
  assert.deepEqual(facesOf(server), [{ surface: 'claudeConfig', kind: 'mcpServer', name: 'gh', value: 'npx -y @m/gh' }])
})
