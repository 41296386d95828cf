// Watches folders through the operating system and says which paths changed (sensor-agent 14.1, 14.7).
// What is worth watching is decide.ts; whom a change concerns is found out in the engine. A fault of a watch never ends
// the program: the surface is polled anyway.
import { type FSWatcher, lstatSync, watch } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from '../../../plain-fault.ts'
import { isWithin } from '../collect/path-prefix.ts'
import type { WatchPlan } from './decide.ts'
import { foldersBelow } from './folders.ts'
import { interestOf, isTree, type Level, levelOf, surfacesOf, type Tree, type Wanted, wantedOf } from './wanted.ts'

export interface WatcherNeeds {
  readonly plan: WatchPlan
  /** A path changed; null when the operating system does not say which. Of a folder, all below it may have changed. */
  readonly onChange: (path: string | null, isFolder: boolean) => void
  /** A folder that somebody cares about was moved, deleted or replaced. */
  readonly onRootChange: (path: string) => void
  /** These surfaces can only be polled from now on. */
  readonly onUnavailable: (surfaces: ReadonlySet<string>, reason: string) => void
  /** How many folders are watched at most; the system's own bound counts for all its programs together. */
  readonly mostFolders?: number
}

export interface Watcher {
  /** Resolves when everything is watched that can be. */
  readonly ready: Promise<void>
  close(): void
}

/** Beyond this, file events cost more memory than they are worth, and polling does the rest. */
const defaultMostFolders = 4_096

/**
 * One folder that is watched: for some names in it, or for everything as part of trees. There are thousands, so all that
 * is known of one lies on its watch, and as numbers where it can.
 */
interface Point extends FSWatcher {
  readonly world: World
  readonly folder: string
  /** Which folder this was when it was opened; another one may have its name by now. */
  readonly dev: number
  readonly ino: number
  names: readonly string[]
  levels: readonly Level[]
}

interface World extends WatcherNeeds {
  readonly wanted: readonly Wanted[]
  readonly points: Map<string, Point>
  readonly awaited: Map<string, Wanted[]>
  readonly unavailable: Set<string>
  /** What came, went and was replaced is followed one after the other: two at once would watch what the other left. */
  turns: Promise<void>
  isClosed: boolean
}

const nobody: readonly never[] = []

// macOS and Windows watch a whole tree at once; elsewhere each folder needs a watch of its own.
const isRecursive = process.platform === 'darwin' || process.platform === 'win32'

const giveUp = (world: World, surfaces: ReadonlySet<string>, reason: string): void => {
  const fresh = new Set([...surfaces].filter((surface) => !world.unavailable.has(surface)))
  for (const surface of fresh) world.unavailable.add(surface)
  if (fresh.size > 0) world.onUnavailable(fresh, reason)
}

const surfacesAt = ({ levels }: Point, world: World, folder: string): ReadonlySet<string> =>
  new Set([
    ...levels.flatMap(({ tree }) => [...surfacesOf(tree)]),
    ...world.plan.interests.filter(({ path }) => dirname(path) === folder).map(({ surface }) => surface),
  ])

type Kind = 'folder' | 'other' | null

/** In this thread, where opening a watch looks the path up too: most wishes are for what is not there. */
const kindAt = (path: string): Kind => {
  try {
    const state = lstatSync(path, { throwIfNoEntry: false })
    if (state === undefined) return null
    return state.isDirectory() ? 'folder' : 'other'
  } catch {
    return null
  }
}

const isThere = (path: string): boolean => kindAt(path) === 'folder'

const drop = (world: World, folder: string): void => {
  world.points.get(folder)?.close()
  world.points.delete(folder)
}

const fail = (point: Point): void => {
  const { world, folder } = point
  if (world.points.get(folder) !== point) return
  giveUp(world, surfacesAt(point, world, folder), 'a folder can no longer be watched')
  drop(world, folder)
}

/** What a watch says comes straight here. Node makes each a table of listeners, a quarter of its memory: all have one. */
function emit(this: FSWatcher, event: string | symbol, type: string, name: string | Buffer | null): boolean {
  const point = this as Point
  if (event === 'change') heard(point.world, point.folder, type, name === null ? null : String(name))
  if (event === 'error') fail(point)
  return true
}

const noListeners = Object.freeze({})

/** Read before the watch is opened, so that a folder replaced in between is taken for another, and watched once more. */
const createPoint = (world: World, folder: string, recursive: boolean): Point => {
  const { dev, ino } = lstatSync(folder)
  const opened = watch(folder, { recursive, persistent: false })
  const said = { world, folder, dev, ino, names: nobody, levels: nobody }
  return Object.assign(opened, said, { emit, _events: noListeners })
}

const isStill = ({ dev, ino }: Point, folder: string): boolean => {
  const now = lstatSync(folder)
  return now.dev === dev && now.ino === ino
}

const openPoint = (world: World, folder: string, recursive: boolean, wanted: Wanted): Point | null => {
  if (world.isClosed) return null
  try {
    const known = world.points.get(folder)
    if (known !== undefined && isStill(known, folder)) return known
    drop(world, folder)
    if (world.points.size >= (world.mostFolders ?? defaultMostFolders)) {
      giveUp(world, surfacesOf(wanted), 'there are more folders than are watched')
      return null
    }
    const point = createPoint(world, folder, recursive)
    if (known !== undefined) Object.assign(point, { names: known.names, levels: known.levels })
    world.points.set(folder, point)
    return point
  } catch (fault) {
    giveUp(world, surfacesOf(wanted), `a folder cannot be watched: ${(fault as NodeJS.ErrnoException).code}`)
    return null
  }
}

const addName = (point: Point | null, name: string): void => {
  if (point !== null && !point.names.includes(name)) point.names = [...point.names, name]
}

const addLevel = (point: Point | null, level: Level): void => {
  if (point === null) return
  const others = point.levels.filter(({ tree }) => tree !== level.tree)
  point.levels = others.length === 0 ? level.alone : [...others, level]
}

/** For a path that is not there yet, the nearest folder that is; it tells when the next part of the way appears. */
const awaitPath = async (world: World, wanted: Wanted): Promise<void> => {
  const { path, extent } = interestOf(wanted)
  let [missing, folder] = [path, dirname(path)]
  while (!isThere(folder)) {
    if (dirname(folder) === folder) return
    ;[missing, folder] = [folder, dirname(folder)]
  }
  addName(openPoint(world, folder, false, wanted), basename(missing))
  if (missing === path && extent === 'file') return
  world.awaited.set(missing, [...(world.awaited.get(missing) ?? []), wanted])
  // It may have come while its folder was being looked for, and then nobody tells of it.
  if (!world.isClosed && isThere(missing)) {
    await appeared(world, missing)
    world.onChange(missing, true)
  }
}

const watchTree = async (world: World, tree: Tree, from: string, depth: number): Promise<void> => {
  if (isRecursive) {
    addLevel(openPoint(world, from, true, tree), levelOf(tree, depth))
    return
  }
  for await (const found of foldersBelow(from, depth, interestOf(tree))) {
    const point = world.isClosed ? null : openPoint(world, found.path, false, tree)
    if (point === null) return
    addLevel(point, levelOf(tree, found.depth))
  }
}

const watchWanted = async (world: World, wanted: Wanted): Promise<void> => {
  const { path } = interestOf(wanted)
  if (isTree(wanted) && isThere(path)) await watchTree(world, wanted, path, 0)
  else await awaitPath(world, wanted)
}

const isInterest = ({ plan }: World, path: string): boolean => plan.interests.some((interest) => interest.path === path)

/** The folder itself went away, and all below it: what was meant by them is awaited again. */
const vanished = async (world: World, folder: string, { levels }: Point): Promise<void> => {
  for (const path of world.points.keys()) if (isWithin(path, folder)) drop(world, path)
  world.onChange(folder, true)
  const lost = world.wanted.filter((wanted) => isWithin(interestOf(wanted).path, folder))
  if (isInterest(world, folder)) world.onRootChange(folder)
  for (const wanted of lost) await watchWanted(world, wanted)
  if (world.isClosed || !isThere(folder)) return
  // It came back, or was replaced, before anything awaited it, and then nobody tells of it.
  for (const { tree, depth } of levels) await watchTree(world, tree, folder, depth)
  world.onChange(folder, true)
}

/** Whether an event of this name in a folder was about the folder itself and not about something in it. */
const isOfItself = (folder: string, name: string): boolean =>
  name === basename(folder) && kindAt(join(folder, name)) === null

const appeared = async (world: World, path: string): Promise<void> => {
  const wanted = world.awaited.get(path) ?? []
  world.awaited.delete(path)
  for (const one of wanted) await watchWanted(world, one)
}

/** A new folder in a tree is watched as the tree is; true when it was one. */
const grew = async (world: World, point: Point, path: string): Promise<boolean> => {
  if (point.levels.length === 0) return false
  const kind = kindAt(path)
  // Where one watch covers a tree, what is gone may have been a folder.
  if (kind !== 'folder') return isRecursive && kind === null
  for (const { tree, depth } of isRecursive ? [] : point.levels) {
    const { maxDepth = Number.POSITIVE_INFINITY, excludeDirectories = [] } = interestOf(tree)
    if (depth < maxDepth && !excludeDirectories.includes(basename(path))) await watchTree(world, tree, path, depth + 1)
  }
  return true
}

const isWanted = ({ names, levels }: Point, name: string): boolean =>
  names.includes(name) ||
  levels.some(({ tree }) => tree.members.some(({ wants }) => wants === undefined || wants(basename(name))))

const renamed = async (world: World, folder: string, name: string): Promise<void> => {
  const point = world.points.get(folder)
  if (world.isClosed || point === undefined) return
  const path = join(folder, name)
  if (isOfItself(folder, name)) return vanished(world, folder, point)
  if (world.awaited.has(path)) await appeared(world, path)
  const isFolder = (await grew(world, point, path)) || world.points.has(path)
  if (!world.isClosed && (isFolder || isWanted(point, name))) world.onChange(path, isFolder)
}

const inTurn = (world: World, work: () => Promise<void>): Promise<void> => {
  world.turns = world.turns.then(work).catch((fault: unknown) => {
    giveUp(world, world.plan.surfaces, `file events cannot be followed: ${reasonOf(fault)}`)
  })
  return world.turns
}

const heard = (world: World, folder: string, type: string, name: string | null): void => {
  const point = world.points.get(folder)
  if (world.isClosed || point === undefined) return
  if (name === null) {
    world.onChange(null, true)
    return
  }
  if (type === 'rename') {
    void inTurn(world, () => renamed(world, folder, name))
    return
  }
  const path = join(folder, name)
  const isFolder = world.points.has(path)
  if (isFolder || isWanted(point, name)) world.onChange(path, isFolder)
}

export const createWatcher = (needs: WatcherNeeds): Watcher => {
  const world: World = {
    ...needs,
    wanted: wantedOf(needs.plan),
    points: new Map(),
    awaited: new Map(),
    unavailable: new Set(),
    turns: Promise.resolve(),
    isClosed: false,
  }
  const begin = async (): Promise<void> => {
    for (const wanted of world.wanted) if (!world.isClosed) await watchWanted(world, wanted)
  }
  return {
    ready: inTurn(world, begin),
    close() {
      world.isClosed = true
      for (const folder of world.points.keys()) drop(world, folder)
    },
  }
}
