// The project roots of a scan as far as the owner allows them, used as they are: nothing below them is discovered
// (sensor-agent 6). Walking them for lockfiles is discover.ts.
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../../../plain-fault.ts'
import { realPaths } from '../folder.ts'
import { isWithin } from '../path-prefix.ts'
import type { ConfigGathering, Place } from './config-gathering.ts'

export interface ProjectRoots {
  /** The same place in each root that may be looked into. */
  readonly places: (...names: readonly string[]) => readonly Place[]
}

const admit = async (root: string, realRoots: readonly string[]): Promise<string | null> => {
  try {
    const target = await realpath(root)
    if (!realRoots.some((real) => isWithin(target, real))) return 'a root that leads outside what the owner allows'
    return (await stat(target)).isDirectory() ? null : 'cannot be enumerated: it is not a folder'
  } catch (fault) {
    return codeOf(fault) === 'ENOENT' ? 'absent' : `cannot be inspected: ${codeOf(fault)}`
  }
}

/** A root that is missing is nothing; one that is no folder, or leads outside `scanRoots`, is an issue. */
export const admitProjectRoots = async (
  roots: readonly string[],
  scanRoots: readonly string[],
  gathering: ConfigGathering,
): Promise<ProjectRoots> => {
  const realRoots = await realPaths(scanRoots)
  const admitted: string[] = []
  for (const root of new Set(roots)) {
    const reason = await admit(root, realRoots)
    if (reason === null) admitted.push(root)
    else if (reason !== 'absent') gathering.missTree(root, reason)
  }
  return { places: (...names) => admitted.map((root) => ({ path: join(root, ...names), reach: { realRoots } })) }
}
