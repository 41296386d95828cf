// What every collector of a coding tool's configuration is told beside that tool's own settings.
// The settings are the configuration's.
import type { Interest } from '../snapshot.ts'
import type { Place } from './config-gathering.ts'

export interface ProjectScope {
  /** Used as they are; nothing below them is discovered (sensor-agent 6). */
  readonly roots: readonly string[]
  /** What the owner allows to be opened; roots and links in projects that lead elsewhere are passed over. */
  readonly scanRoots: readonly string[]
}

/** A place of the owner's own, at which a link is followed wherever it leads. */
export const ownPlace = (path: string): Place => ({ path, reach: 'anywhere' })

export const interestIn = (files: readonly string[], trees: readonly string[]): readonly Interest[] => [
  ...files.map((path) => ({ path, extent: 'file' as const })),
  ...trees.map((path) => ({ path, extent: 'tree' as const })),
]
