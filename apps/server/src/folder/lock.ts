// One server for one data folder, guarded by the operating system, so that a crash leaves nothing to clean up.
// Node has no flock; SQLite's own file lock is the portable one at hand, and ends with the process that holds it.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { PlainFault } from '../plain-fault.ts'

export interface FolderLock {
  release(): void
}

const isHeld = (fault: unknown): boolean => fault instanceof Error && /database is locked/.test(fault.message)

/** Throws a plain fault when another process, or another server in this one, holds the folder. */
export const takeFolderLock = (dataDir: string): FolderLock => {
  const file = new DatabaseSync(join(dataDir, 'server.lock'))
  try {
    file.exec('pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive')
  } catch (fault) {
    file.close()
    if (!isHeld(fault)) throw fault
    throw new PlainFault(
      `data folder ${dataDir}: another muster-server is using it; stop that one or name another --data-dir`,
      1,
      { cause: fault },
    )
  }
  return { release: () => file.close() }
}
