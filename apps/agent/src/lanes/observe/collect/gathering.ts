// What a scan gathers from package files: items, issues, and what could not be seen, until it is one snapshot.
// Which files there are, and how each format is read, is for the surfaces.
import { garbled, isGarbled } from './garbled.ts'
import { inOrderOfGroups, itemsOf } from './package-group.ts'
import type { FoundIn, PackageItem } from './package-item.ts'
import { mostPackageFileBytes, readFileSafely, sentenceOf } from './read-file.ts'
import type { PackageReader, PackageReading } from './reading.ts'
import { type Issue, noteUnseen, type Snapshot, type Stamps, type Unseen } from './snapshot.ts'
import { stampOf } from './stamp.ts'
import { createTextPool } from './text-pool.ts'

export interface GatheringNeeds {
  readonly surface: string
  /** Once it is aborted no file is opened any more, and whoever asks for one is told why. */
  readonly signal: AbortSignal
  /** Real paths of what may be read; links that lead elsewhere are an issue. */
  readonly realRoots: readonly string[]
  /** The stamps of files that may be left unread. */
  readonly known: Stamps
  /** Of those, only these may have changed; without it, any. */
  readonly touched: ReadonlySet<string> | undefined
  readonly nowMs: () => number
  /** What was already known to be missing before any file was read. */
  readonly issues: readonly Issue[]
  readonly unseen: readonly Unseen[]
}

export interface PackageFile {
  readonly path: string
  readonly isLink: boolean
  readonly isNear: boolean
}

/** What the items of one kind of file have in common, and how it is read. */
export interface PackageFormat {
  readonly kind: string
  readonly origin: string
  readonly read: PackageReader
}

const byPath = (left: { readonly path: string }, right: { readonly path: string }): number =>
  left.path < right.path ? -1 : left.path > right.path ? 1 : 0

const remarksInto = (into: { readonly issues: Issue[]; readonly unseen: Unseen[] }) => ({
  remark: (path: string, reason: string): void => void into.issues.push({ path, reason }),

  /** Something is wrong with the file, and what was found in it before still stands. */
  fail: (path: string, reason: string): void =>
    noteUnseen(into, { path, reason, extent: 'file', because: 'unreadable' }),

  /** A limit kept the file from being read, so that what was found in it before still stands. */
  cutShort: (path: string, reason: string): void =>
    noteUnseen(into, { path, reason, extent: 'file', because: 'budget' }),
})

export const createGathering = ({ surface, signal, realRoots, known, touched, nowMs, ...before }: GatheringNeeds) => {
  const pool = createTextPool()
  const groups = new Map<string, PackageItem[]>()
  const issues = [...before.issues]
  const unseen = [...before.unseen]
  const stamps = new Map<string, string>()
  const unchanged = new Set<string>()
  const shared = new Set<string>()

  const { remark, fail, cutShort } = remarksInto({ issues, unseen })

  /**
   * The file's text, or null when there is none to be had: an issue unless the file is gone. Of a file that leads to
   * others, all that it led to in `folder` stands as well.
   */
  const textOf = async (
    { path, isLink }: Pick<PackageFile, 'path' | 'isLink'>,
    folder: string | null = null,
  ): Promise<string | null> => {
    signal.throwIfAborted()
    const text = await readFileSafely(path, isLink, { mostBytes: mostPackageFileBytes, realRoots })
    if (text.ok) return text.value
    if (text.refusal.code === 'file_gone') {
      if (isGarbled(path)) remark(path, garbled)
      return null
    }
    fail(path, sentenceOf(text.refusal.code))
    if (folder !== null) unseen.push({ path: folder, extent: 'tree', because: 'unreadable' })
    return null
  }

  /** Notes what a reader made of a file; false when something about it is amiss. */
  const take = (foundIn: Omit<FoundIn, 'surface'>, reading: PackageReading): boolean => {
    const { kind, path } = foundIn
    if (!reading.ok) {
      fail(path, reading.reason)
      return false
    }
    if (reading.oddEntries > 0) remark(path, `${reading.oddEntries} entries are not packages`)
    const key = `${kind}/${path}/`
    const taken = groups.get(key) ?? []
    groups.set(key, itemsOf({ surface, ...foundIn }, [...taken, ...reading.packages], pool))
    return reading.oddEntries === 0
  }

  const stampNow = async ({ path, isLink, isNear }: PackageFile): Promise<string | null> => {
    const before = touched === undefined || touched.has(path) ? undefined : known.get(path.toWellFormed())
    return before ?? (isLink ? null : await stampOf(path, isNear, nowMs()))
  }

  /**
   * Has the file read unless it is known to be as it was. `read` tells whether it could be read as a whole and says all
   * that is found at its path: only of such a file is a stamp evidence.
   */
  const gatherUnlessKnown = async (file: PackageFile, read: (path: string) => Promise<boolean>): Promise<void> => {
    const path = file.path.toWellFormed()
    const stamp = await stampNow(file)
    if (stamp !== null && known.get(path) === stamp && !shared.has(path)) {
      unchanged.add(path)
      stamps.set(path, stamp)
      return
    }
    if ((await read(path)) && stamp !== null && !shared.has(path)) stamps.set(path, stamp)
  }

  /** Reads a file that says all about its packages itself, unless it is known to be as it was. */
  const gather = (file: PackageFile, { kind, origin, read }: PackageFormat): Promise<void> =>
    gatherUnlessKnown(file, async (path) => {
      const text = await textOf({ ...file, path })
      return text !== null && take({ kind, path, origin }, read(text))
    })

  /** Another file tells of what is found at this path too, so that its own stamp is no evidence any more. */
  const share = (path: string): void => {
    shared.add(path)
    stamps.delete(path)
  }

  /** The files that were left unread and turned out to be shared; they are to be gathered once more. */
  const takeSharedBack = (): ReadonlySet<string> => {
    const taken = unchanged.intersection(shared)
    for (const path of taken) unchanged.delete(path)
    return taken
  }

  return {
    textOf,
    take,
    fail,
    remark,
    cutShort,
    gather,
    gatherUnlessKnown,
    share,
    takeSharedBack,
    snapshot: (): Snapshot => ({
      items: inOrderOfGroups(groups),
      // Files are read side by side, and an issue must not move from one scan to the next.
      issues: issues.toSorted(byPath),
      unseen: unseen.toSorted(byPath),
      unchanged,
      stamps,
    }),
  }
}

export type Gathering = ReturnType<typeof createGathering>
