// What a bundle changes about what the owner configured, and what it never may (sensor-agent 3.6, ARCHITECTURE 6). Pure.
// Fetching and keeping bundles is policy.ts.
import { parse } from 'node:path'
import { absolutePath } from '../../../configuration/absolute-path.ts'
import type { Ceiling, ObserveSettings } from '../../../configuration/configuration.ts'
import type { HomeSignalSettings } from '../../../configuration/watch-section.ts'
import { isWithin } from '../collect/path-prefix.ts'
import type { Bundle } from './bundle.ts'

export interface Effective {
  readonly settings: ObserveSettings
  /** Roots the bundle names and this machine does not open for it. */
  readonly refusedRoots: readonly string[]
}

interface Bounds {
  readonly least: number
  readonly most: number
}

/** sensor-protocol 14.2; a policy is held to them although the server should already have been. */
const bounds = {
  debounceMilliseconds: { least: 100, most: 60_000 },
  pollIntervalSeconds: { least: 30, most: 86_400 },
  maxScanWallClockSeconds: { least: 5, most: 600 },
  maxFreshScanAgeSeconds: { least: 60, most: 604_800 },
  maxDepth: { least: 0, most: 16 },
  maxBatchBytes: { least: 65_536, most: 8_388_608 },
  maxBatchEvents: { least: 1, most: 5_000 },
} as const satisfies Record<string, Bounds>

const clamp = (name: keyof typeof bounds, value: number): number =>
  Math.min(Math.max(value, bounds[name].least), bounds[name].most)

const mostRoots = 64
const mostExcluded = 256

/** `/`, a drive, the home directory and what contains it are never a policy's to name. */
const isTooWide = (root: string, home: string): boolean => root === parse(root).root || isWithin(home, root)

/**
 * What of one root may be opened: the part of it inside the owner's roots. A root that is too wide, or outside the home
 * directory, counts only where the owner's own ceiling names it.
 */
const allowedPart = (root: string, home: string, ceiling: Ceiling): readonly string[] => {
  if (ceiling.isExplicit && ceiling.scanRoots.includes(root)) return [root]
  if (isTooWide(root, home)) return []
  return ceiling.scanRoots.flatMap((owned) => {
    if (isWithin(root, owned)) return [root]
    return isWithin(owned, root) ? [owned] : []
  })
}

const decideRoots = (asked: readonly string[], { home, watch, ceiling }: ObserveSettings) => {
  const parts = asked.slice(0, mostRoots).map((path) => {
    const root = absolutePath(path, { base: home, home })
    return { root, allowed: path.includes('\0') ? [] : allowedPart(root, home, ceiling) }
  })
  const allowed = [...new Set(parts.flatMap((part) => part.allowed))]
  const refusedRoots = parts.filter((part) => part.allowed.length === 0).map(({ root }) => root)
  // A policy made for other machines names nothing that is open here: the owner's roots stay, rather than all vanish.
  const isForeign = allowed.length === 0 && asked.length > 0
  return { projectRoots: isForeign ? watch.projectRoots : allowed, refusedRoots }
}

/**
 * A policy may look for signals only where the owner lets it scan, or where his own file looks for them already; links
 * are never followed and events always filtered for it.
 */
const decideSignals = (asked: HomeSignalSettings, { home, watch, ceiling }: ObserveSettings): HomeSignalSettings => {
  const root = absolutePath(asked.root, { base: home, home })
  const own = watch.homeSignalScan
  const isOwn = own.enabled && own.root === root
  const isAllowed = isOwn || allowedPart(root, home, ceiling).includes(root)
  return { ...asked, root, enabled: asked.enabled && isAllowed, followSymlinks: false, eventPathFiltering: true }
}

/** No surface is to look stale between two polls. */
const freshForSeconds = ({ maxFreshScanAgeSeconds, pollIntervalSeconds }: Bundle['watch']): number =>
  clamp(
    'maxFreshScanAgeSeconds',
    Math.max(maxFreshScanAgeSeconds, 2 * clamp('pollIntervalSeconds', pollIntervalSeconds)),
  )

/** The owner's settings with the bundle laid over them: watch timing and scope, rules and batch sizes, nothing else. */
export const overlay = (local: ObserveSettings, bundle: Bundle | null): Effective => {
  if (bundle === null) return { settings: local, refusedRoots: [] }
  const { watch, sync, rules } = bundle
  const { projectRoots, refusedRoots } = decideRoots(watch.projectRoots, local)
  return {
    refusedRoots,
    settings: {
      ...local,
      rules,
      watch: {
        debounceMilliseconds: clamp('debounceMilliseconds', watch.debounceMilliseconds),
        pollIntervalSeconds: clamp('pollIntervalSeconds', watch.pollIntervalSeconds),
        maxScanWallClockSeconds: clamp('maxScanWallClockSeconds', watch.maxScanWallClockSeconds),
        maxFreshScanAgeSeconds: freshForSeconds(watch),
        projectRoots,
        maxDepth: clamp('maxDepth', watch.maxDepth),
        excludeDirectories: watch.excludeDirectories.slice(0, mostExcluded),
        homeSignalScan: decideSignals(watch.homeSignalScan, local),
      },
      sync: {
        ...local.sync,
        maxBatchBytes: clamp('maxBatchBytes', sync.maxBatchBytes),
        maxBatchEvents: clamp('maxBatchEvents', sync.maxBatchEvents),
      },
    },
  }
}
