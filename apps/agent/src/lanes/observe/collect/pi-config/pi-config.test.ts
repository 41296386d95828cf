// What single switches and faults change about what is seen of Pi (sensor-agent 5.2, 6.4).
// The whole of it, with every identity, is config-collectors.test.ts.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oversized, toolScan } from '../testing/tool-scan.ts'

const server = (name: string): string =>
  JSON.stringify({ mcpServers: { [name]: { url: 'u' } }, imports: [`of-${name}`, 5] })

const files = {
  '.config/mcp/mcp.json': server('shared'),
  '.pi/agent/mcp.json': server('own'),
  '.pi/agent/settings.json': '{"theme":1}',
  '.pi/agent/extensions/x/package.json': '',
  '.pi/agent/extensions/x/node_modules/y/package.json': '',
  'src/.mcp.json': server('project'),
  'src/.pi/mcp.json': server('override'),
  'src/.pi/settings.json': '{"model":1}',
}

const seenWith = async (said: Record<string, unknown>): Promise<readonly string[]> =>
  (await toolScan('pi', { files, said }).seen()).map((line) => line.split(' ', 2)[1] ?? '')

const all = [
  'of-shared',
  'of-own',
  'of-project',
  'of-override',
  'shared',
  'own',
  'project',
  'override',
  'x',
  'theme',
  'model',
]

test('with everything on, everything is seen, and what an extension depends on is not', async () =>
  assert.deepEqual(await seenWith({}), all))

const switches: { off: string; without: readonly string[] }[] = [
  { off: 'includeSharedGlobalMCP', without: ['shared', 'of-shared'] },
  { off: 'includePiGlobalOverride', without: ['own', 'of-own'] },
  { off: 'includeSharedProjectMCP', without: ['project', 'of-project'] },
  { off: 'includePiProjectOverride', without: ['override', 'of-override'] },
  { off: 'includePackages', without: ['x'] },
  { off: 'includeImports', without: ['of-shared', 'of-own', 'of-project', 'of-override'] },
]
for (const { off, without } of switches)
  test(`without ${off} only its own items are missing`, async () =>
    assert.deepEqual(
      await seenWith({ [off]: false }),
      all.filter((name) => !without.includes(name)),
    ))

test('malformed and oversized files are one issue each and keep the packages', async () => {
  const broken = {
    '.config/mcp/mcp.json': '{',
    '.pi/agent/mcp.json': oversized('{}'),
    '.pi/agent/settings.json': '{,}',
  }
  const scan = toolScan('pi', { files: { ...broken, '.pi/agent/extensions/x/package.json': '' } })
  assert.equal((await scan.issues()).length, 3)
  assert.deepEqual(await scan.seen(), ['plugin x ~/.pi/agent/extensions/x/package.json'])
})

test('the folder of the agent is where the owner says', async () => {
  const scan = toolScan('pi', { said: { agentDirectory: '~/pi' }, files: { ...files, 'pi/settings.json': '{"a":1}' } })
  assert.equal(
    (await scan.seen()).some((line) => line.includes('.pi/agent')),
    false,
  )
  assert.equal((await scan.seen()).includes('settings a ~/pi/settings.json'), true)
})
