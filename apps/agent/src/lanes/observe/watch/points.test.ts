// How many watches a plan costs: wishes that lead to one folder share its watch, so that nothing has to be left out of a
// plan for a tree above it (sensor-agent 14.1). What is heard through a watch is watcher.test.ts.
import assert from 'node:assert/strict'
import fs, { mkdirSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Interest } from '../collect/snapshot.ts'
import { scratchFolder } from '../testing/stores.ts'
import { decidePlan } from './decide.ts'
import { createWatcher } from './watcher.ts'

const opened: string[] = []
const openWatch = fs.watch
fs.watch = ((folder: string, options: { recursive: boolean }) => {
  opened.push(folder)
  return openWatch(folder, options)
}) as typeof fs.watch
syncBuiltinESMExports()

const tree = (path: string, maxDepth?: number): Interest => ({
  path,
  extent: 'tree',
  ...(maxDepth !== undefined && { maxDepth }),
})

test('a folder is watched once, whether one wish leads to it or trees above it, files in it and other surfaces too', async () => {
  if (process.platform !== 'linux') return
  const root = scratchFolder()
  const [a, b] = [join(root, 'a'), join(root, 'a', 'b')]
  mkdirSync(b, { recursive: true })
  const seen = new Set<string | null>()
  const both = Promise.withResolvers<void>()
  const wanted = [join(b, 'new', 'lock'), join(a, 'x.json')]
  const watcher = createWatcher({
    plan: decidePlan([
      { surface: 'one', interests: [tree(root), tree(a), tree(b, 3), { path: join(a, 'x.json'), extent: 'file' }] },
      { surface: 'two', interests: [tree(root, 9), tree(b), { path: join(b, 'y.json'), extent: 'file' }] },
    ]),
    onChange: (path) => {
      seen.add(path)
      // What is written into a new folder before it is watched nobody tells of.
      if (path === join(b, 'new')) for (const file of wanted) writeFileSync(file, '1')
      if (wanted.every((file) => seen.has(file))) both.resolve()
    },
    onRootChange: () => assert.fail('no root moved'),
    onUnavailable: (_surfaces, reason) => assert.fail(reason),
  })
  await watcher.ready
  assert.deepEqual(opened.toSorted(), [root, a, b])
  mkdirSync(join(b, 'new'))
  await both.promise
  watcher.close()
  assert.deepEqual(opened.toSorted(), [root, a, b, join(b, 'new')])
})
