// What one scan of a coding tool's configuration gathers: items, and why something could not be seen (sensor-agent 5.2).
// Which files there are is each collector's; how they are opened is door.ts.
import { createHash } from 'node:crypto'
import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { PayloadItem } from '@muster/contract/device'
import type { ConcealedReading } from '../disclosure/read-concealed.ts'
import { type Reach, sentenceOf, type Unread } from '../door.ts'
import { garbled, isGarbled } from '../garbled.ts'
import { hashFile, mostAgentFileBytes } from '../hash-file.ts'
import { itemIdOf } from '../item-id.ts'
import { readBytesSafely } from '../read-file.ts'
import { isMapping } from '../reading.ts'
import { type Issue, inOrder, noteUnseen, type Snapshot, type Unseen } from '../snapshot.ts'
import { readMcpServers } from './mcp-servers.ts'
import { listingLimits, type SearchOrder, search, searchLimits } from './search.ts'

/** A path and how far it may lead. */
export interface Place {
  readonly path: string
  readonly reach: Reach
}

export interface Sighting {
  readonly kind: string
  readonly name: string
  readonly path: string
  readonly origin: string
  /** What rules inspect: a command line, a URL, or a file's hash. */
  readonly detail: string | null
}

export type DocumentReading =
  | { readonly state: 'absent' }
  /** Whether it is there is not known of what lies below a folder that lets nobody look. */
  | { readonly state: 'unread'; readonly isThere: boolean }
  | { readonly state: 'malformed'; readonly hash: string }
  | { readonly state: 'read'; readonly hash: string; readonly value: unknown; readonly text: string }

export interface Language {
  readonly name: 'JSON' | 'TOML'
  readonly read: (bytes: Buffer) => ConcealedReading
}

export interface FolderSearch extends Place {
  readonly isWanted: (fileName: string) => boolean
  readonly skippedFolders?: readonly string[]
}

export type Walk = Pick<SearchOrder, 'isRecursive' | 'areOddEntriesTold' | 'limits'>

/** The walks that coding tools' folders are searched by (sensor-agent 5.1, 5.3). */
export const deepSearch: Walk = { isRecursive: true, areOddEntriesTold: false, limits: searchLimits }
export const plainListing: Walk = { isRecursive: false, areOddEntriesTold: false, limits: listingLimits }

const mostNamed = 80

/** Of what was refused for what it is, that it is there was seen; and what lies elsewhere is not asked for. */
const isThere = async (path: string, why: Unread): Promise<boolean> =>
  why !== 'file_unreadable' ||
  (await lstat(path).then(
    () => true,
    () => false,
  ))

export const createConfigGathering = (surface: string, signal: AbortSignal) => {
  const items: PayloadItem[] = []
  const issues: Issue[] = []
  const unseen: Unseen[] = []

  const add = ({ kind, name, path, origin, detail }: Sighting): void => {
    const of = { surface, kind, path: path.toWellFormed(), name: name.toWellFormed(), version: null }
    items.push({ itemId: itemIdOf(of), ...of, origin, detail, installedOnRequest: null, attributes: {} })
  }

  /** What was known of the file still stands for a while. */
  const miss = (path: string, reason: string): void =>
    noteUnseen({ issues, unseen }, { path, reason, extent: 'file', because: 'unreadable' })

  return {
    add,
    miss,

    /** The same for everything in a folder. */
    missTree(path: string, reason: string): void {
      noteUnseen({ issues, unseen }, { path, reason, extent: 'tree', because: 'unreadable' })
    },

    /** Something is odd, and nothing that was known is in doubt. */
    warn(path: string, reason: string): void {
      issues.push({ path, reason })
    },

    /** The file as a value of which only what the language's reader discloses was ever a text. */
    async document({ path, reach }: Place, { name, read }: Language): Promise<DocumentReading> {
      signal.throwIfAborted()
      const bytes = await readBytesSafely(path, reach, mostAgentFileBytes)
      if (!bytes.ok) {
        if (bytes.refusal.code === 'file_gone') return { state: 'absent' }
        miss(path, sentenceOf(bytes.refusal.code))
        return { state: 'unread', isThere: await isThere(path, bytes.refusal.code) }
      }
      const hash = createHash('sha256').update(bytes.value).digest('hex')
      const reading = read(bytes.value)
      bytes.value.fill(0)
      if (reading.ok) return { state: 'read', hash, value: reading.value, text: reading.text }
      miss(path, `is not ${name}`)
      return { state: 'malformed', hash }
    },

    /**
     * One item for the file itself; it is kept without a detail when it exists and cannot be hashed. Below a folder that
     * lets nobody look, nobody knows whether it exists, and only what was known of it stands.
     */
    async file(place: Place, of: Pick<Sighting, 'kind' | 'origin'> & { readonly name?: string }): Promise<void> {
      signal.throwIfAborted()
      const { path, reach } = place
      const hash = await hashFile(path, reach)
      if (!hash.ok && hash.refusal.code === 'file_gone') {
        if (isGarbled(path)) issues.push({ path, reason: garbled })
        return
      }
      if (!hash.ok) {
        const reason = `its hash is not available: ${sentenceOf(hash.refusal.code)}`
        if (hash.refusal.code !== 'file_unreadable') issues.push({ path, reason })
        else miss(path, reason)
        if (!(await isThere(path, hash.refusal.code))) return
      }
      add({ name: basename(path), ...of, path, detail: hash.ok ? hash.value : null })
    },

    /** One item per server; `entries` is whatever stands where the servers should (sensor-agent 7). */
    mcpServers(path: string, entries: unknown): void {
      if (entries === undefined || entries === null) return
      if (!isMapping(entries)) {
        miss(path, 'its MCP servers are not a mapping')
        return
      }
      const { servers, oddNames } = readMcpServers(entries)
      for (const server of servers) add({ kind: 'mcpServer', path, ...server })
      const [first, ...others] = oddNames
      if (first === undefined) return
      const and = others.length === 0 ? '' : ` and ${others.length} more`
      issues.push({ path, reason: `not an MCP server: "${first.slice(0, mostNamed).toWellFormed()}"${and}` })
    },

    /** Paths of files in the folder, sorted. */
    async find({ path, reach, isWanted, skippedFolders = [] }: FolderSearch, walk: Walk): Promise<readonly string[]> {
      const startedMs = performance.now()
      const elapsedMs = (): number => performance.now() - startedMs
      const order = { folder: path, reach, isWanted, skippedFolders, elapsedMs, ...walk }
      const found = await search(order, signal)
      issues.push(...found.issues)
      unseen.push(...found.unseen)
      return found.files
    },

    snapshot: (): Snapshot => ({ items: inOrder(items), issues, unseen }),
  }
}

export type ConfigGathering = ReturnType<typeof createConfigGathering>
