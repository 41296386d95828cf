// Proof that a scan of coding tools opens nothing but the configured roots and the fixed places of sensor-agent 6: it
// sees the same when Node's own permission model refuses everything else. Even asking whether a file exists is refused.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { Snapshot } from './snapshot.ts'
import { groundWith, put } from './testing/ground.ts'
import { toolHomeFiles } from './testing/tool-home.ts'

const program = join(import.meta.dirname, 'testing', 'scan-tools.ts')
const house = resolve(import.meta.dirname, ...Array.from({ length: 6 }, () => '..'))

const roots = ['src', 'codex-project']

const fixedPlaces = [
  '.claude.json',
  ...['settings.json', 'settings.local.json', 'CLAUDE.md', 'agents', 'commands', 'skills'].map(
    (name) => `.claude/${name}`,
  ),
  ...['known-marketplaces', 'known_marketplaces', 'installed-plugins', 'installed_plugins'].map(
    (name) => `.claude/plugins/${name}.json`,
  ),
  ...['config.toml', 'hooks.json', 'rules'].map((name) => `.codex/${name}`),
  '.agents/skills',
  '.cursor/mcp.json',
  ...['opencode.json', 'opencode.jsonc'].map((name) => `.config/opencode/${name}`),
  // Node refuses a folder whose name begins that of another allowed one, so both are named by what they share.
  ...['agent*', 'command*', 'plugin*'].map((name) => `.config/opencode/${name}`),
  ...['AGENTS.md', 'Agents.md'].map((name) => `.config/opencode/${name}`),
  '.config/mcp/mcp.json',
  '.config/Claude/claude_desktop_config.json',
  ...['mcp.json', 'settings.json', 'extensions'].map((name) => `.pi/agent/${name}`),
]

/** What lies beside the places that are read, and is nobody's business. */
const decoys = {
  '.claude/.credentials.json': '{}',
  '.claude/history.jsonl': '{}',
  '.codex/auth.json': '{}',
  '.pi/agent/auth.json': '{}',
  '.cursor/state.json': '{}',
  '.config/opencode/auth.json': '{}',
  '.config/Claude/config.json': '{}',
  '.ssh/id_ed25519': 'key',
  '.aws/credentials': '{}',
  'other/.mcp.json': '{}',
}

const machineFacts = ['/etc/os-release', '/usr/lib/os-release', '/sys/class/dmi/id/product_name']

const scan = (
  home: string,
  settings: Readonly<Record<string, unknown>>,
  fence: readonly string[] | null,
): Snapshot[] => {
  const configuration = join(home, 'agent.yaml')
  const watch = { projectRoots: ['src'] }
  put(
    configuration,
    JSON.stringify({ observe: { home, watch, codex: { projectRoots: ['codex-project'] }, ...settings } }),
  )
  const allowed = fence === null ? [] : [house, configuration, ...machineFacts, ...fence]
  const permissions = fence === null ? [] : ['--permission', ...allowed.map((path) => `--allow-fs-read=${path}`)]
  const text = execFileSync(process.execPath, [...permissions, program, configuration], {
    encoding: 'utf8',
    env: { HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return JSON.parse(text) as Snapshot[]
}

const within = (home: string): readonly string[] => [...roots, ...fixedPlaces].map((path) => join(home, path))

test('a scan that may open only roots and fixed places sees all that an unbounded one sees', () => {
  const home = groundWith({ ...toolHomeFiles, ...decoys })
  const fenced = scan(home, {}, within(home))
  assert.equal(fenced.flatMap(({ items }) => items).length > 80, true)
  assert.deepEqual(fenced, scan(home, {}, null))
})

test('the same when nothing is there: no other place is even asked for', () => {
  const home = groundWith({ 'src/x': '', 'codex-project/x': '' })
  const seen = scan(home, {}, within(home))
  assert.deepEqual(
    seen.map(({ items, issues }) => [items, issues]),
    Array.from({ length: 6 }, () => [[], []]),
  )
})

test('the fence is a fence: a place that is read and not named in it is missed', () => {
  const home = groundWith({ ...toolHomeFiles, ...decoys })
  const elsewhere = { claude: { configPath: '~/.aws/credentials' } }
  const issuesOf = (fence: readonly string[] | null) =>
    scan(home, elsewhere, fence).flatMap(({ issues }) => issues.filter(({ path }) => path.endsWith('credentials')))
  assert.deepEqual(issuesOf(null), [])
  assert.deepEqual(issuesOf(within(home)), [{ path: join(home, '.aws/credentials'), reason: 'cannot be read' }])
})
