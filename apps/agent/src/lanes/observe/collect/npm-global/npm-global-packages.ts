// The surface npmGlobalPackages: packages installed for a whole machine or account, and what they brought along.
// It is one of ours, announced by sensorVersion. Where they lie is global-folders.ts.
import { join } from 'node:path'
import { createInstalledGathering, type InstalledGathering } from '../installed/installed-gathering.ts'
import { readJson } from '../jsonc.ts'
import { isMapping, textOf } from '../reading.ts'
import type { Collector } from '../snapshot.ts'
import { type GlobalOrder, globalFolders, watchedFolders } from './global-folders.ts'

export const NPM_GLOBAL_SURFACE = 'npmGlobalPackages'

/** For one scan, all folders together. */
const mostPackages = 20_000
const mostManifestBytes = 5_000_000

interface Pending {
  readonly folder: string
  readonly isTop: boolean
}

interface Walk {
  readonly gathering: InstalledGathering
  readonly pending: Pending[]
  packages: number
}

const isVisible = (name: string): boolean => !name.startsWith('.')

/** The version in a `package.json`, or null when the text is none. */
export const versionIn = (text: string): string | null => {
  const document = readJson(text)
  return document.ok && isMapping(document.value) ? textOf(document.value['version']) : null
}

const lookAt = async (walk: Walk, name: string, path: string, isTop: boolean): Promise<void> => {
  walk.packages += 1
  walk.pending.push({ folder: join(path, 'node_modules'), isTop: false })
  const manifest = join(path, 'package.json')
  const said = await walk.gathering.note(manifest, mostManifestBytes, [path])
  if (said.state !== 'read') return
  const version = versionIn(said.text)
  // The package is there even if nobody can tell which version of it; a text that was cut off says nothing new of it.
  if (version === null) walk.gathering.doubt(manifest, 'names no version', readJson(said.text).ok ? [] : [path])
  walk.gathering.add({ name, version, path, origin: 'npm', installedOnRequest: isTop })
}

const enter = async (walk: Walk, { folder, isTop }: Pending): Promise<void> => {
  const { gathering } = walk
  for (const name of await (isTop ? gathering.folders(folder, isVisible) : gathering.innerFolders(folder, isVisible))) {
    const path = join(folder, name)
    if (!name.startsWith('@')) await lookAt(walk, name, path, isTop)
    else
      for (const inner of await gathering.innerFolders(path))
        await lookAt(walk, `${name}/${inner}`, join(path, inner), isTop)
  }
}

export const createNpmGlobalPackages = (order: () => GlobalOrder): Collector => ({
  surface: NPM_GLOBAL_SURFACE,
  interests: () => watchedFolders(order()).map((path) => ({ path, extent: 'tree', maxDepth: 1 })),
  async collect(signal) {
    const gathering = createInstalledGathering(NPM_GLOBAL_SURFACE, signal)
    const folders = await globalFolders(order(), gathering)
    const walk: Walk = { gathering, pending: folders.map((folder) => ({ folder, isTop: true })), packages: 0 }
    while (walk.pending.length > 0 && walk.packages < mostPackages) {
      const next = walk.pending.shift()
      if (next !== undefined) await enter(walk, next)
    }
    const unseen = walk.pending.map(({ folder }) => folder)
    gathering.cutShort(unseen, `package limit reached: ${mostPackages} packages`)
    return gathering.snapshot()
  },
})
