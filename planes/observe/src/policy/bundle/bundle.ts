// What an agent receives: exactly three parts, each complete, because an agent resets what is left out
// (sensor-protocol 14.1, 14.2). Reading, compiling and serving bundles happen elsewhere.
import type { Rule } from '@muster/contract'

/** The bounds and the default of one whole number; agents have the default and enforce no bounds. */
export interface Bounds {
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

export const WATCH_BOUNDS = {
  debounceMilliseconds: { least: 100, most: 60_000, otherwise: 800 },
  pollIntervalSeconds: { least: 30, most: 86_400, otherwise: 300 },
  maxScanWallClockSeconds: { least: 5, most: 600, otherwise: 30 },
  maxFreshScanAgeSeconds: { least: 60, most: 604_800, otherwise: 900 },
  maxDepth: { least: 0, most: 16, otherwise: 5 },
} as const satisfies Record<string, Bounds>

export const HOME_SCAN_BOUNDS = {
  maxDepth: { least: 0, most: 16, otherwise: 8 },
} as const satisfies Record<string, Bounds>

export const SCAN_BUDGET_BOUNDS = {
  maxDirectoriesVisited: { least: 1, most: 200_000, otherwise: 50_000 },
  maxFilesVisited: { least: 1, most: 1_000_000, otherwise: 250_000 },
  maxWallClockSeconds: { least: 1, most: 600, otherwise: 60 },
} as const satisfies Record<string, Bounds>

export const SYNC_BOUNDS = {
  maxBatchBytes: { least: 65_536, most: 8_388_608, otherwise: 524_288 },
  maxBatchEvents: { least: 1, most: 5_000, otherwise: 500 },
} as const satisfies Record<string, Bounds>

/** How many entries each list may have. */
export const LIST_BOUNDS = {
  projectRoots: 64,
  excludeDirectories: 256,
  signalFileNames: 128,
  signalFileGlobs: 64,
  pruneDirectoryNames: 256,
  rules: 500,
} as const

export type Whole<Table> = { readonly [Key in keyof Table]: number }

export interface HomeSignalScan extends Whole<typeof HOME_SCAN_BOUNDS> {
  readonly enabled: boolean
  readonly root: string
  readonly followSymlinks: false
  readonly eventPathFiltering: true
  readonly initialScanBudget: Whole<typeof SCAN_BUDGET_BOUNDS>
  readonly signalFileNames: readonly string[]
  readonly signalFileGlobs: readonly string[]
  readonly pruneDirectoryNames: readonly string[]
}

export interface Watch extends Whole<typeof WATCH_BOUNDS> {
  readonly projectRoots: readonly string[]
  readonly excludeDirectories: readonly string[]
  readonly homeSignalScan: HomeSignalScan
}

export interface Bundle {
  readonly watch: Watch
  readonly rules: readonly Rule[]
  readonly sync: Whole<typeof SYNC_BOUNDS>
}
