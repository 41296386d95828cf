// What single switches, faults and places change about what is seen of Codex (sensor-agent 5.2, 6.3).
// The whole of it, with every identity, is config-collectors.test.ts.
import assert from 'node:assert/strict'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { put } from '../testing/ground.ts'
import { oversized, toolScan } from '../testing/tool-scan.ts'
import { inlineHooks } from './inline-hooks.ts'

const files = {
  '.codex/config.toml': '[mcp_servers.m]\ncommand = "c"\n[hooks.Stop]\n',
  '.codex/hooks.json': '{"Start":1}',
  '.codex/rules/r.rules': '',
  '.agents/skills/s/SKILL.md': '',
  'src/.codex/config.toml': '',
}

const all = ['configProfile config.toml', 'hook Stop', 'hook Start', 'mcpServer m', 'rule r.rules', 'skill s']

const seenWith = async (said: Record<string, unknown>): Promise<readonly string[]> =>
  (await toolScan('codex', { files, said }).seen()).map((line) => line.split(' ', 2).join(' '))

test('without roots of its own no project is looked into, not even those that are watched', async () => {
  assert.deepEqual(await seenWith({}), all)
  assert.deepEqual(await seenWith({ projectRoots: ['src'] }), ['configProfile config.toml', ...all])
})

const switches = [
  { off: 'includeHooks', without: 'hook Start' },
  { off: 'includeRules', without: 'rule r.rules' },
  { off: 'includeSkills', without: 'skill s' },
]
for (const { off, without } of switches)
  test(`without ${off} only its own items are missing`, async () =>
    assert.deepEqual(
      await seenWith({ [off]: false }),
      all.filter((line) => line !== without),
    ))

test("the machine's own configuration is read and watched only where the owner opted in", async () => {
  const system = {
    'etc/config.toml': '',
    'etc/hooks.json': '{"h":1}',
    'etc/rules/r.rules': '',
    'etc/skills/s/SKILL.md': '',
  }
  const place = toolScan('codex', { files: system })
  const places = { systemDirectory: join(place.home, 'etc') }
  const without = toolScan('codex', { places })
  assert.deepEqual(await without.seen(), [])
  assert.deepEqual(
    without.interests().filter((line) => line.includes('/etc')),
    [],
  )
  const opted = toolScan('codex', { places, said: { includeSystemConfig: true } })
  assert.deepEqual(
    (await opted.seen()).map((line) => line.split(' ')[0]),
    ['configProfile', 'hook', 'rule', 'skill'],
  )
  assert.equal(opted.interests().filter((line) => line.includes('/etc')).length, 4)
})

test('a malformed or oversized configuration has no profile either, and the rest is kept', async () => {
  for (const text of ['[mcp_servers.m', oversized('x = 1\n')]) {
    const scan = toolScan('codex', { files: { ...files, '.codex/config.toml': text } })
    assert.deepEqual(
      (await scan.seen()).map((line) => line.split(' ')[0]),
      ['hook', 'rule', 'skill'],
    )
    assert.deepEqual(await scan.unseen(), ['~/.codex/config.toml'])
  }
})

test('a malformed or oversized hooks file is one issue and keeps the rest', async () => {
  for (const text of ['{', oversized('{}')]) {
    const scan = toolScan('codex', { files: { ...files, '.codex/hooks.json': text } })
    assert.equal((await scan.issues()).length, 1)
    assert.equal((await scan.seen()).length, all.length - 1)
  }
})

test('profiles are found by their pattern, sorted, afresh at every scan, and the user file is not told twice', async () => {
  const said = { profileConfigGlob: '~/.codex/*.toml' }
  const scan = toolScan('codex', {
    said,
    files: {
      '.codex/config.toml': '',
      '.codex/b.toml': '',
      '.codex/.h.toml': '',
      '.codex/deep/d.toml': '',
      '.codex/a.json': '',
    },
  })
  symlinkSync(join(scan.home, '.codex/b.toml'), join(scan.home, '.codex/link.toml'))
  const profiles = async () => (await scan.seen()).map((line) => line.split(' ')[1])
  assert.deepEqual(await profiles(), ['b.toml', 'config.toml'])
  put(join(scan.home, '.codex/a.toml'), '')
  assert.deepEqual(await profiles(), ['a.toml', 'b.toml', 'config.toml'])
  assert.deepEqual(await scan.issues(), [])
})

test('a profile pattern in what is no folder is an issue of the scan', async () => {
  const scan = toolScan('codex', { said: { profileConfigGlob: '~/file/*.toml' }, files: { file: '' } })
  assert.deepEqual(await scan.issues(), ['~/file: cannot be enumerated: it is not a folder'])
})

test('the listing of profiles ends at its limit with an issue', async () => {
  const many = Object.fromEntries(Array.from({ length: 25_001 }, (_, at) => [`p/${at}`, '']))
  const scan = toolScan('codex', { said: { profileConfigGlob: '~/p/*.toml' }, files: many })
  assert.deepEqual(await scan.issues(), ['~/p: entry limit reached: 25000 entries'])
})

test('hooks and rules lie beside the configuration the owner names', async () => {
  const scan = toolScan('codex', {
    said: { userConfigPath: '~/elsewhere/my.toml' },
    files: { 'elsewhere/my.toml': '', 'elsewhere/hooks.json': '{"h":1}', '.codex/config.toml': '' },
  })
  assert.deepEqual(await scan.seen(), ['configProfile my.toml ~/elsewhere/my.toml', 'hook h ~/elsewhere/hooks.json'])
})

const headers = [
  { name: 'tables, sorted and once', text: '[hooks.b]\n[hooks.a]\n[hooks.b]', want: ['a', 'b'] },
  { name: 'indented, and with Windows line ends', text: '  [hooks.a]\r\n\t[hooks.b] \r\n', want: ['a', 'b'] },
  {
    name: 'tables of lists',
    text: '[[hooks.PreToolUse]]\n[[hooks.PreToolUse.hooks]]',
    want: ['PreToolUse', 'PreToolUse.hooks'],
  },
  { name: 'quoted, as written', text: '[hooks."a b"]', want: ['"a b"'] },
  { name: 'other tables and keys', text: '[hook.a]\n[hooks]\nx = "[hooks.a]"\n[hooks.a] # note', want: [] },
]
for (const { name, text, want } of headers)
  test(`inline hooks: ${name}`, () => assert.deepEqual(inlineHooks(text), want))
