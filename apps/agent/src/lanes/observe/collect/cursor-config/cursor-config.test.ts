// What single switches and faults change about what is seen of Cursor (sensor-agent 5.2, 6.5).
// The whole of it, with every identity, is config-collectors.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oversized, toolScan } from '../testing/tool-scan.ts'

const files = {
  '.cursor/mcp.json': '{"mcpServers":{"m":{"url":"u"}},"projects":{"p":{"mcpServers":{"no":{"url":"u"}}}}}',
  'src/.cursor/mcp.json': '{"mcpServers":{"n":{"url":"u"}}}',
  'src/.cursor/rules/r.mdc': '',
  'src/.cursorrules': '',
  'src/AGENTS.md': '',
}
const all = ['instruction AGENTS.md', 'mcpServer m', 'mcpServer n', 'rule r.mdc', 'rule .cursorrules']

const seenWith = async (given: Parameters<typeof toolScan>[1]): Promise<readonly string[]> =>
  (await toolScan('cursor', { files, ...given }).seen()).map((line) => line.split(' ', 2).join(' '))

test('with everything on, everything is seen, and servers of single projects are not', async () =>
  assert.deepEqual(await seenWith({}), all))

const switches = [
  { off: 'includeGlobalMCP', without: 'mcpServer m' },
  { off: 'includeProjectMCP', without: 'mcpServer n' },
  { off: 'includeRules', without: 'rule r.mdc' },
  { off: 'includeLegacyRules', without: 'rule .cursorrules' },
  { off: 'includeInstructions', without: 'instruction AGENTS.md' },
]
for (const { off, without } of switches)
  test(`without ${off} only its own items are missing`, async () =>
    assert.deepEqual(
      await seenWith({ said: { [off]: false } }),
      all.filter((line) => line !== without),
    ))

test('malformed or oversized servers are one issue and keep the rules', async () => {
  for (const text of ['{', oversized('{}')]) {
    const scan = toolScan('cursor', { files: { ...files, 'src/.cursor/mcp.json': text } })
    assert.equal((await scan.issues()).length, 1)
    assert.equal((await scan.seen()).length, all.length - 1)
  }
})

test('legacy rules that cannot be hashed are kept without a detail', async () => {
  const scan = toolScan('cursor', { files: { 'src/.cursorrules': oversized() } })
  assert.deepEqual(await scan.seen(), ['rule .cursorrules ~/src/.cursorrules -'])
  assert.equal((await scan.issues()).length, 1)
})

test('another place for the global servers replaces the usual one', async () => {
  const scan = toolScan('cursor', { said: { globalMCPPath: '~/my.json' }, files: { ...files, 'my.json': '{}' } })
  assert.deepEqual(
    (await scan.seen()).filter((line) => line.includes('mcpServer')),
    ['mcpServer n ~/src/.cursor/mcp.json'],
  )
})

test('rules that are no folder are an issue', async () => {
  const scan = toolScan('cursor', { files: { 'src/.cursor/rules': '' } })
  assert.deepEqual(await scan.issues(), ['~/src/.cursor/rules: cannot be enumerated: it is not a folder'])
})
