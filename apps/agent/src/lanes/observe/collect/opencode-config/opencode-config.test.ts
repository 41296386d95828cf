// What single switches, faults and spellings change about what is seen of OpenCode (sensor-agent 5.2, 6.6).
// The whole of it, with every identity, is config-collectors.test.ts.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { oversized, toolScan } from '../testing/tool-scan.ts'
import { listedNames } from './spelling.ts'

const files = {
  '.config/opencode/opencode.json': '{"mcp":{"m":{"command":["c"]}},"plugin":["p"]}',
  '.config/opencode/agent/a.md': '',
  '.config/opencode/commands/c.md': '',
  '.config/opencode/plugin/q.js': '',
  '.config/opencode/AGENTS.md': '',
  'src/opencode.jsonc': '{}',
  'src/.opencode/agents/b.md': '',
}
const all = [
  'agent a.md',
  'agent b.md',
  'command c.md',
  'configProfile opencode.json',
  'configProfile opencode.jsonc',
  'instruction AGENTS.md',
  'mcpServer m',
  'plugin p',
  'plugin q.js',
]

const seenWith = async (said: Record<string, unknown>): Promise<readonly string[]> =>
  (await toolScan('opencode', { files, said }).seen()).map((line) => line.split(' ', 2).join(' '))

test('with everything on, everything is seen', async () => assert.deepEqual(await seenWith({}), all))

const ofGlobal = all.filter((line) => line !== 'agent b.md' && line !== 'configProfile opencode.jsonc')
const switches: { off: string; left: readonly string[] }[] = [
  { off: 'includeMCP', left: all.filter((line) => line !== 'mcpServer m') },
  { off: 'includeAgents', left: all.filter((line) => !line.startsWith('agent')) },
  { off: 'includeCommands', left: all.filter((line) => line !== 'command c.md') },
  { off: 'includePlugins', left: all.filter((line) => line !== 'plugin q.js') },
  { off: 'includeInstructions', left: all.filter((line) => line !== 'instruction AGENTS.md') },
  { off: 'includeProject', left: ofGlobal },
  { off: 'includeGlobal', left: all.filter((line) => !ofGlobal.includes(line)) },
]
for (const { off, left } of switches)
  test(`without ${off} only its own items are missing`, async () =>
    assert.deepEqual(await seenWith({ [off]: false }), left))

test('of a malformed file the profile is kept with its hash, of an oversized one without', async () => {
  const at = '.config/opencode/opencode.json'
  const malformed = toolScan('opencode', { files: { [at]: '{' } })
  assert.deepEqual(await malformed.seen(), [`configProfile opencode.json ~/${at}`])
  assert.deepEqual(await malformed.issues(), [`~/${at}: is not JSON`])
  const large = toolScan('opencode', { files: { [at]: oversized('{}') } })
  assert.deepEqual(await large.seen(), [`configProfile opencode.json ~/${at} -`])
  assert.deepEqual(await large.unseen(), [`~/${at}`])
})

test('a managed document is a profile and is not parsed, and only where the owner opted in', async () => {
  const ground = toolScan('opencode', { files: { 'managed/ai.opencode.managed.plist': 'bplist00{' } })
  const places = { managedPaths: [join(ground.home, 'managed/ai.opencode.managed.plist'), '/nowhere'] }
  assert.deepEqual(await toolScan('opencode', { places }).seen(), [])
  const opted = toolScan('opencode', { places, said: { includeManagedPreferences: true } })
  assert.equal((await opted.seen())[0]?.startsWith('configProfile ai.opencode.managed.plist '), true)
  assert.deepEqual(await opted.issues(), [])
  assert.equal(
    opted.interests().some((line) => line.includes('managed')),
    true,
  )
})

const spellings = [
  {
    name: 'two files where case counts',
    seen: [
      ['AGENTS.md', 1],
      ['Agents.md', 2],
    ],
    listed: ['AGENTS.md', 'Agents.md'],
    want: ['AGENTS.md', 'Agents.md'],
  },
  {
    name: 'one file where it does not',
    seen: [
      ['AGENTS.md', 1],
      ['Agents.md', 1],
    ],
    listed: ['x', 'Agents.md'],
    want: ['Agents.md'],
  },
  {
    name: 'a third spelling',
    seen: [
      ['AGENTS.md', 1],
      ['Agents.md', 1],
    ],
    listed: ['agents.md'],
    want: ['agents.md'],
  },
  {
    name: 'gone meanwhile',
    seen: [
      ['AGENTS.md', 1],
      ['Agents.md', 1],
    ],
    listed: [],
    want: [],
  },
  {
    name: 'two names of one file',
    seen: [
      ['AGENTS.md', 1],
      ['Agents.md', 1],
    ],
    listed: ['AGENTS.md', 'Agents.md'],
    want: ['AGENTS.md', 'Agents.md'],
  },
] as const
for (const { name, seen, listed, want } of spellings)
  test(`instructions are told by the name on disk: ${name}`, () => {
    const names = seen.map(([spelling, entry]) => ({ name: spelling, entry: String(entry) }))
    assert.deepEqual(listedNames(names, listed), want)
  })

test('both spellings that are two files are two items', async () => {
  const scan = toolScan('opencode', { files: { 'src/.opencode/AGENTS.md': 'a', 'src/.opencode/Agents.md': 'b' } })
  assert.equal((await scan.seen()).length, 2)
})
