// One scratch home for an agent: its file, its folder, and projects whose lockfiles a test writes.
// The agent that runs in it, and the server it talks to, are pair.ts.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Name and version of everything that a project pins. */
export type Pinned = Readonly<Record<string, string>>

export interface Machine {
  readonly home: string
  readonly configFile: string
  readonly dataDir: string
  /** What the project's lockfile says from now on; with `padded`, so much that it is read in a process of its own. */
  lock(project: string, pinned: Pinned, padded?: boolean): void
  /** `path name@version` of everything in these projects, sorted. */
  onDisk(): readonly string[]
  /** Writes the agent's file, with this token in it. */
  configure(token?: string): void
}

/** Larger than what is read in the agent itself. */
const paddedTo = 2_100_000

const lockText = (pinned: Pinned): string => {
  const packages = Object.entries(pinned).map(([name, version]) => [`node_modules/${name}`, { version }])
  return JSON.stringify({ lockfileVersion: 3, packages: Object.fromEntries(packages) })
}

/** Everything that would see this very machine is off; only the projects of the test are left. */
const offSections = [
  'homebrew',
  'claude',
  'claudeDesktop',
  'codex',
  'cursor',
  'opencode',
  'pi',
  'python',
  'go',
  'cargo',
]
const offHere = [...offSections, 'debian', 'rpm', 'vscode', 'npmGlobal']

const onlyLockfiles = Object.fromEntries(offHere.map((section) => [section, { enabled: false }]))

/** `observe` is what the agent's file says of that lane, besides where to look and how often to speak. */
export const createMachine = (
  home: string,
  server: string,
  observe: Readonly<Record<string, unknown>> = {},
): Machine => {
  const disk = new Map<string, Pinned>()
  const configFile = join(home, 'agent.yaml')
  const dataDir = join(home, 'agent')
  const projects = join(home, 'projects')
  mkdirSync(projects)
  const file = {
    server,
    serverCA: join(home, 'ca.pem'),
    dataDir,
    planes: ['observe'],
    logLevel: 'debug',
    observe: {
      home,
      ...onlyLockfiles,
      watch: { projectRoots: [projects], pollIntervalSeconds: 1, debounceMilliseconds: 50 },
      sync: { checkInIntervalSeconds: 1, retryBaseSeconds: 1, retryMaxSeconds: 2, maxBatchEvents: 100 },
      ...observe,
    },
  }
  return {
    home,
    configFile,
    dataDir,
    lock(project: string, pinned: Pinned, padded = false): void {
      const path = join(projects, project, 'package-lock.json')
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, lockText(pinned).padEnd(padded ? paddedTo : 0))
      disk.set(path, pinned)
    },
    onDisk: () =>
      [...disk]
        .flatMap(([path, pinned]) => Object.entries(pinned).map(([name, version]) => `${path} ${name}@${version}`))
        .toSorted(),
    configure(token?: string): void {
      const said = token === undefined ? file : { ...file, enrollmentToken: token }
      writeFileSync(configFile, JSON.stringify(said), { mode: 0o600 })
    },
  }
}

/** As different every round as a working week: most stays, some is newer, some comes, some goes, and comes again. */
export const pinnedIn = (round: number, count: number): Pinned => {
  const entries: [string, string][] = []
  for (let at = 0; at < count; at += 1) {
    const name = at % 25 === 0 ? `bad-${at}` : `package-${at}`
    if (at % 17 !== round % 17) entries.push([name, at % 11 === round % 11 ? `2.${round}.0` : '1.0.0'])
  }
  return Object.fromEntries(entries)
}

/** Two projects in which that round's work was done. */
export const workOn = (machine: Pick<Machine, 'lock'>, round: number): void => {
  machine.lock('shop', pinnedIn(round, 500), round % 2 === 1)
  machine.lock(`project-${round % 3}`, pinnedIn(round, 80))
}
