// What the settings need to know about the computer and the account, and which folders follow from it by custom.
// Reading it is read-machine.ts; here are facts only.
import { posix, win32 } from 'node:path'

export interface Machine {
  readonly platform: 'linux' | 'macos' | 'windows'
  readonly arch: string
  readonly host: string
  readonly user: string
  readonly home: string
  /** Whether this is the machine's own account (root), whose files lie in the system's folders. */
  readonly isSystemAccount: boolean
  readonly env: Readonly<Record<string, string | undefined>>
}

const programData = ({ env }: Machine): string => win32.join(env['ProgramData'] ?? 'C:\\ProgramData', 'Muster')

/** Where a server keeps what it owns unless told otherwise. */
export const defaultDataDir = (machine: Machine): string => {
  if (machine.platform === 'windows') return win32.join(programData(machine), 'server')
  if (machine.platform === 'macos') {
    const library = machine.isSystemAccount ? '/Library' : posix.join(machine.home, 'Library')
    return posix.join(library, 'Application Support', 'Muster', 'server')
  }
  if (machine.isSystemAccount) return '/var/lib/muster'
  return posix.join(machine.env['XDG_DATA_HOME'] ?? posix.join(machine.home, '.local', 'share'), 'muster')
}

const configDirs = (machine: Machine): readonly string[] => {
  if (machine.platform === 'windows') return [programData(machine)]
  if (machine.platform === 'macos') {
    const own = posix.join(machine.home, 'Library', 'Application Support', 'Muster')
    return [own, '/Library/Application Support/Muster']
  }
  return [posix.join(machine.env['XDG_CONFIG_HOME'] ?? posix.join(machine.home, '.config'), 'muster'), '/etc/muster']
}

/** Files looked for, in this order, when neither flag nor environment names one. */
export const configCandidates = (machine: Machine): readonly string[] => {
  const { join } = machine.platform === 'windows' ? win32 : posix
  return configDirs(machine).flatMap((dir) =>
    ['server.yaml', 'server.yml', 'server.toml'].map((name) => join(dir, name)),
  )
}
