// The surface homebrew: formulae and casks below its prefixes (sensor-agent 6.1).
// What a receipt says is receipt.ts.
import { join } from 'node:path'
import { createInstalledGathering, type InstalledGathering } from '../installed/installed-gathering.ts'
import { isShown } from '../installed/list-folder.ts'
import type { Collector } from '../snapshot.ts'
import { mostReceiptBytes, type Receipt, readReceipt } from './receipt.ts'

export const HOMEBREW_SURFACE = 'homebrew'

export interface HomebrewOrder {
  /** Null for those that are usual on this system. */
  readonly prefixes: readonly string[] | null
  readonly platform: NodeJS.Platform
  readonly home: string
}

/** Where Homebrew lives unless it was told otherwise; what is not there is looked for again at every scan. */
const usualPrefixes = ({ platform, home }: HomebrewOrder): readonly string[] => {
  if (platform === 'darwin') return ['/opt/homebrew', '/usr/local']
  return platform === 'linux' ? ['/home/linuxbrew/.linuxbrew', join(home, '.linuxbrew')] : []
}

const prefixesOf = (order: HomebrewOrder): readonly string[] => [
  ...new Set(order.prefixes === null ? usualPrefixes(order) : order.prefixes),
]

interface Shelf {
  readonly folder: string
  /** The folder in a rack that its receipt lies in; undefined for none. */
  readonly receiptIn: (folders: readonly string[]) => string | undefined
}

const metadata = '.metadata'

const versionsIn = (folders: readonly string[]): readonly string[] => folders.filter((name) => name !== metadata)

const shelves: readonly Shelf[] = [
  { folder: 'Cellar', receiptIn: (folders) => versionsIn(folders).at(-1) },
  { folder: 'Caskroom', receiptIn: (folders) => folders.find((name) => name === metadata) },
]

const unknown: Receipt = { tap: null, installedOnRequest: null }

const receiptAt = async (gathering: InstalledGathering, rack: string, folder: string | undefined): Promise<Receipt> => {
  if (folder === undefined) return unknown
  const path = join(rack, folder, 'INSTALL_RECEIPT.json')
  const said = await gathering.note(path, mostReceiptBytes, [rack])
  const receipt = said.state === 'read' ? readReceipt(said.text) : unknown
  if (receipt === null) gathering.doubt(path, 'is not a receipt that can be read', [rack])
  return receipt ?? unknown
}

const gatherShelf = async (gathering: InstalledGathering, prefix: string, shelf: Shelf): Promise<void> => {
  const folder = join(prefix, shelf.folder)
  for (const name of await gathering.folders(folder)) {
    const path = join(folder, name)
    const folders = await gathering.innerFolders(path, (inner) => isShown(inner) || inner === metadata)
    const versions = versionsIn(folders)
    if (versions.length === 0) continue
    const { tap, installedOnRequest } = await receiptAt(gathering, path, shelf.receiptIn(folders))
    gathering.add({ name, version: versions.join(', '), path, origin: tap ?? 'unknown', installedOnRequest })
  }
}

export const createHomebrew = (order: () => HomebrewOrder): Collector => ({
  surface: HOMEBREW_SURFACE,
  interests: () =>
    prefixesOf(order()).flatMap((prefix) =>
      shelves.map(({ folder }) => ({ path: join(prefix, folder), extent: 'tree', maxDepth: 1 }) as const),
    ),
  async collect(signal) {
    const gathering = createInstalledGathering(HOMEBREW_SURFACE, signal)
    for (const prefix of prefixesOf(order())) {
      for (const shelf of shelves) await gatherShelf(gathering, prefix, shelf)
    }
    return gathering.snapshot()
  },
})
