// What is told of a tree from its changed files alone, held against a walk of the whole tree.
// Which files changed is the watches' to say.
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { discover, type WalkOrder } from './discover.ts'
import { createGoModules } from './go-modules/go-modules.ts'
import { renewed } from './renewed.ts'
import { groundWith, never, put, walkOver } from './testing/ground.ts'

const orderFor = (root: string): WalkOrder => ({
  ...walkOver(root),
  realRoots: [root],
  isWanted: (name) => name.startsWith('lock'),
  elapsedMs: () => 0,
})

const change = {
  write: (path: string) => writeFileSync(path, 'x'),
  remove: (path: string) => rmSync(path, { force: true }),
  link: (path: string) => {
    rmSync(path, { force: true })
    symlinkSync('elsewhere', path)
  },
}

test('after files came, went and turned into links, it is what a walk finds', async () => {
  const paths = ['lock', 'lock2', 'a/lock', 'a/lock2', 'a/other', 'b/c/lock']
  const step = fc.record({
    path: fc.constantFrom(...paths),
    how: fc.constantFrom(...(Object.keys(change) as (keyof typeof change)[])),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      const root = groundWith({ lock: '', 'a/lock': '', 'b/c/lock': '' })
      const before = await discover(orderFor(root), never)
      for (const { path, how } of steps) change[how](join(root, path))
      const told = renewed(before, new Set(steps.map(({ path }) => join(root, path))), orderFor(root))
      assert.deepEqual(told, await discover(orderFor(root), never))
      rmSync(root, { recursive: true })
    }),
    { numRuns: 50 },
  )
})

test('what only a walk can tell is left to one', async () => {
  const root = groundWith({ 'a/lock': '', 'b/other': '' })
  const before = await discover(orderFor(root), never)
  const touched = (path: string) => new Set([join(root, path)])
  assert.equal(renewed(before, touched('b/lock'), orderFor(root)), null, 'a folder in which nothing was found before')
  const [file] = before.files
  assert.ok(file !== undefined)
  const far = { ...before, files: [{ ...file, isNear: false }] }
  assert.equal(renewed(far, touched('a/lock'), orderFor(root)), null, 'a folder that is waited for')
  const unseen = [{ path: root, extent: 'tree', because: 'budget' }] as const
  assert.equal(renewed({ ...before, unseen }, touched('a/lock'), orderFor(root)), null, 'a walk that was cut short')
  put(join(root, 'a/lock2'), '')
  const budget = { ...orderFor(root).budget, maxFiles: 1 }
  assert.equal(renewed(before, touched('a/lock2'), { ...orderFor(root), budget }), null, 'more files than are read')
})

test('a scan that is told what changed reads that, and holds the rest for what it was', async () => {
  const sum = (version: string) => `example.org/one v${version} h1:x=\n`
  const root = groundWith({ 'a/go.sum': sum('1.0.0'), 'b/go.sum': sum('1.0.0'), 'c/go.sum': sum('1.0.0') })
  const nowMs = () => Date.now() + 60_000
  const collector = createGoModules(() => walkOver(root), { nowMs })
  const first = await collector.collect(never)
  for (const folder of ['a', 'b']) writeFileSync(join(root, folder, 'go.sum'), sum('2.0.0'))
  rmSync(join(root, 'c'), { recursive: true })
  const next = await collector.collect(never, first.stamps, new Set([join(root, 'a', 'go.sum')]))
  const told = next.items.map(({ path, version }) => [dirname(path).slice(root.length + 1), version])
  assert.deepEqual(told, [['a', 'v2.0.0']])
  assert.deepEqual([...(next.unchanged ?? [])], [join(root, 'b', 'go.sum'), join(root, 'c', 'go.sum')])
  mkdirSync(join(root, 'd'))
  const whole = await collector.collect(never, next.stamps)
  assert.deepEqual([...(whole.unchanged ?? [])], [join(root, 'a', 'go.sum')])
})
