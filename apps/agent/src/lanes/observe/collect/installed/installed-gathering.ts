// What one scan of installed software gathers, at places that are known beforehand: items, and what was not seen.
// Files that a walk finds are gathered by gathering.ts.
import type { PayloadItem } from '@muster/contract/device'
import { type Reach, sentenceOf } from '../door.ts'
import { itemIdOf } from '../item-id.ts'
import { mostPackageFileBytes, readBytesSafely } from '../read-file.ts'
import { type Issue, inOrder, noteUnseen, type Snapshot, type Unseen } from '../snapshot.ts'
import { listFolders } from './list-folder.ts'

export interface Installed {
  readonly kind?: string
  readonly name: string
  readonly version: string | null
  readonly path: string
  readonly origin: string
  readonly detail?: string | null
  readonly installedOnRequest?: boolean | null
  /** What the identity says instead of the name, where one name can be installed more than once. */
  readonly identity?: string
}

/** A file that only says more about items found otherwise. */
export type Note =
  | { readonly state: 'read'; readonly text: string }
  | { readonly state: 'absent' }
  | { readonly state: 'unread' }

export const createInstalledGathering = (surface: string, signal: AbortSignal) => {
  const items: PayloadItem[] = []
  const issues: Issue[] = []
  const unseen: Unseen[] = []

  const remark = (path: string, reason: string): void => void issues.push({ path, reason })

  const miss = (path: string, reason: string, extent: Unseen['extent'], because: Unseen['because']): void =>
    noteUnseen({ issues, unseen }, { path, reason, extent, because })

  const read = async (path: string, reach: Reach, mostBytes: number, onFault: (reason: string) => void) => {
    signal.throwIfAborted()
    const bytes = await readBytesSafely(path, reach, mostBytes)
    if (bytes.ok) return { state: 'read', text: bytes.value.toString('utf8') } as const
    if (bytes.refusal.code === 'file_gone') return { state: 'absent' } as const
    onFault(sentenceOf(bytes.refusal.code))
    return { state: 'unread' } as const
  }

  const doubt = (path: string, reason: string, about: readonly string[]): void => {
    remark(path, reason)
    unseen.push(...about.map((each) => ({ path: each, extent: 'file', because: 'unreadable' }) as const))
  }

  /** What could not be listed keeps what was known of it. */
  const namesIn = async (path: string, isWanted: ((name: string) => boolean) | undefined, mayBeLink: boolean) => {
    const { names, reason, because } = await listFolders(path, signal, isWanted, mayBeLink)
    if (reason !== null) miss(path, reason, 'tree', because)
    return names
  }

  return {
    remark,

    /** What was found in this file before still stands for a while. */
    fail: (path: string, reason: string): void => miss(path, reason, 'file', 'unreadable'),

    /** The same for everything that was found in this folder. */
    missTree: (path: string, reason: string): void => miss(path, reason, 'tree', 'unreadable'),

    /** A budget ended before these folders were seen; that is one issue, at the first of them. */
    cutShort(folders: readonly string[], reason: string): void {
      const [first] = folders
      if (first !== undefined) remark(first, reason)
      unseen.push(...folders.map((path) => ({ path, extent: 'tree', because: 'budget' }) as const))
    },

    add({ kind = 'package', detail = null, installedOnRequest = null, identity, ...said }: Installed): void {
      const { version, origin } = said
      const [name, path] = [said.name.toWellFormed(), said.path.toWellFormed()]
      const itemId = itemIdOf({ surface, kind, path, version, name: identity?.toWellFormed() ?? name })
      items.push({ itemId, surface, kind, name, version, path, origin, detail, installedOnRequest, attributes: {} })
    },

    /** Names of the folders in one that a scan starts from, which may be a link. */
    folders: async (path: string, isWanted?: (name: string) => boolean): Promise<readonly string[]> =>
      await namesIn(path, isWanted, true),

    /** The same for a folder below that: were it a link, it could lead anywhere. */
    innerFolders: async (path: string, isWanted?: (name: string) => boolean): Promise<readonly string[]> =>
      await namesIn(path, isWanted, false),

    /** The text of a file that items are read from, or null; only a file that is there and cannot be read is amiss. */
    async text(path: string, reach: Reach = 'anywhere', mostBytes = mostPackageFileBytes): Promise<string | null> {
      const said = await read(path, reach, mostBytes, (reason) => miss(path, reason, 'file', 'unreadable'))
      return said.state === 'read' ? said.text : null
    },

    /** What a note said cannot be made out; what was known of the items at `about` still stands for a while. */
    doubt,

    /** While it is there and cannot be read, what was known of the items at `about` still stands. */
    note: async (path: string, mostBytes: number, about: readonly string[]): Promise<Note> =>
      await read(path, 'itself', mostBytes, (reason) => doubt(path, reason, about)),

    snapshot: (): Snapshot => ({ items: inOrder(items), issues, unseen }),
  }
}

export type InstalledGathering = ReturnType<typeof createInstalledGathering>
