// Where npm and the managers of Node versions put packages that belong to no project.
// What lies there is npm-global-packages.ts.
import { join } from 'node:path'
import { mayStartAt, realPaths } from '../folder.ts'
import type { InstalledGathering } from '../installed/installed-gathering.ts'

export interface GlobalOrder {
  /** Null for those that are usual on this system. */
  readonly prefixes: readonly string[] | null
  readonly platform: NodeJS.Platform
  readonly home: string
}

/** A folder, and how one goes on from each of the folders in it: one for each version or package. */
interface Manager {
  readonly folder: string
  readonly rest: string
}

const posixFolders: readonly string[] = [
  '/usr/lib/node_modules',
  '/usr/local/lib/node_modules',
  '/opt/homebrew/lib/node_modules',
  '/home/linuxbrew/.linuxbrew/lib/node_modules',
]

const ownPosixFolders: readonly string[] = [
  '.npm-global/lib/node_modules',
  '.npm-packages/lib/node_modules',
  '.local/lib/node_modules',
  'n/lib/node_modules',
]

const posixManagers: readonly Manager[] = [
  { folder: '.nvm/versions/node', rest: 'lib/node_modules' },
  { folder: '.volta/tools/image/node', rest: 'lib/node_modules' },
  { folder: '.volta/tools/image/packages', rest: 'lib/node_modules' },
  { folder: '.local/share/fnm/node-versions', rest: 'installation/lib/node_modules' },
  { folder: '.fnm/node-versions', rest: 'installation/lib/node_modules' },
  { folder: 'Library/Application Support/fnm/node-versions', rest: 'installation/lib/node_modules' },
  { folder: '.asdf/installs/nodejs', rest: 'lib/node_modules' },
  { folder: '.local/share/mise/installs/node', rest: 'lib/node_modules' },
  { folder: '.nodenv/versions', rest: 'lib/node_modules' },
]

const windowsFolders: readonly string[] = ['C:\\Program Files\\nodejs\\node_modules']
const ownWindowsFolders: readonly string[] = ['AppData/Roaming/npm/node_modules']

const windowsManagers: readonly Manager[] = [
  { folder: 'AppData/Roaming/nvm', rest: 'node_modules' },
  { folder: 'AppData/Local/nvm', rest: 'node_modules' },
  { folder: 'AppData/Roaming/fnm/node-versions', rest: 'installation/node_modules' },
  { folder: 'AppData/Local/Volta/tools/image/packages', rest: 'node_modules' },
]

const ofSystem = ({ platform, home }: GlobalOrder) => {
  const isWindows = platform === 'win32'
  const own = isWindows ? ownWindowsFolders : ownPosixFolders
  const managers = isWindows ? windowsManagers : posixManagers
  return {
    folders: [...(isWindows ? windowsFolders : posixFolders), ...own.map((folder) => join(home, folder))],
    managers: managers.map(({ folder, rest }) => ({ folder: join(home, folder), rest })),
  }
}

const belowPrefix = (prefix: string, platform: NodeJS.Platform): string =>
  join(prefix, platform === 'win32' ? 'node_modules' : 'lib/node_modules')

/** Those of a manager's own that exist; a version whose packages lie elsewhere is none of them. */
const managedFolders = async ({ folder, rest }: Manager, gathering: InstalledGathering): Promise<readonly string[]> => {
  const reach = { realRoots: await realPaths([folder]) }
  const own: string[] = []
  for (const name of await gathering.folders(folder)) {
    // Volta keeps a package with a scope one folder deeper.
    const inner = name.startsWith('@') ? await gathering.innerFolders(join(folder, name)) : ['']
    for (const path of inner.map((last) => join(folder, name, last, rest))) {
      const start = await mayStartAt(path, reach)
      if (start?.reason === null) own.push(path)
      else if (start !== null) gathering.missTree(path, start.reason)
    }
  }
  return own
}

/** The `node_modules` folders to look into; those that are not there among them. */
export const globalFolders = async (order: GlobalOrder, gathering: InstalledGathering): Promise<readonly string[]> => {
  const { prefixes, platform } = order
  if (prefixes !== null) return [...new Set(prefixes.map((prefix) => belowPrefix(prefix, platform)))]
  const { folders, managers } = ofSystem(order)
  const managed: string[] = []
  for (const manager of managers) managed.push(...(await managedFolders(manager, gathering)))
  return [...new Set([...folders, ...managed])]
}

/** What to watch: the folders themselves, and where a manager would put another version. */
export const watchedFolders = (order: GlobalOrder): readonly string[] => {
  if (order.prefixes !== null) return order.prefixes.map((prefix) => belowPrefix(prefix, order.platform))
  const { folders, managers } = ofSystem(order)
  return [...folders, ...managers.map(({ folder }) => folder)]
}
