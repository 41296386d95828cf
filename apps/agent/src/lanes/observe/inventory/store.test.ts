// What was found here, in an order that stays, and searched by words as every list of this machine is.
// What words mean is proved with the feed, which has more columns to look into.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStores, packageItem } from '../testing/stores.ts'
import { createInventoryStore } from './store.ts'

const open = () => {
  const { db, scans } = openStores()
  return {
    inventory: createInventoryStore(db),
    find: (...items: readonly ReturnType<typeof packageItem>[]) =>
      scans.applyChanges(items.map((item) => ({ kind: 'added', item, before: null }))),
  }
}

test('items come by name, path and kind, whatever their case, and whole', () => {
  const { inventory, find } = open()
  const [b, a, c] = [
    packageItem('B', '1', { path: '/q' }),
    packageItem('a', '1'),
    packageItem('b', '2', { path: '/P', origin: null, installedOnRequest: true }),
  ] as const
  find(b, a, c)
  assert.deepEqual(inventory.items(9, {}), [a, c, b])
  assert.deepEqual([inventory.items(2, {}).length, inventory.countItems({})], [2, 3])
})

test('name, path, kind, version and origin are searched, as they are after the last change', () => {
  const { inventory, find } = open()
  const ripgrep = packageItem('ripgrep', '14.1.0', { surface: 'homebrew', origin: 'homebrew/core' })
  find(ripgrep, packageItem('zod', '4.6.7', { path: '/home/ada/web/pnpm-lock.yaml' }))
  const names = (...words: string[]) => inventory.items(9, { words }).map(({ name }) => name)
  assert.deepEqual(
    [names('14.1'), names('ada'), names('core'), names('package').length],
    [['ripgrep'], ['zod'], ['ripgrep'], 2],
  )
  find({ ...ripgrep, version: '14.1.1' })
  assert.deepEqual([names('14.1.0'), names('14.1.1')], [[], ['ripgrep']])
})
