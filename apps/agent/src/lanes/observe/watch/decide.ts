// What is watched for which surface, and whom a change concerns (sensor-agent 14.1, 14.2). Pure.
// Watching itself is watcher.ts; which folders exist is found out there.
import { basename, normalize, sep } from 'node:path'
import { isWithin } from '../collect/path-prefix.ts'
import type { Interest } from '../collect/snapshot.ts'

export interface SurfaceInterest extends Interest {
  readonly surface: string
}

export interface WatchPlan {
  /** Sorted by path; of equal wishes of one surface only one. */
  readonly interests: readonly SurfaceInterest[]
  readonly surfaces: ReadonlySet<string>
}

export interface Wish {
  readonly surface: string
  readonly interests: readonly Interest[]
}

const cleaned = (path: string): string => {
  const plain = normalize(path)
  return plain.length > 1 && plain.endsWith(sep) ? plain.slice(0, -1) : plain
}

export const decidePlan = (wishes: readonly Wish[]): WatchPlan => {
  const byKey = new Map<string, SurfaceInterest>()
  for (const { surface, interests } of wishes)
    for (const interest of interests) {
      const path = cleaned(interest.path)
      const key = `${path}\n${surface}\n${interest.extent}\n${interest.maxDepth ?? ''}`
      if (!path.includes('\0') && !byKey.has(key)) byKey.set(key, { ...interest, path, surface })
    }
  const interests = [...byKey.values()].toSorted((left, right) => (left.path < right.path ? -1 : 1))
  return { interests, surfaces: new Set(wishes.map(({ surface }) => surface)) }
}

/** How many different paths each surface cares about, for its health. */
export const pathCounts = ({ interests, surfaces }: WatchPlan): ReadonlyMap<string, number> => {
  const paths = Map.groupBy(interests, ({ surface }) => surface)
  return new Map([...surfaces].map((surface) => [surface, new Set(paths.get(surface)?.map(({ path }) => path)).size]))
}

/** Whether a walk of the tree would come by this path: not too deep, and through no folder that is left out. */
export const isInTree = (
  { path: root, extent, maxDepth, excludeDirectories = [] }: Interest,
  path: string,
): boolean => {
  if (path === root) return true
  if (extent !== 'tree' || !isWithin(path, root)) return false
  const way = path
    .slice(root.length)
    .split(sep)
    .filter((part) => part !== '')
  const folders = way.slice(0, -1)
  return (
    folders.length <= (maxDepth ?? Number.POSITIVE_INFINITY) &&
    !folders.some((name) => excludeDirectories.includes(name))
  )
}

const isRead = ({ path: root, wants }: Interest, path: string): boolean =>
  path === root || wants === undefined || wants(basename(path))

/**
 * The surfaces that a change at this path concerns: it is one of theirs, lies below one, or is a folder on the way to
 * one, which came or went. What is known to be a file concerns only those that read files of its name.
 */
export const route = ({ interests }: WatchPlan, path: string, isFolder = true): ReadonlySet<string> =>
  new Set(
    interests
      .filter(
        (interest) =>
          (isInTree(interest, path) && (isFolder || isRead(interest, path))) || isWithin(interest.path, path),
      )
      .map(({ surface }) => surface),
  )

/** Why surfaces are to be scanned, from the least to the most worrying. */
export const SIGNAL_REASONS = ['changed', 'root_changed', 'dropped'] as const
export type SignalReason = (typeof SIGNAL_REASONS)[number]

/** Files that changed, by their paths; null when anything may have. */
export type Touched = ReadonlySet<string> | null

export interface Signal {
  readonly surfaces: ReadonlySet<string>
  readonly reason: SignalReason
  readonly touched: Touched
}

/** Beyond this, looking at everything costs no more. */
const mostTouched = 64

export const mergeTouched = (left: Touched, right: Touched): Touched => {
  const both = left === null || right === null ? null : left.union(right)
  return both !== null && both.size <= mostTouched ? both : null
}

/** No surface is lost, and the worse reason is kept (sensor-agent 14.2). */
export const mergeSignals = (left: Signal, right: Signal): Signal => ({
  surfaces: new Set([...left.surfaces, ...right.surfaces]),
  reason: SIGNAL_REASONS.indexOf(left.reason) >= SIGNAL_REASONS.indexOf(right.reason) ? left.reason : right.reason,
  touched: mergeTouched(left.touched, right.touched),
})

const sentences: Record<Exclude<SignalReason, 'changed'>, string> = {
  root_changed: 'a watched folder was moved, deleted or replaced',
  dropped: 'file events were dropped',
}

/** What a surface's health says of it; null for an ordinary change. */
export const watchIssueOf = (reason: SignalReason): string | null => (reason === 'changed' ? null : sentences[reason])

/** Never later than ten times the quiet time after the first of a row of changes (sensor-agent 14.3). */
export const decideQuietMs = (firstMs: number, nowMs: number, debounceMs: number): number =>
  Math.max(0, Math.min(debounceMs, firstMs + 10 * debounceMs - nowMs))
