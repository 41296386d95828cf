// Whether a walk may enter a folder: each one once, on this computer's own disks, through no link (sensor-agent 5.3).
// What is looked for in it, and within which budget, is each walk's own.
import { type BigIntStats, lstatSync } from 'node:fs'
import { lstat, realpath, stat } from 'node:fs/promises'
import { codeOf, isAbsent } from '../../../plain-fault.ts'
import type { Reach } from './door.ts'
import { isForeignFileSystem } from './mount.ts'
import { isWithin } from './path-prefix.ts'

export type Entry =
  | { readonly state: 'entered'; readonly device: bigint; readonly sizeBytes: number }
  | { readonly state: 'absent' }
  /** Seen before, or not this computer's: nothing to say about it. */
  | { readonly state: 'passed_over' }
  | { readonly state: 'refused'; readonly reason: string }

/** What its state alone says; null where it lies on another device than the folder above, and that is to be asked. */
const judge = (state: BigIntStats, above: bigint | null, visited: Set<string>): Entry | null => {
  if (state.isSymbolicLink()) return { state: 'passed_over' }
  if (!state.isDirectory()) {
    if (above !== null) return { state: 'passed_over' }
    return { state: 'refused', reason: 'cannot be enumerated: it is not a folder' }
  }
  const key = `${state.dev}:${state.ino}`
  if (visited.has(key)) return { state: 'passed_over' }
  visited.add(key)
  return above === null || above === state.dev ? entered(state) : null
}

const entered = ({ dev, size }: BigIntStats): Entry => ({ state: 'entered', device: dev, sizeBytes: Number(size) })

const unentered = (fault: unknown): Entry =>
  isAbsent(fault) ? { state: 'absent' } : { state: 'refused', reason: `cannot be inspected: ${codeOf(fault)}` }

const stateOf = async (path: string, mayBeLink: boolean): Promise<BigIntStats> =>
  mayBeLink ? await stat(path, { bigint: true }) : await lstat(path, { bigint: true })

/**
 * `above` is the device of the folder that holds it, null where a walk starts, which alone may be at a link; `visited`
 * remembers what was entered.
 */
export const enterFolder = async (
  path: string,
  above: bigint | null,
  visited: Set<string>,
  mayBeLink = above === null,
): Promise<Entry> => {
  try {
    const state = await stateOf(path, mayBeLink)
    const judged = judge(state, above, visited)
    if (judged !== null) return judged
    return (await isForeignFileSystem(path)) ? { state: 'passed_over' } : entered(state)
  } catch (fault) {
    return unentered(fault)
  }
}

/**
 * As `enterFolder`, without leaving the thread: for a folder of this computer's own disks, which answer in microseconds.
 * Null for one that begins another file system; whose that is has to be asked.
 */
export const enterFolderNow = (path: string, above: bigint, visited: Set<string>): Entry | null => {
  try {
    return judge(lstatSync(path, { bigint: true }), above, visited)
  } catch (fault) {
    return unentered(fault)
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
