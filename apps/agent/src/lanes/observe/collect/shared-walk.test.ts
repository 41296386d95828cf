// One walk for several surfaces: each gets its own files, its own budget, and what was there when it asked.
// The walk itself is tested in collect.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import type { WalkOrder } from './discover.ts'
import { createSharedWalk } from './shared-walk.ts'
import { groundWith, never, put, walkOver } from './testing/ground.ts'

const orderFor = (root: string, wanted: string, changed: Partial<WalkOrder> = {}): WalkOrder => ({
  ...walkOver(root),
  realRoots: [root],
  isWanted: (name) => name === wanted,
  elapsedMs: () => 0,
  ...changed,
})

const namesOf = ({ files }: { readonly files: readonly { readonly name: string }[] }): readonly string[] =>
  files.map(({ name }) => name)

test('surfaces that ask together get their own files each', async () => {
  const root = groundWith({ 'a/one': '', 'b/two': '', 'b/one': '' })
  const walk = createSharedWalk()
  const [one, two, none] = await Promise.all(['one', 'two', 'none'].map((name) => walk(orderFor(root, name), never)))
  assert.deepEqual(
    [one, two, none].map((found) => namesOf(found ?? { files: [] })),
    [['one', 'one'], ['two'], []],
  )
})

test('the folders are entered once for all, as the order of the clock shows', async () => {
  const root = groundWith({ 'a/one': '', 'b/two': '' })
  const walk = createSharedWalk()
  let asked = 0
  const elapsedMs = (): number => {
    asked += 1
    return 0
  }
  await walk(orderFor(root, 'one', { elapsedMs }), never)
  const alone = asked
  asked = 0
  await Promise.all(['one', 'two', 'three'].map((name) => walk(orderFor(root, name, { elapsedMs }), never)))
  assert.equal(asked, alone)
})

test('orders that differ are walked apart', async () => {
  const root = groundWith({ 'a/b/one': '', 'a/one': '' })
  const walk = createSharedWalk()
  const [deep, shallow] = await Promise.all([
    walk(orderFor(root, 'one'), never),
    walk(orderFor(root, 'one', { maxDepth: 1 }), never),
  ])
  assert.deepEqual([deep.files.length, shallow.files.length], [2, 1])
})

test('each surface has its own budget of files', async () => {
  const root = groundWith({ 'a/one': '', 'b/one': '', 'c/one': '', 'd/two': '' })
  const budget = { maxDirectories: 100, maxFiles: 2, maxMs: 1000 }
  const walk = createSharedWalk()
  const [one, two] = await Promise.all(['one', 'two'].map((name) => walk(orderFor(root, name, { budget }), never)))
  assert.deepEqual([one?.files.length, one?.issues.length, two?.files.length, two?.issues.length], [2, 1, 1, 0])
})

test('who asks later sees what was written meanwhile', async () => {
  const root = groundWith({ 'a/one': '' })
  const walk = createSharedWalk()
  const first = walk(orderFor(root, 'one'), never)
  await first
  put(join(root, 'b', 'one'), '')
  assert.equal((await walk(orderFor(root, 'one'), never)).files.length, 2)
})

test('one that is stopped rejects, and the others get theirs', async () => {
  const root = groundWith({ 'a/one': '' })
  const walk = createSharedWalk()
  const stopped = walk(orderFor(root, 'one'), AbortSignal.abort(new Error('stopped')))
  const other = walk(orderFor(root, 'one'), never)
  await assert.rejects(stopped, /stopped/)
  assert.equal((await other).files.length, 1)
  await assert.rejects(walk(orderFor(root, 'one'), AbortSignal.abort(new Error('all stopped'))), /all stopped/)
})
