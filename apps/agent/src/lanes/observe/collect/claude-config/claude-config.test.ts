// What single switches, faults and links change about what is seen of Claude Code (sensor-agent 5.2, 6.2).
// The whole of it, with every identity, is config-collectors.test.ts.
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { put } from '../testing/ground.ts'
import { oversized, toolScan } from '../testing/tool-scan.ts'
import { mcpEntries } from './mcp-documents.ts'
import { pluginFileNames, pluginNames } from './plugin-names.ts'
import { readClaudeSettings } from './settings.ts'

const files = {
  '.claude.json': '{"mcpServers":{"m":{"command":"c"}}}',
  '.claude/settings.json': '{"hooks":{},"plugins":["p"]}',
  '.claude/agents/a.md': 'a',
  '.claude/commands/c.md': 'c',
  '.claude/skills/s/SKILL.md': 's',
  '.claude/plugins/installed_plugins.json': '{"q":1}',
  'src/CLAUDE.md': 'i',
  'src/.mcp.json': '{"mcpServers":{"n":{"command":"c"}}}',
}

const kinds = async (said: Record<string, unknown>): Promise<readonly string[]> =>
  (await toolScan('claude', { files, said }).seen()).map((line) => line.split(' ', 2).join(' '))

const all = [
  'agent a.md',
  'command c.md',
  'hook hooks',
  'instruction CLAUDE.md',
  'mcpServer m',
  'mcpServer n',
  'plugin q',
  'plugin p',
  'settings hooks',
  'settings plugins',
  'skill s',
]

const switches: { off: string; without: readonly string[] }[] = [
  { off: 'includeProjectMCP', without: ['mcpServer n'] },
  { off: 'includeSettings', without: ['hook hooks', 'plugin p', 'settings hooks', 'settings plugins'] },
  { off: 'includeAgents', without: ['agent a.md'] },
  { off: 'includeCommands', without: ['command c.md'] },
  { off: 'includeHooks', without: ['hook hooks'] },
  { off: 'includeSkills', without: ['skill s'] },
  { off: 'includePlugins', without: ['plugin q', 'plugin p'] },
  { off: 'includeInstructions', without: ['instruction CLAUDE.md'] },
]
test('with everything on, everything is seen', async () => assert.deepEqual(await kinds({}), all))
for (const { off, without } of switches)
  test(`without ${off} only its own items are missing`, async () =>
    assert.deepEqual(
      await kinds({ [off]: false }),
      all.filter((line) => !without.includes(line)),
    ))

test('managed settings are read only where the owner opted in', async () => {
  const given = { files: { 'etc/managed.json': '{"m":1}' } }
  const ask = async (said: Record<string, unknown>) => {
    const first = toolScan('claude', given)
    const places = { managedSettingsPaths: [join(first.home, 'etc/managed.json')] }
    const scan = toolScan('claude', { said, places })
    return { seen: (await scan.seen()).length, isWatched: scan.interests().some((line) => line.includes('managed')) }
  }
  assert.deepEqual(await ask({}), { seen: 0, isWatched: false })
  assert.deepEqual(await ask({ includeManagedSettings: true }), { seen: 1, isWatched: true })
})

test('malformed and oversized files are one issue each, keep the others, and hold what was known of them', async () => {
  const scan = toolScan('claude', {
    files: {
      ...files,
      '.claude.json': '{',
      '.claude/settings.json': oversized('{}'),
      '.claude/plugins/installed_plugins.json': '[1,',
    },
  })
  assert.deepEqual(await scan.issues(), [
    '~/.claude.json: is not JSON',
    '~/.claude/settings.json: larger than the limit for its kind',
    '~/.claude/plugins/installed_plugins.json: is not JSON',
  ])
  assert.deepEqual(await scan.unseen(), [
    '~/.claude.json',
    '~/.claude/settings.json',
    '~/.claude/plugins/installed_plugins.json',
  ])
  const seen = await scan.seen()
  assert.deepEqual(
    seen.map((line) => line.split(' ')[0]),
    ['agent', 'command', 'instruction', 'mcpServer', 'skill'],
  )
})

test('a document whose top is no mapping is nothing, silently', async () => {
  const scan = toolScan('claude', {
    files: { '.claude.json': '[1]', '.claude/settings.json': '"x"', 'src/.mcp.json': 'null' },
  })
  assert.deepEqual([await scan.seen(), await scan.issues()], [[], []])
})

test('an instruction that cannot be hashed is kept without a detail, with an issue', async () => {
  const scan = toolScan('claude', { files: { 'src/CLAUDE.md': oversized(), 'src/.claude/agents/big.md': oversized() } })
  assert.deepEqual(await scan.seen(), [
    'agent big.md ~/src/.claude/agents/big.md -',
    'instruction CLAUDE.md ~/src/CLAUDE.md -',
  ])
  assert.deepEqual(await scan.issues(), [
    '~/src/.claude/agents/big.md: its hash is not available: larger than the limit for its kind',
    '~/src/CLAUDE.md: its hash is not available: larger than the limit for its kind',
  ])
})

test('editing a settings file changes the detail of every one of its items', async () => {
  const scan = toolScan('claude', { files: { '.claude/settings.json': '{"hooks":1,"theme":"a"}' } })
  const before = await scan.details()
  put(join(scan.home, '.claude/settings.json'), '{"hooks":1,"theme":"b"}')
  const after = await scan.details()
  assert.equal(new Set([...before, ...after]).size, 2)
  assert.equal(after.length, 3)
})

test('a broken link among agents or commands is an issue, and the others are kept', async () => {
  const scan = toolScan('claude', { files: { '.claude/agents/a.md': '', '.claude/commands/c.md': '' } })
  for (const folder of ['agents', 'commands']) {
    symlinkSync('/nowhere', join(scan.home, '.claude', folder, 'broken.md'))
    symlinkSync(scan.home, join(scan.home, '.claude', folder, 'folder'))
  }
  assert.equal((await scan.seen()).length, 2)
  assert.deepEqual((await scan.issues()).toSorted(), [
    '~/.claude/agents/broken.md: not a regular file',
    '~/.claude/agents/folder: not a regular file',
    '~/.claude/commands/broken.md: not a regular file',
    '~/.claude/commands/folder: not a regular file',
  ])
})

test('the listing of agents ends at its limit with an issue and keeps what it saw', async () => {
  const agents = Object.fromEntries(Array.from({ length: 25_001 }, (_, at) => [`.claude/agents/${at}`, '']))
  const scan = toolScan('claude', { files: agents })
  const [only, ...more] = await scan.issues()
  assert.deepEqual([only, more], ['~/.claude/agents: entry limit reached: 25000 entries', []])
})

test("the user's own files may be links to anywhere, a project's stay within its roots", async () => {
  const scan = toolScan('claude', {
    files: { 'dotfiles/settings.json': '{"a":1}', 'dotfiles/CLAUDE.md': 'x', 'src/x': '' },
  })
  const link = (target: string, path: string): void => {
    put(join(scan.home, path, '..', '.keep'), '')
    symlinkSync(join(scan.home, 'dotfiles', target), join(scan.home, path))
  }
  link('settings.json', '.claude/settings.json')
  link('CLAUDE.md', '.claude/CLAUDE.md')
  link('settings.json', 'src/.claude/settings.json')
  link('CLAUDE.md', 'src/CLAUDE.md')
  assert.deepEqual(await scan.seen(), [
    'instruction CLAUDE.md ~/.claude/CLAUDE.md',
    'instruction CLAUDE.md ~/src/CLAUDE.md -',
    'settings a ~/.claude/settings.json',
  ])
  assert.deepEqual(await scan.issues(), [
    '~/src/.claude/settings.json: a link that leads outside the scanned roots',
    '~/src/CLAUDE.md: its hash is not available: a link that leads outside the scanned roots',
  ])
})

test("nothing of a root outside the owner's ceiling is opened, and a root that is a file is an issue", async () => {
  const outside = toolScan('claude', { files: { 'src/CLAUDE.md': 'x', 'safe/x': '' }, scanRoots: ['safe'] })
  assert.deepEqual(
    [await outside.seen(), await outside.issues()],
    [[], ['~/src: a root that leads outside what the owner allows']],
  )
  const file = toolScan('claude', { files: { src: 'x' } })
  assert.deepEqual(await file.issues(), ['~/src: cannot be enumerated: it is not a folder'])
})

test('two projects that use one name cannot make it flip: the first by name wins, the user wins over both', () => {
  const document = { projects: { b: { mcpServers: 2 }, a: { mcpServers: 1 }, c: null }, mcpServers: 0 }
  assert.deepEqual(mcpEntries(document), [0, 1, 2, undefined])
})

test('plugins are named by keys, by members, and by the mapping a newer file has', () => {
  assert.deepEqual(pluginNames({ b: true, a: false }), ['a', 'b'])
  assert.deepEqual(pluginNames([{ source: 's' }, { name: 'n', source: 'x' }, { path: 'p' }, { name: 1 }, 't', 5]), [
    'n',
    'p',
    's',
    't',
  ])
  assert.deepEqual([pluginNames('x'), pluginNames(null), pluginNames(undefined)], [[], [], []])
  assert.deepEqual(pluginFileNames({ version: 2, plugins: { 'a@b': [] } }), ['a@b'])
  assert.deepEqual(pluginFileNames({ version: 2, plugins: [] }), ['plugins', 'version'])
})

test('a plugin named under several keys is one, and permissions are told by what they are', () => {
  assert.deepEqual(
    readClaudeSettings({
      enabledPlugins: { a: 1 },
      plugins: ['a', 'b'],
      permissions: { deny: [], ask: [], allow: null },
    }),
    {
      settings: ['enabledPlugins', 'plugins', 'permissions', 'permissions.allow', 'permissions.deny'],
      hasHooks: false,
      plugins: ['a', 'b'],
    },
  )
})

test('a file written as UTF-16 is one issue and nothing worse', async () => {
  const scan = toolScan('claude', {})
  writeFileSync(join(scan.home, '.claude.json'), Buffer.from('\ufeff{}', 'utf16le'))
  assert.deepEqual(await scan.issues(), ['~/.claude.json: is not JSON'])
})

test('a name that is no valid text hides nothing: it is an issue', async () => {
  const scan = toolScan('claude', { files: { '.claude/agents/a.md': '', '.claude/skills/s/SKILL.md': '' } })
  const below = (...parts: string[]) => [Buffer.from(join(scan.home, '.claude', ...parts, '/')), Buffer.from([0xff])]
  writeFileSync(Buffer.concat(below('agents')), '')
  mkdirSync(Buffer.concat(below('skills')))
  assert.deepEqual(await scan.issues(), [
    '~/.claude/agents/\ufffd: cannot be inspected: its name is not valid text',
    '~/.claude/skills/\ufffd: cannot be inspected: its name is not valid text',
  ])
  assert.equal((await scan.seen()).length, 2)
})
