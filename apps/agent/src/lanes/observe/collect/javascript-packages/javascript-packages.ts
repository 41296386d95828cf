// The surface javascriptPackages: what the lockfiles below the project roots pin (sensor-agent 6.7).
// Each package manager's lockfile has a reader of its own; another manager is another line in the table below.
import { createPackageFiles, type PackageFilesNeeds, type ProjectWalk, pathOf } from '../package-files.ts'
import type { PackageReader } from '../reading.ts'
import type { Collector } from '../snapshot.ts'
import { readBunLockfile } from './bun-lockfile.ts'
import { readNpmLockfile } from './npm-lockfile.ts'
import { readPnpmLockfile } from './pnpm-lockfile.ts'
import { readYarnLockfile } from './yarn-lockfile.ts'

export const JAVASCRIPT_SURFACE = 'javascriptPackages'

export interface JavascriptOrder extends ProjectWalk {
  readonly lockfileNames: readonly string[]
  readonly includeNpm: boolean
  readonly includePnpm: boolean
  readonly includeYarn: boolean
  readonly includeBun: boolean
}

interface LockfileKind {
  readonly manager: string
  readonly toggle: 'includeNpm' | 'includePnpm' | 'includeYarn' | 'includeBun'
  readonly read: PackageReader
  /** A file beside it that says the same with more weight. */
  readonly shadowedBy?: string
}

const npm = { manager: 'npm', toggle: 'includeNpm', read: readNpmLockfile } as const

const lockfileKinds: ReadonlyMap<string, LockfileKind> = new Map<string, LockfileKind>([
  ['npm-shrinkwrap.json', npm],
  ['package-lock.json', { ...npm, shadowedBy: 'npm-shrinkwrap.json' }],
  ['pnpm-lock.yaml', { manager: 'pnpm', toggle: 'includePnpm', read: readPnpmLockfile }],
  ['yarn.lock', { manager: 'yarn', toggle: 'includeYarn', read: readYarnLockfile }],
  ['bun.lock', { manager: 'bun', toggle: 'includeBun', read: readBunLockfile }],
])

export const createJavascriptPackages = (order: () => JavascriptOrder, needs: PackageFilesNeeds = {}): Collector =>
  createPackageFiles({
    surface: JAVASCRIPT_SURFACE,
    ...needs,
    order,
    isWanted(name, wanted) {
      const kind = lockfileKinds.get(name)
      return kind !== undefined && wanted[kind.toggle] && wanted.lockfileNames.includes(name)
    },
    async read(file, gathering, _order, beside) {
      const kind = lockfileKinds.get(file.name)
      if (kind === undefined) return
      const { manager, read, shadowedBy } = kind
      if (shadowedBy !== undefined && beside(shadowedBy)) return
      await gathering.gather(pathOf(file), { kind: 'package', origin: manager, read })
    },
  })
