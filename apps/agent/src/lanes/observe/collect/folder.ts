// Whether a walk may enter a folder: each one once, on this computer's own disks, through no link (sensor-agent 5.3).
// What is looked for in it, and within which budget, is each walk's own.
import type { BigIntStats } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { codeOf } from '../../../plain-fault.ts'
import type { Reach } from './door.ts'
import { isForeignFileSystem } from './mount.ts'
import { isWithin } from './path-prefix.ts'

export type Entry =
  | { readonly state: 'entered'; readonly device: bigint; readonly sizeBytes: number }
  | { readonly state: 'absent' }
  /** Seen before, or not this computer's: nothing to say about it. */
  | { readonly state: 'passed_over' }
  | { readonly state: 'refused'; readonly reason: string }

const isAbsent = (fault: unknown): boolean => codeOf(fault) === 'ENOENT' || codeOf(fault) === 'ENOTDIR'

const stateOf = async (path: string, isStart: boolean): Promise<BigIntStats> =>
  isStart ? await stat(path, { bigint: true }) : await lstat(path, { bigint: true })

/** `above` is the device of the folder that holds it, null where a walk starts; `visited` remembers what was entered. */
export const enterFolder = async (path: string, above: bigint | null, visited: Set<string>): Promise<Entry> => {
  try {
    const state = await stateOf(path, above === null)
    if (!state.isDirectory()) {
      if (above !== null) return { state: 'passed_over' }
      return { state: 'refused', reason: 'cannot be enumerated: it is not a folder' }
    }
    const key = `${state.dev}:${state.ino}`
    if (visited.has(key)) return { state: 'passed_over' }
    visited.add(key)
    const isCrossing = above !== null && above !== state.dev
    if (isCrossing && (await isForeignFileSystem(path))) return { state: 'passed_over' }
    return { state: 'entered', device: state.dev, sizeBytes: Number(state.size) }
  } catch (fault) {
    if (isAbsent(fault)) return { state: 'absent' }
    return { state: 'refused', reason: `cannot be inspected: ${codeOf(fault)}` }
  }
}

/** Without those that are not there. */
export const realPaths = async (paths: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(paths.map((path) => realpath(path).catch(() => null)))).filter((path) => path !== null)

/** Whether a walk may start here, though links lead to it; null when there is nothing. */
export const mayStartAt = async (path: string, reach: Reach): Promise<{ readonly reason: string | null } | null> => {
  try {
    const target = await realpath(path)
    const isInside = typeof reach === 'string' || reach.realRoots.some((root) => isWithin(target, root))
    return { reason: isInside ? null : 'a link that leads outside the scanned roots' }
  } catch (fault) {
    return isAbsent(fault) ? null : { reason: `cannot be inspected: ${codeOf(fault)}` }
  }
}
