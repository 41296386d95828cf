// What the configuration needs to know about the computer and the account, read once and handed on as plain facts.
// Which folders follow from the operating system's customs is written here too.
import { existsSync, readFileSync } from 'node:fs'
import { arch, homedir, hostname, release, userInfo, version } from 'node:os'
import { posix, resolve, win32 } from 'node:path'

export interface Machine {
  readonly platform: 'linux' | 'macos' | 'windows'
  readonly arch: string
  readonly host: string
  readonly user: string
  readonly osVersion: string
  readonly hardwareModel: string
  readonly home: string
  /** Whether this is the machine's own account (root), whose files lie in the system's folders. */
  readonly isSystemAccount: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

const platforms: Partial<Record<NodeJS.Platform, Machine['platform']>> = { darwin: 'macos', win32: 'windows' }
const archs: Record<string, string> = { x64: 'x86_64', arm64: 'aarch64' }
const productFile = '/sys/class/dmi/id/product_name'
const releaseFile = '/etc/os-release'

const textOf = (path: string): string | null => {
  try {
    return existsSync(path) ? readFileSync(path, 'utf8').trim() : null
  } catch {
    // A description of the host is worth no failure: what cannot be read is left out.
    return null
  }
}

const osVersionOf = (platform: Machine['platform']): string => {
  if (platform !== 'linux') return `${version()} (${release()})`
  const name = /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(textOf(releaseFile) ?? '')?.[1] ?? 'Linux'
  return `${name} (${release()})`
}

/** The host as it describes itself to a server (sensor-agent 12.5). */
export const readMachine = (env: NodeJS.ProcessEnv = process.env): Machine => {
  const platform = platforms[process.platform] ?? 'linux'
  return {
    platform,
    arch: archs[arch()] ?? arch(),
    host: hostname(),
    user: userInfo().username,
    osVersion: osVersionOf(platform),
    hardwareModel: textOf(productFile) || arch(),
    home: homedir(),
    isSystemAccount: process.getuid?.() === 0,
    env,
  }
}

const filled = (text: string | undefined, fallback: string): string =>
  text === undefined || text === '' ? fallback : text

/** Where an agent keeps what it owns unless told otherwise (sensor-agent 16). */
export const defaultDataDir = ({ platform, home, isSystemAccount, env }: Machine): string => {
  if (platform === 'windows') {
    return win32.join(filled(env['LOCALAPPDATA'], win32.join(home, 'AppData', 'Local')), 'Muster', 'agent')
  }
  if (platform === 'macos') {
    return posix.join(isSystemAccount ? '/Library' : posix.join(home, 'Library'), 'Application Support/Muster/agent')
  }
  if (isSystemAccount) return '/var/lib/muster-agent'
  return posix.join(filled(env['XDG_STATE_HOME'], posix.join(home, '.local', 'state')), 'muster-agent')
}

const configDirs = ({ platform, home, env }: Machine): readonly string[] => {
  if (platform === 'windows') {
    const shared = filled(env['ProgramData'], 'C:\\ProgramData')
    return [filled(env['APPDATA'], win32.join(home, 'AppData', 'Roaming')), shared].map((dir) =>
      win32.join(dir, 'Muster'),
    )
  }
  if (platform === 'macos') {
    return [posix.join(home, 'Library/Application Support/Muster'), '/Library/Application Support/Muster']
  }
  return [posix.join(filled(env['XDG_CONFIG_HOME'], posix.join(home, '.config')), 'muster'), '/etc/muster']
}

/** Where the file of the published agent lies; it is used as it is (sensor-agent 3.1, 16). */
const kobanDirs = ({ platform, home, env }: Machine): readonly string[] => {
  const { join } = platform === 'windows' ? win32 : posix
  const xdg = platform === 'linux' ? filled(env['XDG_CONFIG_HOME'], '') : ''
  return [...(xdg === '' ? [] : [join(xdg, 'koban')]), join(home, '.config', 'koban')]
}

/** Files looked for, in this order, when neither flag nor environment names one. */
export const configCandidates = (machine: Machine): readonly string[] => {
  const { join } = machine.platform === 'windows' ? win32 : posix
  const own = configDirs(machine).flatMap((dir) =>
    ['agent.yaml', 'agent.yml', 'agent.toml'].map((name) => join(dir, name)),
  )
  return [...own, ...kobanDirs(machine).map((dir) => join(dir, 'koban.yaml'))]
}

/** `--config`, then MUSTER_AGENT_CONFIG, then the OS config folders; null when there is none to be found. */
export const findConfigFile = (flag: string | undefined, machine: Machine): string | null => {
  const named = filled(flag, machine.env['MUSTER_AGENT_CONFIG'] ?? '')
  if (named !== '') return resolve(named)
  return configCandidates(machine).find((path) => existsSync(path)) ?? null
}
