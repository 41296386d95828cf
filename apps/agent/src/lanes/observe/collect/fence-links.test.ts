// Proof that links in what a project or a tool keeps lead a scan of coding tools nowhere: where one leads is asked, and
// nothing there is. Only the fixed places themselves may be links, which are their owner's (sensor-agent 5.3).
// What is asked for besides those places is fence.test.ts.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { isWithin } from './path-prefix.ts'
import type { Snapshot } from './snapshot.ts'
import { groundWith, put } from './testing/ground.ts'
import { link } from './testing/package-snares.ts'
import { toolHomeFiles, toolHomeSettings } from './testing/tool-home.ts'
import type { Touch } from './testing/touches.ts'

const program = join(import.meta.dirname, 'testing', 'scan-watched.ts')

const inProjects = [
  'src/.claude',
  'src/.cursor',
  'src/.opencode',
  'src/.pi',
  'src/.mcp.json',
  'src/.cursorrules',
  'src/AGENTS.md',
  'src/CLAUDE.md',
  'src/CLAUDE.local.md',
  'src/opencode.json',
  'codex-project/.codex',
  'codex-project/.agents',
]

/** In folders that are searched, each to the folder of the same name elsewhere. */
const inSearches = [
  '.claude/agents/leads-out',
  '.claude/commands/leads-out',
  '.claude/skills/leads-out',
  '.codex/rules/leads-out',
  '.agents/skills/leads-out',
  '.config/opencode/agents/leads-out',
  '.config/opencode/plugins/leads-out',
  '.pi/agent/extensions/leads-out',
]

const filesInSearches = [
  '.claude/agents/linked.md',
  '.claude/commands/linked.md',
  '.claude/skills/linked/SKILL.md',
  '.codex/linked.config.toml',
  '.codex/rules/linked.rules',
  '.config/opencode/commands/linked.md',
]

interface Seen {
  readonly snapshots: readonly Snapshot[]
  readonly touches: readonly Touch[]
}

const scan = (home: string): Seen => {
  const configuration = join(home, 'agent.yaml')
  put(
    configuration,
    JSON.stringify({ ceiling: { scanRoots: ['src', 'codex-project'] }, observe: { home, ...toolHomeSettings } }),
  )
  const text = execFileSync(process.execPath, [program, configuration, 'tools'], {
    encoding: 'utf8',
    env: { HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64_000_000,
  })
  return JSON.parse(text) as Seen
}

const placesOf = (elsewhere: string, { touches }: Seen): readonly string[] =>
  touches
    .filter(({ call, real }) => !call.startsWith('realpath') && isWithin(real, elsewhere))
    .map(({ call, path }) => `${call} ${path}`)

test('links in projects and in searched folders lead a scan of coding tools nowhere', () => {
  const elsewhere = groundWith({ ...toolHomeFiles, ...Object.fromEntries(filesInSearches.map((path) => [path, 'x'])) })
  const home = groundWith(toolHomeFiles)
  for (const path of inProjects) {
    rmSync(join(home, path), { recursive: true, force: true })
    link(home, path, join(elsewhere, path))
  }
  for (const path of inSearches) link(home, path, join(elsewhere, path, '..'))
  for (const path of filesInSearches) link(home, path, join(elsewhere, path))
  const seen = scan(home)
  assert.deepEqual(placesOf(elsewhere, seen), [])
  assert.ok(seen.snapshots.flatMap(({ items }) => items).length > 40)
  assert.deepEqual(
    seen.snapshots.flatMap(({ items }) => items.filter(({ path }) => /leads-out|linked/.test(path))),
    [],
  )
})

test("a fixed place that is a link is its owner's, and is noticed to be read", () => {
  const elsewhere = groundWith(toolHomeFiles)
  const home = groundWith({ 'src/x': '', 'codex-project/x': '' })
  link(home, '.claude/settings.json', join(elsewhere, '.claude/settings.json'))
  assert.ok(placesOf(elsewhere, scan(home)).some((place) => place.startsWith('open ')))
})
