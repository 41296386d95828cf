// Where coding tools keep their configuration on each platform (sensor-agent 16). Pure; nothing here asks the disk.
// What the owner's file says instead is tool-sections.ts; what is read at these places is lanes/observe/collect.
import { posix, win32 } from 'node:path'
import type { Machine } from './machine.ts'

type Facts = 'platform' | 'user' | 'env'

export interface ToolPlaces {
  readonly claude: {
    readonly configPath: string
    readonly userDirectory: string
    readonly managedSettingsPaths: readonly string[]
  }
  readonly codex: {
    readonly userConfigPath: string
    readonly skillsDirectory: string
    readonly systemDirectory: string
  }
  readonly pi: { readonly agentDirectory: string; readonly sharedMCPPath: string }
  readonly cursor: { readonly globalMCPPath: string }
  readonly opencode: { readonly userConfigDirectory: string; readonly managedPaths: readonly string[] }
  readonly claudeDesktop: { readonly configPath: string }
}

interface Ground {
  readonly machine: Pick<Machine, Facts>
  readonly home: string
  readonly join: (...parts: readonly string[]) => string
  /** What a variable of the environment names, made absolute; the fallback when it is empty. */
  readonly named: (variable: string, fallback: string) => string
}

const groundOf = (machine: Pick<Machine, Facts>, home: string): Ground => {
  const { isAbsolute, join } = machine.platform === 'windows' ? win32 : posix
  const named = (variable: string, fallback: string): string => {
    const said = machine.env[variable]
    if (said === undefined || said === '') return fallback
    return isAbsolute(said) ? said : join(home, said)
  }
  return { machine, home, join, named }
}

const claudeManaged = ({ machine: { platform }, join, named }: Ground): readonly string[] => {
  if (platform === 'macos') return ['/Library/Application Support/ClaudeCode/managed-settings.json']
  if (platform === 'linux') return ['/etc/claude-code/managed-settings.json']
  // The second is where older versions looked.
  return [named('ProgramFiles', 'C:\\Program Files'), named('ProgramData', 'C:\\ProgramData')].map((folder) =>
    join(folder, 'ClaudeCode', 'managed-settings.json'),
  )
}

const opencodeManaged = ({ machine: { platform, user }, join, named }: Ground): readonly string[] => {
  if (platform === 'macos') {
    const folder = '/Library/Managed Preferences'
    return [join(folder, user), folder].map((path) => join(path, 'ai.opencode.managed.plist'))
  }
  const folder = platform === 'windows' ? join(named('ProgramData', 'C:\\ProgramData'), 'opencode') : '/etc/opencode'
  return ['opencode.json', 'opencode.jsonc'].map((name) => join(folder, name))
}

const codexSystem = ({ machine: { platform }, join, named }: Ground): string =>
  platform === 'windows' ? join(named('ProgramData', 'C:\\ProgramData'), 'OpenAI', 'Codex') : '/etc/codex'

const claudeDesktopFolder = ({ machine: { platform }, home, join, named }: Ground): string => {
  if (platform === 'macos') return join(home, 'Library', 'Application Support', 'Claude')
  if (platform === 'windows') return join(named('APPDATA', join(home, 'AppData', 'Roaming')), 'Claude')
  return join(named('XDG_CONFIG_HOME', join(home, '.config')), 'Claude')
}

/**
 * The places of one home directory. Variables that move a tool's folder count only for the home of the account that
 * set them.
 */
export const toolPlaces = (machine: Pick<Machine, Facts | 'home'>, home: string): ToolPlaces => {
  const env = home === machine.home ? machine.env : {}
  const own = groundOf({ ...machine, env }, home)
  const system = groundOf(machine, home)
  const { join, named } = own
  const settings =
    machine.platform === 'windows' ? join(home, '.config') : named('XDG_CONFIG_HOME', join(home, '.config'))
  return {
    claude: {
      configPath: join(home, '.claude.json'),
      userDirectory: join(home, '.claude'),
      managedSettingsPaths: claudeManaged(system),
    },
    codex: {
      userConfigPath: join(named('CODEX_HOME', join(home, '.codex')), 'config.toml'),
      skillsDirectory: join(home, '.agents', 'skills'),
      systemDirectory: codexSystem(system),
    },
    pi: {
      agentDirectory: named('PI_CODING_AGENT_DIR', join(home, '.pi', 'agent')),
      sharedMCPPath: join(home, '.config', 'mcp', 'mcp.json'),
    },
    cursor: { globalMCPPath: join(home, '.cursor', 'mcp.json') },
    opencode: { userConfigDirectory: join(settings, 'opencode'), managedPaths: opencodeManaged(system) },
    claudeDesktop: { configPath: join(claudeDesktopFolder(own), 'claude_desktop_config.json') },
  }
}
