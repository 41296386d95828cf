// Looks through the home directory for files that tools leave behind, so that they are watched too (sensor-agent 14.6).
// It is the owner's to switch on, runs once per start, reads no file, and adds nothing to what collectors collect.
import type { Dirent } from 'node:fs'
import { opendir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { HomeSignalSettings } from '../../../configuration/watch-section.ts'
import { codeOf } from '../../../plain-fault.ts'
import { matchesGlob } from '../../../program/glob.ts'
import type { Issue } from '../collect/snapshot.ts'
import type { Wish } from './decide.ts'
import { surfacesConcerned } from './decide-signals.ts'

export interface HomeSignals {
  readonly wishes: readonly Wish[]
  readonly issues: readonly Issue[]
}

/** Folders of the platform that hold no project and cost a walk of a home its budget (sensor-agent 16). */
const prunedByPlatform: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['.cargo', '.rustup', 'snap', join('.local', 'share', 'Trash')],
  win32: ['AppData', 'OneDrive', '$Recycle.Bin'],
}

/** Names that are left out wherever they stand, and paths from the root that are. */
const isPruned = ({ pruned, settings }: Walk, path: string): boolean => {
  const own = prunedByPlatform[process.platform] ?? []
  return (
    pruned.has(basename(path)) ||
    own.some((folder) => path === join(settings.root, folder) || basename(path) === folder)
  )
}

interface Walk {
  readonly settings: HomeSignalSettings
  readonly signal: AbortSignal
  readonly startedMs: number
  readonly pruned: ReadonlySet<string>
  readonly names: ReadonlySet<string>
  readonly pending: { readonly path: string; readonly depth: number }[]
  readonly hits: string[]
  readonly issues: Issue[]
  directories: number
  files: number
}

const isExhausted = ({ settings: { initialScanBudget: budget }, directories, files, startedMs }: Walk): boolean =>
  directories >= budget.maxDirectoriesVisited ||
  files >= budget.maxFilesVisited ||
  performance.now() - startedMs > budget.maxWallClockSeconds * 1000

const isHit = ({ names, settings }: Walk, name: string): boolean =>
  names.has(name) || settings.signalFileGlobs.some((glob) => matchesGlob(glob, name))

const note = (walk: Walk, entry: Dirent, folder: string, depth: number): void => {
  const path = join(folder, entry.name)
  if (entry.isDirectory()) {
    if (depth < walk.settings.maxDepth && !isPruned(walk, path)) walk.pending.push({ path, depth: depth + 1 })
    return
  }
  walk.files += 1
  if (isHit(walk, entry.name)) walk.hits.push(path)
}

/** False when there was more in it than the budget allows to look at. */
const enter = async (walk: Walk, folder: string, depth: number): Promise<boolean> => {
  walk.directories += 1
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      walk.signal.throwIfAborted()
      if (walk.files >= walk.settings.initialScanBudget.maxFilesVisited) return false
      note(walk, entry, folder, depth)
    }
  } catch (fault) {
    walk.signal.throwIfAborted()
    if (codeOf(fault) !== 'ENOENT') walk.issues.push({ path: folder, reason: 'home scan: a folder cannot be read' })
  }
  return true
}

const wishesOf = (hits: readonly string[], surfaces: ReadonlySet<string>): readonly Wish[] => {
  const bySurface = Map.groupBy(
    hits.flatMap((path) => surfacesConcerned(path).map((surface) => ({ surface, path }))),
    ({ surface }) => surface,
  )
  return [...bySurface]
    .filter(([surface]) => surfaces.has(surface))
    .map(([surface, found]) => ({ surface, interests: found.map(({ path }) => ({ path, extent: 'file' as const })) }))
}

const rootIssue = async (root: string): Promise<Issue | null> => {
  try {
    return (await stat(root)).isDirectory() ? null : { path: root, reason: 'home scan: the root is not a folder' }
  } catch {
    return { path: root, reason: 'home scan: the root is not there' }
  }
}

/** What to watch beside what collectors ask for; nothing while it is switched off. Rejects when stopped. */
export const findHomeSignals = async (
  settings: HomeSignalSettings,
  surfaces: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<HomeSignals> => {
  const { enabled, root, eventPathFiltering, pruneDirectoryNames, signalFileNames } = settings
  if (!enabled) return { wishes: [], issues: [] }
  const missing = await rootIssue(root)
  if (missing !== null) return { wishes: [], issues: [missing] }
  const everywhere = { path: root, extent: 'tree', excludeDirectories: pruneDirectoryNames } as const
  if (!eventPathFiltering)
    return { wishes: [...surfaces].map((surface) => ({ surface, interests: [everywhere] })), issues: [] }
  const walk: Walk = {
    settings,
    signal,
    startedMs: performance.now(),
    pruned: new Set(pruneDirectoryNames),
    names: new Set(signalFileNames),
    pending: [{ path: root, depth: 0 }],
    hits: [],
    issues: [],
    directories: 0,
    files: 0,
  }
  for (let at = 0; at < walk.pending.length; at++) {
    signal.throwIfAborted()
    const { path, depth } = walk.pending[at] as (typeof walk.pending)[number]
    if (isExhausted(walk) || !(await enter(walk, path, depth))) {
      walk.issues.push({ path, reason: 'home scan: the budget is spent' })
      break
    }
  }
  return { wishes: wishesOf(walk.hits, surfaces), issues: walk.issues }
}
