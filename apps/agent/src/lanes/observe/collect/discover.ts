// Walks the project roots for files of given names, within a budget, following no linked folder (sensor-agent 5.1, 5.3).
// Reading what it finds is for the collectors.
import { type Dirent, readdirSync } from 'node:fs'
import { opendir, readdir, realpath } from 'node:fs/promises'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { codeOf } from '../../../plain-fault.ts'
import { type Entry, enterFolder, enterFolderNow } from './folder.ts'
import { garbled, isGarbled } from './garbled.ts'
import { isForeignFileSystem } from './mount.ts'
import { entryAt, isWithin } from './path-prefix.ts'
import { type Issue, noteUnseen, type Unseen } from './snapshot.ts'

export interface WalkBudget {
  readonly maxDirectories: number
  readonly maxFiles: number
  readonly maxMs: number
}

/** For one scan, all roots together (sensor-agent 5.1). */
export const discoveryBudget: WalkBudget = { maxDirectories: 20_000, maxFiles: 5_000, maxMs: 30_000 }

export interface WalkOrder {
  readonly roots: readonly string[]
  /** A root that is a link is walked only if it leads to somewhere below one of these real paths. */
  readonly realRoots: readonly string[]
  readonly maxDepth: number
  readonly excludeDirectories: readonly string[]
  readonly isWanted: (fileName: string) => boolean
  readonly budget: WalkBudget
  /** Monotonic milliseconds. */
  readonly elapsedMs: () => number
}

export interface FoundFile {
  readonly directory: string
  readonly name: string
  readonly isLink: boolean
  /** On a disk of this computer, which answers in microseconds. */
  readonly isNear: boolean
}

export interface Discovery {
  readonly files: readonly FoundFile[]
  readonly issues: readonly Issue[]
  readonly unseen: readonly Unseen[]
}

interface Pending {
  readonly path: string
  readonly depth: number
  /** The device of the folder above; null for a root. */
  readonly device: bigint | null
  /** Whether the folder above lies on a disk of this computer; a root is asked first. */
  readonly isNear: boolean
}

interface Walk {
  readonly order: WalkOrder
  readonly signal: AbortSignal
  readonly excluded: ReadonlySet<string>
  readonly visited: Set<string>
  readonly pending: Pending[]
  readonly files: FoundFile[]
  readonly issues: Issue[]
  readonly unseen: Unseen[]
  /** Folders that are being read before it is their turn, so that a cold disk is not waited for one by one. */
  readonly ahead: Map<Pending, Promise<Loaded>>
  directories: number
}

/** A folder's entries, unless it may not be entered or is too large to be held as a whole. */
interface Loaded {
  readonly entry: Entry
  /** What it is by device and number, whatever path led to it. */
  readonly key: string | null
  readonly entries: readonly Dirent[] | null
  readonly fault: unknown
}

const mostAhead = 8

/** So long may a walk keep the thread before others have their turn. */
const mostTurnMs = 10

/** A list of names of this size is read piece by piece; Windows does not tell, so there it always is. */
const largeBytes = process.platform === 'win32' ? 0 : 262_144

/** Says nothing of whether the folder was seen before: that depends on whose turn comes first, not on who is quicker. */
const load = async ({ path, device }: Pending): Promise<Loaded> => {
  const keys = new Set<string>()
  const entry = await enterFolder(path, device, keys)
  const [key = null] = keys
  if (entry.state !== 'entered' || entry.sizeBytes >= largeBytes) return { entry, key, entries: null, fault: null }
  try {
    return { entry, key, entries: await readdir(path, { withFileTypes: true }), fault: null }
  } catch (fault) {
    return { entry, key, entries: [], fault }
  }
}

/**
 * As `load`, in this thread: a folder whose names are in memory takes a fifth of the time that way, and a poll goes
 * through thousands. Null for what may take long: a large folder, another file system, a disk that is not near.
 */
const loadNow = ({ path, device, isNear }: Pending): Loaded | null => {
  if (device === null || !isNear) return null
  const keys = new Set<string>()
  const entry = enterFolderNow(path, device, keys)
  const [key = null] = keys
  if (entry?.state !== 'entered') return entry && { entry, key, entries: null, fault: null }
  if (entry.sizeBytes >= largeBytes) return null
  try {
    return { entry, key, entries: readdirSync(path, { withFileTypes: true }), fault: null }
  } catch (fault) {
    return { entry, key, entries: [], fault }
  }
}

/** The next folder, loaded; where that takes waiting, those after it are begun. */
const loadNext = (walk: Walk, folder: Pending): Promise<Loaded> | Loaded => {
  const loadedNow = loadNow(folder)
  if (loadedNow !== null) return loadedNow
  for (const next of [folder, ...walk.pending.slice(-mostAhead).reverse()]) {
    if (walk.ahead.size < mostAhead && !walk.ahead.has(next)) walk.ahead.set(next, load(next))
  }
  const loaded = walk.ahead.get(folder) ?? load(folder)
  walk.ahead.delete(folder)
  return loaded
}

const limitReason = 'project discovery reached its limit'

const isExhausted = ({ order, directories, files }: Walk): boolean =>
  directories >= order.budget.maxDirectories ||
  files.length > order.budget.maxFiles ||
  order.elapsedMs() > order.budget.maxMs

const report = (walk: Walk, path: string, reason: string): void =>
  noteUnseen(walk, { path, reason, extent: 'tree', because: 'unreadable' })

/** What disappeared meanwhile is nothing to tell. */
const reportUnlisted = (walk: Walk, path: string, fault: unknown): void => {
  if (codeOf(fault) !== 'ENOENT') report(walk, path, `cannot be enumerated: ${codeOf(fault)}`)
}

const note = (walk: Walk, entry: Dirent, { path, depth, isNear }: Pending, device: bigint): Pending | null => {
  if (entry.isDirectory()) {
    const isEntered = depth < walk.order.maxDepth && !walk.excluded.has(entry.name)
    return isEntered ? { path: entryAt(path, entry.name), depth: depth + 1, device, isNear } : null
  }
  if ((entry.isFile() || entry.isSymbolicLink()) && walk.order.isWanted(entry.name)) {
    walk.files.push({ directory: path, name: entry.name, isLink: entry.isSymbolicLink(), isNear })
  }
  return null
}

const enter = async (walk: Walk, folder: Pending): Promise<void> => {
  const { entry, key, entries, fault: unread } = await loadNext(walk, folder)
  if (entry.state === 'refused') report(walk, folder.path, entry.reason)
  else if (entry.state === 'absent' && isGarbled(folder.path)) walk.issues.push({ path: folder.path, reason: garbled })
  if (entry.state !== 'entered' || key === null || walk.visited.has(key)) return
  walk.visited.add(key)
  walk.directories += 1
  if (unread !== null) return reportUnlisted(walk, folder.path, unread)
  const below: Pending[] = []
  try {
    for await (const inner of entries ?? (await opendir(folder.path, { bufferSize: 256 }))) {
      walk.signal.throwIfAborted()
      const next = note(walk, inner, folder, entry.device)
      if (next !== null) below.push(next)
      if (walk.order.elapsedMs() > walk.order.budget.maxMs || walk.files.length > walk.order.budget.maxFiles) {
        walk.pending.push(folder)
        return
      }
    }
  } catch (fault) {
    walk.signal.throwIfAborted()
    reportUnlisted(walk, folder.path, fault)
  }
  // The stack is taken from its end, so the first name in order goes on last.
  walk.pending.push(...below.toSorted((left, right) => (left.path < right.path ? 1 : -1)))
}

const isInside = async (walk: Walk, root: string): Promise<boolean> => {
  try {
    const target = await realpath(root)
    if (walk.order.realRoots.some((real) => isWithin(target, real))) return true
    walk.issues.push({ path: root, reason: 'a root that leads outside what the owner allows' })
  } catch (fault) {
    if (codeOf(fault) !== 'ENOENT') report(walk, root, `cannot be inspected: ${codeOf(fault)}`)
  }
  return false
}

/** On macOS and Windows a far disk cannot be told from a near one, so there every folder is waited for. */
const isNear = async (path: string): Promise<boolean> =>
  process.platform === 'linux' && !(await isForeignFileSystem(path).catch(() => true))

const pushRoots = async (walk: Walk): Promise<void> => {
  const inside: Pending[] = []
  for (const path of new Set(walk.order.roots)) {
    if (await isInside(walk, path)) inside.push({ path, depth: 0, device: null, isNear: await isNear(path) })
  }
  // A root inside another is walked before it, because it reaches deeper than the other would from above.
  walk.pending.push(...inside.toSorted((left, right) => left.path.length - right.path.length))
}

/** Sorted by folder and name together. */
export const inOrderOfPaths = (files: readonly FoundFile[]): readonly FoundFile[] =>
  files
    .map((file) => ({ file, path: entryAt(file.directory, file.name) }))
    .toSorted((left, right) => (left.path < right.path ? -1 : 1))
    .map(({ file }) => file)

/** Every wanted file below the roots, sorted by folder and name. A missing root is nothing; rejects when stopped. */
export const discover = async (order: WalkOrder, signal: AbortSignal): Promise<Discovery> => {
  const walk: Walk = {
    order,
    signal,
    excluded: new Set(order.excludeDirectories),
    visited: new Set(),
    pending: [],
    files: [],
    issues: [],
    unseen: [],
    ahead: new Map(),
    directories: 0,
  }
  await pushRoots(walk)
  let turnMs = performance.now()
  while (walk.pending.length > 0) {
    if (performance.now() - turnMs > mostTurnMs) {
      await nextTurn()
      turnMs = performance.now()
    }
    signal.throwIfAborted()
    if (isExhausted(walk)) break
    const folder = walk.pending.pop()
    if (folder !== undefined) await enter(walk, folder)
  }
  if (walk.pending.length > 0) {
    walk.issues.push({ path: walk.pending.at(-1)?.path ?? '', reason: limitReason })
    walk.unseen.push(...walk.pending.map(({ path }) => ({ path, extent: 'tree', because: 'budget' }) as const))
  }
  const files = inOrderOfPaths(walk.files.slice(0, order.budget.maxFiles))
  return { files, issues: walk.issues, unseen: walk.unseen }
}
