// Homes of another account, what it may not read in them, and scans of them by it.
// Where tests do not run as root there is only one account, and modes alone keep it out. The product never imports it.
import { execFile } from 'node:child_process'
import { chmodSync, chownSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Snapshot } from '../snapshot.ts'

const isRoot = process.getuid?.() === 0
const program = join(import.meta.dirname, 'scan-homes.ts')

/** Gives everything in the folder, links themselves included, to the account that scans. */
export const giveAway = async (home: string): Promise<void> => {
  if (isRoot) await promisify(execFile)('chown', ['-Rh', '65534:65534', home])
}

/** Leaves a path to somebody else, and no more of it to the account than the mode says. */
export const lock = (path: string, mode = 0): void => {
  if (isRoot) chownSync(path, 0, 0)
  chmodSync(path, mode)
}

/** What the account sees, for each configuration: snapshots by surface. */
export const scanAsAnother = async (
  configurations: readonly string[],
): Promise<readonly Readonly<Record<string, Snapshot>>[]> => {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...configurations], {
    encoding: 'utf8',
    maxBuffer: 256_000_000,
  })
  return JSON.parse(stdout) as Record<string, Snapshot>[]
}
