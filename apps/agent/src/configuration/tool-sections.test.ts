// Where tools keep their configuration on each platform, as tables, and what the owner's sections make of it.
// What is read at these places is tested with the collectors.
import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfiguration } from './configuration.ts'
import { type Machine, readMachine } from './machine.ts'
import { toolPlaces } from './tool-places.ts'

const linux = { platform: 'linux', user: 'ada', home: '/home/ada', env: {} } as const
const macos = { platform: 'macos', user: 'ada', home: '/Users/ada', env: {} } as const
const windows = { platform: 'windows', user: 'ada', home: 'C:\\Users\\ada', env: {} } as const

test('on Linux everything lies where its tools look', () => {
  assert.deepEqual(toolPlaces(linux, '/home/ada'), {
    claude: {
      configPath: '/home/ada/.claude.json',
      userDirectory: '/home/ada/.claude',
      managedSettingsPaths: ['/etc/claude-code/managed-settings.json'],
    },
    codex: {
      userConfigPath: '/home/ada/.codex/config.toml',
      skillsDirectory: '/home/ada/.agents/skills',
      systemDirectory: '/etc/codex',
    },
    pi: { agentDirectory: '/home/ada/.pi/agent', sharedMCPPath: '/home/ada/.config/mcp/mcp.json' },
    cursor: { globalMCPPath: '/home/ada/.cursor/mcp.json' },
    opencode: {
      userConfigDirectory: '/home/ada/.config/opencode',
      managedPaths: ['/etc/opencode/opencode.json', '/etc/opencode/opencode.jsonc'],
    },
    claudeDesktop: { configPath: '/home/ada/.config/Claude/claude_desktop_config.json' },
  })
})

test('on macOS what an administrator manages lies in the Library', () => {
  const { claude, codex, opencode } = toolPlaces(macos, '/Users/ada')
  assert.deepEqual(claude.managedSettingsPaths, ['/Library/Application Support/ClaudeCode/managed-settings.json'])
  assert.equal(codex.systemDirectory, '/etc/codex')
  assert.deepEqual(opencode.managedPaths, [
    '/Library/Managed Preferences/ada/ai.opencode.managed.plist',
    '/Library/Managed Preferences/ai.opencode.managed.plist',
  ])
})

test('on Windows paths are native, and drives and folders are those of the machine', () => {
  const env = { ProgramData: 'D:\\Data', ProgramFiles: 'D:\\Programs', XDG_CONFIG_HOME: 'C:\\xdg' }
  const { claude, codex, pi, cursor, opencode } = toolPlaces({ ...windows, env }, windows.home)
  assert.equal(claude.configPath, 'C:\\Users\\ada\\.claude.json')
  assert.deepEqual(claude.managedSettingsPaths, [
    'D:\\Programs\\ClaudeCode\\managed-settings.json',
    'D:\\Data\\ClaudeCode\\managed-settings.json',
  ])
  assert.equal(codex.userConfigPath, 'C:\\Users\\ada\\.codex\\config.toml')
  assert.equal(codex.skillsDirectory, 'C:\\Users\\ada\\.agents\\skills')
  assert.equal(codex.systemDirectory, 'D:\\Data\\OpenAI\\Codex')
  assert.deepEqual(pi, {
    agentDirectory: 'C:\\Users\\ada\\.pi\\agent',
    sharedMCPPath: 'C:\\Users\\ada\\.config\\mcp\\mcp.json',
  })
  assert.equal(cursor.globalMCPPath, 'C:\\Users\\ada\\.cursor\\mcp.json')
  assert.equal(opencode.userConfigDirectory, 'C:\\Users\\ada\\.config\\opencode')
  assert.deepEqual(opencode.managedPaths, ['D:\\Data\\opencode\\opencode.json', 'D:\\Data\\opencode\\opencode.jsonc'])
  assert.deepEqual(toolPlaces(windows, windows.home).codex.systemDirectory, 'C:\\ProgramData\\OpenAI\\Codex')
})

test('Claude Desktop keeps its file where programs with windows keep theirs', () => {
  const placeOn = (...of: Parameters<typeof toolPlaces>): string => toolPlaces(...of).claudeDesktop.configPath
  const file = 'claude_desktop_config.json'
  assert.equal(placeOn(macos, '/Users/ada'), `/Users/ada/Library/Application Support/Claude/${file}`)
  assert.equal(placeOn(windows, windows.home), `C:\\Users\\ada\\AppData\\Roaming\\Claude\\${file}`)
})

test('variables that move a tool count for the home of their own account only', () => {
  const env = { CODEX_HOME: '/opt/codex', PI_CODING_AGENT_DIR: 'pi', XDG_CONFIG_HOME: '/xdg' }
  const own = toolPlaces({ ...linux, env }, '/home/ada')
  assert.equal(own.codex.userConfigPath, '/opt/codex/config.toml')
  assert.equal(own.pi.agentDirectory, '/home/ada/pi')
  assert.equal(own.opencode.userConfigDirectory, '/xdg/opencode')
  assert.deepEqual(toolPlaces({ ...linux, env }, '/home/bob'), toolPlaces(linux, '/home/bob'))
  assert.deepEqual(toolPlaces({ ...linux, env: { CODEX_HOME: '' } }, '/home/ada'), toolPlaces(linux, '/home/ada'))
})

const machine: Machine = { ...readMachine({}), platform: 'linux', home: '/home/ada', env: {} }

const read = (said: unknown) => {
  const file = join(mkdtempSync(join(tmpdir(), 'muster-agent-tools-')), 'agent.yaml')
  writeFileSync(file, JSON.stringify({ observe: said }))
  return readConfiguration(file, machine).observe
}

const flagsOf = (section: Record<string, unknown>, value: boolean): readonly string[] =>
  Object.keys(section)
    .filter((key) => section[key] === value)
    .toSorted()

test('what is not said is on, but for what belongs to the whole machine', () => {
  const { claude, codex, cursor, opencode, pi } = read({})
  assert.deepEqual(
    [claude, codex, cursor, opencode, pi].map((section) => flagsOf(section, false)),
    [['includeManagedSettings'], ['includeSystemConfig'], [], ['includeManagedPreferences'], []],
  )
  assert.deepEqual(
    [claude, codex, cursor, opencode, pi].map((section) => flagsOf(section, true).length),
    [9, 4, 6, 8, 7],
  )
  assert.deepEqual([claude.projectRoots, codex.projectRoots, opencode.projectRoots], [null, [], null])
})

test('every path an owner names is made absolute, and roots of its own widen the ceiling', () => {
  const { claude, codex, cursor, opencode, pi, ceiling } = read({
    watch: { projectRoots: ['~/src'] },
    claude: { configPath: '~/c.json', projectRoots: ['~/a'] },
    codex: { userConfigPath: 'x/config.toml', profileConfigGlob: '~/.codex/*.toml', projectRoots: ['/b'] },
    cursor: { globalMCPPath: '~/m.json' },
    opencode: { userConfigDirectory: '~/o', projectRoots: [] },
    pi: { agentDirectory: '/p' },
  })
  assert.deepEqual([claude.configPath, claude.userDirectory], ['/home/ada/c.json', '/home/ada/.claude'])
  assert.deepEqual(
    [codex.userConfigPath, codex.profileConfigGlob],
    ['/home/ada/x/config.toml', '/home/ada/.codex/*.toml'],
  )
  assert.deepEqual(
    [cursor.globalMCPPath, opencode.userConfigDirectory, pi.agentDirectory],
    ['/home/ada/m.json', '/home/ada/o', '/p'],
  )
  assert.deepEqual([claude.projectRoots, codex.projectRoots, opencode.projectRoots], [['/home/ada/a'], ['/b'], []])
  assert.deepEqual(ceiling.scanRoots, ['/home/ada/src', '/home/ada/a', '/b'])
})

test('a key that is none, or a value of another type, is refused with its place', () => {
  for (const said of [
    { claude: { includeEverything: true } },
    { pi: { projectRoots: [] } },
    { cursor: { enabled: 'yes' } },
  ])
    assert.throws(() => read(said), /agent\.yaml:1:\d+: observe\.(claude|pi|cursor)\./)
})
