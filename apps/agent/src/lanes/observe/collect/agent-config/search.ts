// Looks for the files of a coding tool in one of its folders, within a budget and through no link (sensor-agent 5.1, 5.3).
// Project roots are walked by discover.ts; what is found is read by the collectors.
import type { Dirent } from 'node:fs'
import { opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../../plain-fault.ts'
import type { Reach } from '../door.ts'
import { enterFolder, mayStartAt } from '../folder.ts'
import { garbled, isGarbled } from '../garbled.ts'
import { type Issue, noteUnseen, type Unseen } from '../snapshot.ts'

export interface SearchLimits {
  /** Entries that are not hidden, of every kind. */
  readonly maxEntries: number
  /** Regular files, whatever their names. */
  readonly maxFiles: number
  readonly maxMs: number
}

/** For each folder that is searched (sensor-agent 5.1). */
export const searchLimits: SearchLimits = { maxEntries: 25_000, maxFiles: 5_000, maxMs: 10_000 }
/** For a plain listing, which only the scan's own time ends. */
export const listingLimits: SearchLimits = {
  maxEntries: 25_000,
  maxFiles: Number.POSITIVE_INFINITY,
  maxMs: Number.POSITIVE_INFINITY,
}

export interface SearchOrder {
  readonly folder: string
  readonly reach: Reach
  readonly isWanted: (fileName: string) => boolean
  readonly isRecursive: boolean
  /** Whether links, and all that is neither file nor folder, are issues rather than nothing. */
  readonly areOddEntriesTold: boolean
  readonly skippedFolders: readonly string[]
  readonly limits: SearchLimits
  /** Monotonic milliseconds since the search began. */
  readonly elapsedMs: () => number
}

export interface Search {
  /** Absolute paths, sorted. */
  readonly files: readonly string[]
  readonly issues: readonly Issue[]
  readonly unseen: readonly Unseen[]
}

interface Pending {
  readonly path: string
  readonly device: bigint | null
}

interface Progress {
  readonly order: SearchOrder
  readonly signal: AbortSignal
  readonly visited: Set<string>
  readonly pending: Pending[]
  readonly files: string[]
  readonly issues: Issue[]
  readonly unseen: Unseen[]
  entries: number
  regularFiles: number
}

const limitOf = ({ order: { limits, elapsedMs }, entries, regularFiles }: Progress): string | null => {
  if (entries > limits.maxEntries) return `entry limit reached: ${limits.maxEntries} entries`
  if (regularFiles > limits.maxFiles) return `file limit reached: ${limits.maxFiles} files`
  return elapsedMs() > limits.maxMs ? `time limit reached: ${limits.maxMs / 1000} s` : null
}

// Folders that macOS shows as one document; nobody keeps rules or skills in them.
const bundle = /\.(app|appex|bundle|framework|kext|plugin|xpc)$/i

export const isBundle = (name: string, platform: NodeJS.Platform = process.platform): boolean =>
  platform === 'darwin' && bundle.test(name)

const isEntered = ({ order }: Progress, name: string): boolean =>
  order.isRecursive && !order.skippedFolders.includes(name) && !isBundle(name)

const note = (progress: Progress, entry: Dirent, folder: string, device: bigint): void => {
  const { order, pending, files, issues } = progress
  const path = join(folder, entry.name)
  if (entry.isDirectory()) {
    if (isEntered(progress, entry.name)) pending.push({ path, device })
  } else if (entry.isFile()) {
    progress.regularFiles += 1
    if (order.isWanted(entry.name) && limitOf(progress) === null) files.push(path)
  } else if (order.areOddEntriesTold) issues.push({ path, reason: 'not a regular file' })
}

const refuse = (progress: Progress, path: string, reason: string): void =>
  noteUnseen(progress, { path, reason, extent: 'tree', because: 'unreadable' })

/** The limit that ended the search in this folder, or null when it was seen to its end. */
const look = async (progress: Progress, { path, device: above }: Pending): Promise<string | null> => {
  const entry = await enterFolder(path, above, progress.visited)
  if (entry.state === 'refused') refuse(progress, path, entry.reason)
  else if (entry.state === 'absent' && isGarbled(path)) refuse(progress, path, garbled)
  if (entry.state !== 'entered') return null
  try {
    for await (const inner of await opendir(path, { bufferSize: 256 })) {
      progress.signal.throwIfAborted()
      if (inner.name.startsWith('.')) continue
      progress.entries += 1
      note(progress, inner, path, entry.device)
      const limit = limitOf(progress)
      if (limit !== null) return limit
    }
  } catch (fault) {
    progress.signal.throwIfAborted()
    if (codeOf(fault) !== 'ENOENT') refuse(progress, path, `cannot be enumerated: ${codeOf(fault)}`)
  }
  return null
}

const begin = (order: SearchOrder, signal: AbortSignal): Progress => ({
  order,
  signal,
  visited: new Set(),
  pending: [{ path: order.folder, device: null }],
  files: [],
  issues: [],
  unseen: [],
  entries: 0,
  regularFiles: 0,
})

/** A missing folder is nothing, a file in its place an issue. Rejects with the signal's reason when stopped. */
export const search = async (order: SearchOrder, signal: AbortSignal): Promise<Search> => {
  const progress = begin(order, signal)
  const start = await mayStartAt(order.folder, order.reach)
  if (start === null) return progress
  if (start.reason !== null) {
    refuse(progress, order.folder, start.reason)
    return progress
  }
  for (;;) {
    signal.throwIfAborted()
    const folder = progress.pending.pop()
    if (folder === undefined) break
    const limit = limitOf(progress) ?? (await look(progress, folder))
    if (limit === null) continue
    noteUnseen(progress, { path: order.folder, reason: limit, extent: 'tree', because: 'budget' })
    break
  }
  return { files: progress.files.toSorted(), issues: progress.issues, unseen: progress.unseen }
}
