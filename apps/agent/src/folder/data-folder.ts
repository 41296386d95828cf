// The agent's data folder: only its owner may look into it, and one agent at a time writes to it.
// What the files hold is for the lanes.
import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { codeOf, PlainFault, reasonOf } from '../plain-fault.ts'
import { sweepDrafts } from './private-file.ts'
import { closeToOthers } from './windows-acl.ts'

export interface DataFolder {
  readonly path: string
  /** Lets another agent have the folder. */
  close(): void
}

const isHeld = (fault: unknown): boolean => fault instanceof Error && /database is locked/.test(fault.message)

const lockName = 'agent.lock'

/** Longer than anyone who only asks holds the lock, see isFolderInUse. */
const patienceMs = 500

/** Node has no flock; SQLite's own lock is the portable one at hand, and ends with the process that holds it. */
const takeLock = (dataDir: string): DatabaseSync => {
  const lock = new DatabaseSync(join(dataDir, lockName), { timeout: patienceMs })
  try {
    lock.exec('pragma locking_mode = exclusive; pragma journal_mode = memory; begin exclusive')
    if (process.platform !== 'win32') chmodSync(join(dataDir, lockName), 0o600)
    return lock
  } catch (fault) {
    lock.close()
    throw fault
  }
}

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/**
 * True when it was not there. One folder after the other: below /proc, where the system says of a new folder that the
 * one above is missing, Node's own way of making all of them tries forever.
 */
const makeFolders = (path: string): boolean => {
  if (isThere(path)) return false
  if (dirname(path) !== path && !isThere(dirname(path))) makeFolders(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
    return true
  } catch (fault) {
    // Somebody else may have made it at the same moment.
    if (isThere(path)) return false
    throw fault
  }
}

/** Makes the folder if it is missing, and takes it for this process. */
export const openDataFolder = (dataDir: string): DataFolder => {
  try {
    const isNew = makeFolders(dataDir)
    if (process.platform !== 'win32') chmodSync(dataDir, 0o700)
    else if (isNew) closeToOthers(dataDir)
    const lock = takeLock(dataDir)
    sweepDrafts(dataDir)
    return { path: dataDir, close: () => lock.close() }
  } catch (fault) {
    if (isHeld(fault)) {
      throw new PlainFault(`data folder ${dataDir}: another muster-agent is using it; stop that one first`, 1, {
        cause: fault,
      })
    }
    if (codeOf(fault) === undefined) throw fault
    throw new PlainFault(`data folder ${dataDir}: ${reasonOf(fault)}`, 1, { cause: fault })
  }
}

/** Whether an agent is using the folder now; asking takes nothing away from it. */
export const isFolderInUse = (dataDir: string): boolean => {
  const path = join(dataDir, lockName)
  if (!existsSync(path)) return false
  const lock = new DatabaseSync(path, { readOnly: true })
  try {
    lock.prepare('select count(*) from sqlite_schema').get()
    return false
  } catch (fault) {
    if (isHeld(fault)) return true
    throw fault
  } finally {
    lock.close()
  }
}
