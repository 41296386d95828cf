// Watches folders through the operating system and says which paths changed (sensor-agent 14.1, 14.7).
// What is worth watching is decide.ts; whom a change concerns is found out in the engine. A fault of a watch never ends
// the program: the surface is polled anyway.
import { type FSWatcher, lstatSync, watch } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { reasonOf } from '../../../plain-fault.ts'
import { isWithin } from '../collect/path-prefix.ts'
import type { SurfaceInterest, WatchPlan } from './decide.ts'
import { foldersBelow } from './folders.ts'

export interface WatcherNeeds {
  readonly plan: WatchPlan
  /** A path changed; null when the operating system does not say which. */
  readonly onChange: (path: string | null) => void
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

/** One folder that is watched: for some names in it, or for everything as part of a tree. */
interface Point {
  readonly watch: FSWatcher
  /** Which folder this was when it was opened; another one may have its name by now. */
  readonly identity: string
  readonly names: Set<string>
  readonly trees: Map<SurfaceInterest, number>
}

interface World extends WatcherNeeds {
  readonly points: Map<string, Point>
  readonly awaited: Map<string, SurfaceInterest[]>
  readonly unavailable: Set<string>
  /** What came, went and was replaced is followed one after the other: two at once would watch what the other left. */
  turns: Promise<void>
  isClosed: boolean
}

// macOS and Windows watch a whole tree at once; elsewhere each folder needs a watch of its own.
const isRecursive = process.platform === 'darwin' || process.platform === 'win32'

const giveUp = (world: World, surfaces: ReadonlySet<string>, reason: string): void => {
  const fresh = new Set([...surfaces].filter((surface) => !world.unavailable.has(surface)))
  for (const surface of fresh) world.unavailable.add(surface)
  if (fresh.size > 0) world.onUnavailable(fresh, reason)
}

const surfacesAt = ({ trees }: Point, world: World, folder: string): ReadonlySet<string> =>
  new Set([
    ...[...trees.keys()].map(({ surface }) => surface),
    ...world.plan.interests.filter(({ path }) => dirname(path) === folder).map(({ surface }) => surface),
  ])

const kindAt = async (path: string): Promise<'folder' | 'other' | null> => {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other'
  } catch {
    return null
  }
}

const isThere = async (path: string): Promise<boolean> => (await kindAt(path)) === 'folder'

const drop = (world: World, folder: string): void => {
  world.points.get(folder)?.watch.close()
  world.points.delete(folder)
}

const identityOf = (folder: string): string => {
  const { dev, ino } = lstatSync(folder)
  return `${dev}:${ino}`
}

/** Read before the watch is opened, so that a folder replaced in between is taken for another, and watched once more. */
const createPoint = (world: World, folder: string, recursive: boolean): Point => {
  const identity = identityOf(folder)
  const point: Point = {
    watch: watch(folder, { recursive, persistent: false }),
    identity,
    names: new Set(),
    trees: new Map(),
  }
  point.watch.on('change', (type, name) => heard(world, folder, type, name === null ? null : String(name)))
  point.watch.on('error', () => {
    if (world.points.get(folder) !== point) return
    giveUp(world, surfacesAt(point, world, folder), 'a folder can no longer be watched')
    drop(world, folder)
  })
  return point
}

const openPoint = (world: World, folder: string, recursive: boolean, surface: string): Point | null => {
  if (world.isClosed) return null
  try {
    const known = world.points.get(folder)
    if (known?.identity === identityOf(folder)) return known
    drop(world, folder)
    if (world.points.size >= (world.mostFolders ?? defaultMostFolders)) {
      giveUp(world, new Set([surface]), 'there are more folders than are watched')
      return null
    }
    const point = createPoint(world, folder, recursive)
    for (const name of known?.names ?? []) point.names.add(name)
    for (const [interest, depth] of known?.trees ?? []) point.trees.set(interest, depth)
    world.points.set(folder, point)
    return point
  } catch (fault) {
    giveUp(world, new Set([surface]), `a folder cannot be watched: ${(fault as NodeJS.ErrnoException).code}`)
    return null
  }
}

/** For a path that is not there yet, the nearest folder that is; it tells when the next part of the way appears. */
const awaitPath = async (world: World, interest: SurfaceInterest): Promise<void> => {
  let [missing, folder] = [interest.path, dirname(interest.path)]
  while (!(await isThere(folder))) {
    if (dirname(folder) === folder) return
    ;[missing, folder] = [folder, dirname(folder)]
  }
  openPoint(world, folder, false, interest.surface)?.names.add(basename(missing))
  if (missing === interest.path && interest.extent === 'file') return
  world.awaited.set(missing, [...(world.awaited.get(missing) ?? []), interest])
  // It may have come while its folder was being looked for, and then nobody tells of it.
  if (!world.isClosed && (await isThere(missing))) {
    await appeared(world, missing)
    world.onChange(missing)
  }
}

const watchTree = async (world: World, interest: SurfaceInterest, from: string, depth: number): Promise<void> => {
  if (isRecursive) {
    openPoint(world, from, true, interest.surface)?.trees.set(interest, depth)
    return
  }
  for await (const found of foldersBelow(from, depth, interest)) {
    const point = world.isClosed ? null : openPoint(world, found.path, false, interest.surface)
    if (point === null) return
    point.trees.set(interest, found.depth)
  }
}

const watchInterest = async (world: World, interest: SurfaceInterest): Promise<void> => {
  if (interest.extent === 'tree' && (await isThere(interest.path))) await watchTree(world, interest, interest.path, 0)
  else await awaitPath(world, interest)
}

const isInterest = ({ plan }: World, path: string): boolean => plan.interests.some((interest) => interest.path === path)

/** The folder itself went away, and all below it: what was meant by them is awaited again. */
const vanished = async (world: World, folder: string, { trees }: Point): Promise<void> => {
  for (const path of world.points.keys()) if (isWithin(path, folder)) drop(world, path)
  world.onChange(folder)
  const lost = world.plan.interests.filter(({ path }) => isWithin(path, folder))
  if (isInterest(world, folder)) world.onRootChange(folder)
  for (const interest of lost) await watchInterest(world, interest)
  if (world.isClosed || !(await isThere(folder))) return
  // It came back, or was replaced, before anything awaited it, and then nobody tells of it.
  for (const [interest, depth] of trees) await watchTree(world, interest, folder, depth)
  world.onChange(folder)
}

/** Whether an event of this name in a folder was about the folder itself and not about something in it. */
const isOfItself = async (folder: string, name: string): Promise<boolean> =>
  name === basename(folder) && (await kindAt(join(folder, name))) === null

const appeared = async (world: World, path: string): Promise<void> => {
  const wanted = world.awaited.get(path) ?? []
  world.awaited.delete(path)
  for (const interest of wanted) await watchInterest(world, interest)
}

/** A new folder in a tree is watched as the tree is; true when it was one. */
const grew = async (world: World, point: Point, path: string): Promise<boolean> => {
  if (isRecursive || point.trees.size === 0 || !(await isThere(path))) return false
  for (const [interest, depth] of point.trees) {
    const isEntered =
      depth < (interest.maxDepth ?? Number.POSITIVE_INFINITY) &&
      !(interest.excludeDirectories ?? []).includes(basename(path))
    if (isEntered) await watchTree(world, interest, path, depth + 1)
  }
  return true
}

const isWanted = (point: Point, name: string, path: string, world: World): boolean => {
  if (point.names.has(name) || world.points.has(path)) return true
  return [...point.trees.keys()].some(({ wants }) => wants === undefined || wants(basename(name)))
}

const renamed = async (world: World, folder: string, name: string): Promise<void> => {
  const point = world.points.get(folder)
  if (world.isClosed || point === undefined) return
  const path = join(folder, name)
  if (await isOfItself(folder, name)) return vanished(world, folder, point)
  if (world.awaited.has(path)) await appeared(world, path)
  const isFolder = await grew(world, point, path)
  if (!world.isClosed && (isFolder || isWanted(point, name, path, world))) world.onChange(path)
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
  if (name === null) world.onChange(null)
  else if (type === 'rename') void inTurn(world, () => renamed(world, folder, name))
  else if (isWanted(point, name, join(folder, name), world)) world.onChange(join(folder, name))
}

export const createWatcher = (needs: WatcherNeeds): Watcher => {
  const world: World = {
    ...needs,
    points: new Map(),
    awaited: new Map(),
    unavailable: new Set(),
    turns: Promise.resolve(),
    isClosed: false,
  }
  const begin = async (): Promise<void> => {
    for (const interest of needs.plan.interests) if (!world.isClosed) await watchInterest(world, interest)
  }
  return {
    ready: inTurn(world, begin),
    close() {
      world.isClosed = true
      for (const folder of world.points.keys()) drop(world, folder)
    },
  }
}
