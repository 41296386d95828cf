// What the surface makes of Claude Desktop's file on a real disk, and what it never sees of it.
// The shapes of MCP servers, and how the rest is concealed, are tested in agent-config and disclosure.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { groundWith, never, plain } from '../testing/ground.ts'
import { createClaudeDesktop } from './claude-desktop.ts'

const collect = (text: string) => {
  const path = join(groundWith({ 'claude_desktop_config.json': text }), 'claude_desktop_config.json')
  return { path, snapshot: createClaudeDesktop(() => path).collect(never) }
}

test('each server is an item, and environment, headers and all else stay in the file', async () => {
  const { path, snapshot } = collect(
    JSON.stringify({
      mcpServers: {
        files: { command: 'npx', args: ['-y', '@s/files', '/home/ada'], env: { TOKEN: 'SECRET-1' } },
        remote: { url: 'https://mcp.example.org/sse', headers: { Authorization: 'SECRET-2' } },
        empty: { env: { TOKEN: 'SECRET-3' } },
      },
      globalShortcut: 'SECRET-4',
    }),
  )
  const { items, issues } = await snapshot
  assert.deepEqual(
    plain({ items }).map(({ itemId, kind, origin, detail }) => [itemId, kind, origin, detail]),
    [
      [`claudeDesktopConfig/mcpServer/${path}/files`, 'mcpServer', 'npx', 'npx -y @s/files /home/ada'],
      [
        `claudeDesktopConfig/mcpServer/${path}/remote`,
        'mcpServer',
        'https://mcp.example.org/sse',
        'https://mcp.example.org/sse',
      ],
    ],
  )
  assert.deepEqual(issues, [])
  assert.ok(!JSON.stringify(await snapshot).includes('SECRET'))
})

test('a malformed file is an issue, and what was known of it still stands', async () => {
  const { path, snapshot } = collect('{"mcpServers":')
  const { items, issues, unseen } = await snapshot
  assert.deepEqual([items.length, issues.length], [0, 1])
  assert.deepEqual(unseen, [{ path, extent: 'file', because: 'unreadable' }])
})

test('an account without Claude Desktop has nothing to tell, and the place is watched all the same', async () => {
  const surface = createClaudeDesktop(() => '/nowhere/claude_desktop_config.json')
  assert.deepEqual(await surface.collect(never), { items: [], issues: [], unseen: [] })
  assert.deepEqual(surface.interests?.(), [{ path: '/nowhere/claude_desktop_config.json', extent: 'file' }])
})
