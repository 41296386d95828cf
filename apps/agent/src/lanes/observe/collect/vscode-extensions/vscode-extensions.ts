// The surface vscodeExtensions: what VS Code and its relatives have installed. It is one of ours, announced by
// sensorVersion. What their files say is extension-list.ts.
import { join } from 'node:path'
import { createInstalledGathering, type InstalledGathering } from '../installed/installed-gathering.ts'
import { tokens } from '../reading.ts'
import type { Collector } from '../snapshot.ts'
import {
  type Extension,
  type ExtensionList,
  readExtensionList,
  readExtensionManifest,
  readObsolete,
} from './extension-list.ts'

export const VSCODE_SURFACE = 'vscodeExtensions'

export interface VscodeOrder {
  /** Null for those of all editors that are known. */
  readonly extensionDirectories: readonly string[] | null
  readonly home: string
}

/** Below the home directory, of editors here and of their halves that run for an editor elsewhere. */
const editorFolders: readonly string[] = [
  '.vscode',
  '.vscode-insiders',
  '.vscode-oss',
  '.vscode-server',
  '.vscode-server-insiders',
  '.vscodium-server',
  '.cursor',
  '.cursor-server',
  '.windsurf',
  '.windsurf-server',
  '.positron',
  '.trae',
  '.kiro',
  '.local/share/code-server',
]

const foldersOf = ({ extensionDirectories, home }: VscodeOrder): readonly string[] => [
  ...new Set(extensionDirectories ?? editorFolders.map((folder) => join(home, folder, 'extensions'))),
]

const listName = 'extensions.json'
const mostListBytes = 5_000_000
const mostManifestBytes = 5_000_000

/** What lies there, where no list says what counts. */
const listByFolder = async (gathering: InstalledGathering, folder: string): Promise<ExtensionList> => {
  const extensions: Extension[] = []
  const names = await gathering.folders(folder)
  const obsolete = names.length === 0 ? null : await gathering.note(join(folder, '.obsolete'), mostListBytes, [folder])
  const isGoing = readObsolete(obsolete?.state === 'read' ? obsolete.text : '')
  for (const name of names.filter((each) => !isGoing.has(each))) {
    const path = join(folder, name, 'package.json')
    const said = await gathering.note(path, mostManifestBytes, [folder])
    const extension = said.state === 'read' ? readExtensionManifest(said.text) : null
    if (extension !== null) extensions.push(extension)
    else if (said.state === 'read') gathering.doubt(path, 'is not the manifest of an extension', [folder])
  }
  return { extensions, oddEntries: 0 }
}

const listOf = async (gathering: InstalledGathering, folder: string): Promise<ExtensionList | null> => {
  const path = join(folder, listName)
  const said = await gathering.note(path, mostListBytes, [folder])
  if (said.state === 'absent') return await listByFolder(gathering, folder)
  if (said.state === 'unread') return null
  const list = readExtensionList(said.text)
  if (list === null) gathering.missTree(folder, 'its extensions.json is not a list of extensions')
  else if (list.oddEntries > 0) gathering.remark(path, `${list.oddEntries} entries are not extensions`)
  return list
}

/** Several versions of one extension lie side by side until the editor starts again; they are one item. */
const byId = (extensions: readonly Extension[]): ReadonlyMap<string, readonly Extension[]> =>
  Map.groupBy(extensions, ({ id }) => id)

export const createVscodeExtensions = (order: () => VscodeOrder): Collector => ({
  surface: VSCODE_SURFACE,
  interests: () => foldersOf(order()).map((path) => ({ path, extent: 'tree', maxDepth: 0 })),
  async collect(signal) {
    const gathering = createInstalledGathering(VSCODE_SURFACE, signal)
    for (const path of foldersOf(order())) {
      const list = await listOf(gathering, path)
      for (const [name, copies] of byId(list?.extensions ?? [])) {
        const versions = [...new Set(copies.map(({ version }) => version))].sort()
        const [first] = copies
        gathering.add({
          kind: 'extension',
          name,
          version: versions.join(', '),
          path,
          origin: first?.source ?? 'unknown',
          detail: tokens({ platform: first?.platform ?? null }),
        })
      }
    }
    return gathering.snapshot()
  },
})
