// The surface javascriptPackages: what the lockfiles below the project roots pin (sensor-agent 6.7).
// So far npm's; another package manager is another reader in the table below.
import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { PayloadItem } from '@muster/contract'
import { discover, type FoundFile, type WalkBudget } from '../discover.ts'
import { itemIdOf } from '../item-id.ts'
import { mostPackageFileBytes, readFileSafely, sentenceOf } from '../read-file.ts'
import { type Collector, type Issue, inOrder, type Unseen } from '../snapshot.ts'
import { type LockfileReading, readNpmLockfile } from './npm-lockfile.ts'

export const JAVASCRIPT_SURFACE = 'javascriptPackages'

export interface JavascriptOrder {
  readonly roots: readonly string[]
  /** What the owner allows to be opened; roots and links that lead elsewhere are passed over. */
  readonly scanRoots: readonly string[]
  readonly maxDepth: number
  readonly excludeDirectories: readonly string[]
  readonly lockfileNames: readonly string[]
  readonly includeNpm: boolean
  readonly budget: WalkBudget
}

interface LockfileKind {
  readonly manager: string
  readonly read: (text: string) => LockfileReading
  /** A file beside it that says the same with more weight. */
  readonly shadowedBy?: string
}

const npm = { manager: 'npm', read: readNpmLockfile }

const lockfileKinds: Readonly<Record<string, LockfileKind>> = {
  'npm-shrinkwrap.json': npm,
  'package-lock.json': { ...npm, shadowedBy: 'npm-shrinkwrap.json' },
}

interface Gathered {
  readonly items: PayloadItem[]
  readonly issues: Issue[]
  readonly unseen: Unseen[]
}

const gather = async (file: FoundFile, realRoots: readonly string[], into: Gathered): Promise<void> => {
  const path = join(file.directory, file.name).toWellFormed()
  const kind = lockfileKinds[file.name]
  if (kind === undefined) return
  const fail = (reason: string): void => {
    into.issues.push({ path, reason })
    into.unseen.push({ path, extent: 'file', because: 'unreadable' })
  }
  const text = await readFileSafely(path, file.isLink, { mostBytes: mostPackageFileBytes, realRoots })
  if (!text.ok) {
    if (text.refusal.code !== 'file_gone') fail(sentenceOf(text.refusal.code))
    return
  }
  const reading = kind.read(text.value)
  if (!reading.ok) {
    fail(reading.reason)
    return
  }
  if (reading.oddEntries > 0) into.issues.push({ path, reason: `${reading.oddEntries} entries are not packages` })
  for (const { name, version, detail } of reading.packages) {
    const named = { surface: JAVASCRIPT_SURFACE, kind: 'package', path, name, version }
    into.items.push({
      itemId: itemIdOf(named),
      ...named,
      origin: kind.manager,
      detail,
      installedOnRequest: null,
      attributes: {},
    })
  }
}

const notShadowed = (files: readonly FoundFile[]): readonly FoundFile[] => {
  const found = new Set(files.map(({ directory, name }) => join(directory, name)))
  return files.filter(({ directory, name }) => {
    const stronger = lockfileKinds[name]?.shadowedBy
    return stronger === undefined || !found.has(join(directory, stronger))
  })
}

const realPaths = async (paths: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(paths.map((path) => realpath(path).catch(() => null)))).filter((path) => path !== null)

/** `order` is asked anew for every scan, because a policy can change it between two. */
export const createJavascriptPackages = (order: () => JavascriptOrder): Collector => ({
  surface: JAVASCRIPT_SURFACE,
  async collect(signal) {
    const { roots, scanRoots, maxDepth, excludeDirectories, lockfileNames, includeNpm, budget } = order()
    const startedMs = performance.now()
    const wanted = new Set(includeNpm ? lockfileNames : [])
    const realRoots = await realPaths(scanRoots)
    const discovery = await discover(
      {
        roots,
        realRoots,
        maxDepth,
        excludeDirectories,
        isWanted: (name) => wanted.has(name) && Object.hasOwn(lockfileKinds, name),
        budget,
        elapsedMs: () => performance.now() - startedMs,
      },
      signal,
    )
    const gathered: Gathered = { items: [], issues: [...discovery.issues], unseen: [...discovery.unseen] }
    for (const file of notShadowed(discovery.files)) {
      signal.throwIfAborted()
      await gather(file, realRoots, gathered)
    }
    return { ...gathered, items: inOrder(gathered.items) }
  },
})
