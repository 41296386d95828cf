// The frame of every surface that reads package files below the project roots: walk, gather, one snapshot.
// Which names a surface wants and what it reads in them is its own.
import { lstat } from 'node:fs/promises'
import { type Discovery, discover, type FoundFile, type WalkBudget, type WalkOrder } from './discover.ts'
import { realPaths } from './folder.ts'
import { createGathering, type Gathering } from './gathering.ts'
import { entryAt } from './path-prefix.ts'
import { renewed } from './renewed.ts'
import { keyOf, type Walk } from './shared-walk.ts'
import type { Collector, Interest } from './snapshot.ts'

export interface ProjectWalk {
  readonly roots: readonly string[]
  /** What the owner allows to be opened; roots and links that lead elsewhere are passed over. */
  readonly scanRoots: readonly string[]
  readonly maxDepth: number
  readonly excludeDirectories: readonly string[]
  readonly budget: WalkBudget
}

export interface PackageFilesNeeds {
  /** The wall clock, by which a file just written is told from one that settled. */
  readonly nowMs?: () => number
  /** Each surface walks for itself unless told to share. */
  readonly walk?: Walk
}

export interface PackageSurface<Order extends ProjectWalk> extends PackageFilesNeeds {
  readonly surface: string
  /** Asked anew for every scan, because a policy can change it between two. */
  readonly order: () => Order
  readonly isWanted: (fileName: string, order: Order) => boolean
  /** Reads one of the wanted files; `beside` tells whether the walk found another file in the same folder. */
  readonly read: (
    file: FoundFile,
    gathering: Gathering,
    order: Order,
    beside: (name: string) => boolean,
  ) => Promise<void>
}

/** One file is waited for while another is made sense of; more at once only hold more texts in memory. */
const filesAtOnce = 2

const forEach = async <T>(all: readonly T[], signal: AbortSignal, each: (one: T) => Promise<void>): Promise<void> => {
  const waiting = all.values()
  const work = async (): Promise<void> => {
    for (const one of waiting) {
      signal.throwIfAborted()
      await each(one)
    }
  }
  await Promise.all(Array.from({ length: filesAtOnce }, work))
}

export const pathOf = ({ directory, name, isLink, isNear }: FoundFile) => ({
  path: entryAt(directory, name),
  isLink,
  isNear,
})

const interestsOf = (
  { roots, maxDepth, excludeDirectories }: ProjectWalk,
  wants: (fileName: string) => boolean,
): readonly Interest[] => roots.map((path) => ({ path, extent: 'tree', maxDepth, excludeDirectories, wants }))

/** Made apart from the scan, so that whoever holds the order does not hold what was gathered for it. */
const walkOrder = <Order extends ProjectWalk>(
  order: Order,
  realRoots: readonly string[],
  isWanted: (fileName: string, order: Order) => boolean,
): WalkOrder => {
  const startedMs = performance.now()
  return {
    ...order,
    realRoots,
    isWanted: (name) => isWanted(name, order),
    elapsedMs: () => performance.now() - startedMs,
  }
}

/** Reading this much takes no longer than starting a process does. */
const lightBytes = 2_000_000

/** What the last walk found, and for which order. */
interface Walked {
  readonly key: string
  readonly discovery: Discovery
}

const isMore = async (files: readonly FoundFile[], mostBytes: number): Promise<boolean> => {
  let bytes = 0
  for (const { directory, name } of files) {
    bytes += await lstat(entryAt(directory, name)).then(
      ({ size }) => size,
      () => 0,
    )
    if (bytes > mostBytes) return true
  }
  return false
}

export const createPackageFiles = <Order extends ProjectWalk>({
  surface,
  nowMs = Date.now,
  walk = discover,
  order: ask,
  isWanted,
  read,
}: PackageSurface<Order>): Collector => {
  let last: Walked | null = null

  /** By a walk; or, where only some files changed since the last one, by looking at those. */
  const find = async (
    order: Order,
    realRoots: readonly string[],
    signal: AbortSignal,
    touched?: ReadonlySet<string>,
  ): Promise<Discovery> => {
    const walking = walkOrder(order, realRoots, isWanted)
    const key = keyOf(walking)
    const known = touched !== undefined && last?.key === key ? renewed(last.discovery, touched, walking) : null
    const discovery = known ?? (await walk(walking, signal))
    last = { key, discovery }
    return discovery
  }
  return {
    surface,
    interests() {
      const order = ask()
      return interestsOf(order, (name) => isWanted(name, order))
    },
    async isHeavy(signal) {
      const order = ask()
      const { files } = await find(order, await realPaths(order.scanRoots), signal)
      return isMore(files, lightBytes)
    },
    async collect(signal, known = new Map(), touched) {
      const order = ask()
      const realRoots = await realPaths(order.scanRoots)
      const { files, issues, unseen } = await find(order, realRoots, signal, touched)
      const found = new Set(files.map(({ directory, name }) => entryAt(directory, name)))
      const gathering = createGathering({ surface, signal, realRoots, known, touched, nowMs, issues, unseen })
      const readOne = (file: FoundFile): Promise<void> =>
        read(file, gathering, order, (name) => found.has(entryAt(file.directory, name)))
      await forEach(files, signal, readOne)
      for (let again = gathering.takeSharedBack(); again.size > 0; again = gathering.takeSharedBack()) {
        const meant = files.filter(({ directory, name }) => again.has(entryAt(directory, name).toWellFormed()))
        await forEach(meant, signal, readOne)
      }
      return gathering.snapshot()
    },
  }
}
