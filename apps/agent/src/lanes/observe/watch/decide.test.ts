// What is watched, whom a change concerns, and how long to wait for quiet, as tables (sensor-agent 14.1 to 14.3, 14.6).
// Watching real folders is tested in watcher.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { decidePlan, decideQuietMs, mergeSignals, pathCounts, route, SIGNAL_REASONS, type Signal } from './decide.ts'
import { surfacesConcerned } from './decide-signals.ts'

const plan = decidePlan([
  {
    surface: 'claudeConfig',
    interests: [
      { path: '/h/.claude.json', extent: 'file' },
      { path: '/h/.claude/./agents/', extent: 'tree' },
      { path: '/h/.claude/agents', extent: 'tree' },
      { path: '/h/x\0y', extent: 'file' },
    ],
  },
  {
    surface: 'javascriptPackages',
    interests: [{ path: '/h/src', extent: 'tree', maxDepth: 1, excludeDirectories: ['node_modules'] }],
  },
])

test('paths are cleaned, sorted, each once, and counted for each surface', () => {
  assert.deepEqual(
    plan.interests.map(({ path }) => path),
    ['/h/.claude.json', '/h/.claude/agents', '/h/src'],
  )
  assert.deepEqual(
    pathCounts(plan),
    new Map([
      ['claudeConfig', 2],
      ['javascriptPackages', 1],
    ]),
  )
})

const routes: readonly [path: string, want: string[]][] = [
  ['/h/.claude.json', ['claudeConfig']],
  ['/h/.claude/agents/a/b.md', ['claudeConfig']],
  ['/h/.claude', ['claudeConfig']],
  ['/h', ['claudeConfig', 'javascriptPackages']],
  ['/h/.claude/other', []],
  ['/h/.claude.json.bak', []],
  ['/h/src/package-lock.json', ['javascriptPackages']],
  ['/h/src/a/package-lock.json', ['javascriptPackages']],
  ['/h/src/a/b/package-lock.json', []],
  ['/h/src/node_modules/package-lock.json', []],
  ['/h/srcs', []],
]
for (const [path, want] of routes)
  test(`a change at ${path} concerns ${want.join(' and ') || 'nobody'}`, () =>
    assert.deepEqual([...route(plan, path)], want))

const readers = decidePlan(
  ['yarn.lock', 'go.sum'].map((name) => ({
    surface: name,
    interests: [{ path: '/h/src', extent: 'tree' as const, wants: (fileName: string) => fileName === name }],
  })),
)
const changes: readonly [path: string, isFolder: boolean, want: string[]][] = [
  ['/h/src/a/yarn.lock', false, ['yarn.lock']],
  ['/h/src/a/main.go', false, []],
  ['/h/src/a/yarn.lock', true, ['go.sum', 'yarn.lock']],
  ['/h/src', false, ['go.sum', 'yarn.lock']],
  ['/h', true, ['go.sum', 'yarn.lock']],
]
for (const [path, isFolder, want] of changes)
  test(`the ${isFolder ? 'folder' : 'file'} ${path} concerns ${want.join(' and ') || 'nobody'}`, () =>
    assert.deepEqual([...route(readers, path, isFolder)].toSorted(), want))

const touchedFiles = fc
  .uniqueArray(fc.nat(200).map(String), { maxLength: 60 })
  .map((paths): ReadonlySet<string> => new Set(paths))

test('merging signals loses no surface and no file, and keeps the worse reason, in any order', () => {
  const signal = fc.record({
    surfaces: fc.array(fc.constantFrom('a', 'b', 'c')).map((names) => new Set(names)),
    reason: fc.constantFrom(...SIGNAL_REASONS),
    touched: fc.oneof({ weight: 4, arbitrary: touchedFiles }, fc.constant(null)),
  })
  fc.assert(
    fc.property(signal, signal, signal, (left, middle, right) => {
      const one = mergeSignals(mergeSignals(left, middle), right)
      const other = mergeSignals(left, mergeSignals(middle, right))
      const all = (said: Signal) => [[...said.surfaces].toSorted(), said.reason, said.touched?.size]
      assert.deepEqual(all(one), all(other))
      for (const { surfaces } of [left, middle, right])
        for (const surface of surfaces) assert.ok(one.surfaces.has(surface))
      for (const { touched } of [left, middle, right])
        assert.ok(one.touched === null || (touched !== null && touched.isSubsetOf(one.touched)))
    }),
  )
})

const waits: readonly [name: string, firstMs: number, nowMs: number, want: number][] = [
  ['the first change', 0, 0, 800],
  ['one a moment later', 0, 500, 800],
  ['one near the end of patience', 0, 7_500, 500],
  ['one at its end', 0, 8_000, 0],
  ['one beyond it', 0, 9_000, 0],
]
for (const [name, firstMs, nowMs, want] of waits)
  test(`quiet after ${name}: ${want} ms`, () => assert.equal(decideQuietMs(firstMs, nowMs, 800), want))

const signals: readonly [path: string, want: string[]][] = [
  ['/h/.claude.json', ['claudeConfig']],
  ['/h/work/CLAUDE.local.md', ['claudeConfig']],
  ['/h/work/.claude/agents/x.md', ['claudeConfig']],
  ['/h/work/.agents/x', ['codexConfig']],
  ['/h/work/deny.rules', ['codexConfig']],
  ['/h/work/style.mdc', ['cursorConfig']],
  ['/h/work/AGENTS.md', ['cursorConfig', 'opencodeConfig']],
  ['/h/work/opencode.jsonc', ['opencodeConfig']],
  ['/h/.pi/agent/mcp.json', ['piConfig']],
  ['/h/work/yarn.lock', ['javascriptPackages']],
  ['/h/work/uv.lock', ['pythonPackages']],
  ['/h/work/requirements-dev.txt', ['pythonPackages']],
  ['/h/work/notes.txt', []],
]
for (const [path, want] of signals)
  test(`${path} may concern ${want.join(' and ') || 'nobody'}`, () => assert.deepEqual(surfacesConcerned(path), want))
