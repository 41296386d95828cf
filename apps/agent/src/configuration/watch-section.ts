// The sections `watch` and `persistence` of the agent's file: keys, bounds and defaults (sensor-agent 3.2, 3.3).
// Paths are made absolute by configuration.ts; what a server may change of them is the policy's.
import {
  DEFAULT_EXCLUDED_DIRECTORIES,
  DEFAULT_PROJECT_ROOTS,
  DEFAULT_PRUNED_DIRECTORIES,
  DEFAULT_SIGNAL_FILES,
  DEFAULT_SIGNAL_GLOBS,
} from '@muster/contract/inventory'
import * as z from 'zod'
import { directoryName, path } from './values.ts'

const fileName = z
  .string()
  .min(1)
  .max(255)
  .regex(/^[^/\\]+$/, 'must be a bare name without a slash')

const InitialScanBudget = z.strictObject({
  maxDirectoriesVisited: z.int().min(1).max(200_000).default(50_000),
  maxFilesVisited: z.int().min(1).max(1_000_000).default(250_000),
  maxWallClockSeconds: z.int().min(1).max(600).default(60),
})

const HomeSignalScan = z.strictObject({
  enabled: z.boolean().default(false),
  root: path.default('~'),
  maxDepth: z.int().min(0).max(16).default(8),
  followSymlinks: z.boolean().default(false),
  eventPathFiltering: z.boolean().default(true),
  initialScanBudget: InitialScanBudget.prefault({}),
  signalFileNames: z
    .array(fileName)
    .max(128)
    .default([...DEFAULT_SIGNAL_FILES]),
  signalFileGlobs: z
    .array(fileName)
    .max(64)
    .default([...DEFAULT_SIGNAL_GLOBS]),
  pruneDirectoryNames: z
    .array(directoryName)
    .max(256)
    .default([...DEFAULT_PRUNED_DIRECTORIES]),
})

/** The bounds of sensor-protocol 14.2 but for the poll and the debounce, which an owner may set as short as he likes. */
export const Watch = z.strictObject({
  debounceMilliseconds: z.int().min(10).max(60_000).default(800),
  pollIntervalSeconds: z.int().min(1).max(86_400).default(300),
  maxScanWallClockSeconds: z.int().min(5).max(600).default(30),
  maxFreshScanAgeSeconds: z.int().min(60).max(604_800).default(900),
  projectRoots: z
    .array(path)
    .max(64)
    .default([...DEFAULT_PROJECT_ROOTS]),
  maxDepth: z.int().min(0).max(16).default(5),
  excludeDirectories: z
    .array(directoryName)
    .max(256)
    .default([...DEFAULT_EXCLUDED_DIRECTORIES]),
  homeSignalScan: HomeSignalScan.prefault({}),
})

/** How many changes and findings this machine keeps for itself; 0 keeps none, a negative number all of them. */
export const Persistence = z.strictObject({
  maxStoredEvents: z.int().default(5_000),
  maxStoredFindings: z.int().default(1_000),
})

export interface HomeSignalSettings {
  readonly enabled: boolean
  readonly root: string
  readonly maxDepth: number
  readonly followSymlinks: boolean
  readonly eventPathFiltering: boolean
  readonly initialScanBudget: {
    readonly maxDirectoriesVisited: number
    readonly maxFilesVisited: number
    readonly maxWallClockSeconds: number
  }
  readonly signalFileNames: readonly string[]
  readonly signalFileGlobs: readonly string[]
  readonly pruneDirectoryNames: readonly string[]
}

export interface WatchSettings {
  readonly debounceMilliseconds: number
  readonly pollIntervalSeconds: number
  readonly maxScanWallClockSeconds: number
  readonly maxFreshScanAgeSeconds: number
  readonly projectRoots: readonly string[]
  readonly maxDepth: number
  readonly excludeDirectories: readonly string[]
  readonly homeSignalScan: HomeSignalSettings
}

export interface PersistenceSettings {
  readonly maxStoredEvents: number
  readonly maxStoredFindings: number
}
