// The lane's own database: a view of the disk and a queue to the server that can be made again from nothing.
// Tables are migrations.ts; only damage to the file itself is answered with a new one (sensor-agent 10.1).
import { chmodSync, existsSync, rmSync, statSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { PlainFault } from '../../../plain-fault.ts'
import { migrations } from './migrations.ts'
import { trouble } from './trouble.ts'

export type Database = DatabaseSync

const busyMs = 2_000

/** Longer than a large scan takes to commit. */
const commitMs = 30_000

// SQLite's result codes for a damaged file and for a file that is no database.
const damaged: ReadonlySet<number> = new Set([11, 26])

/** Whether the file itself is broken, so that only a new one helps. */
export const isDamaged = (fault: unknown): boolean =>
  fault instanceof Damaged ||
  (fault instanceof Error && 'errcode' in fault && damaged.has(Number(fault.errcode) & 0xff))

/**
 * Pages held in memory come and go among everything else that is, and leave holes there that stay. What an agent asks
 * for between two large scans, which have a process of their own, lies in a few hundred kilobytes.
 */
const mostCachedKilobytes = 512

const files = (path: string): readonly string[] => [path, `${path}-wal`, `${path}-shm`]

const migrate = (db: Database, path: string): void => {
  const version = Number(db.prepare('pragma user_version').get()?.['user_version'] ?? 0)
  if (version > migrations.length) {
    throw new PlainFault(`${path}: was written by a newer muster-agent; upgrade this program`)
  }
  for (const [at, step] of migrations.entries()) {
    if (at >= version) db.exec(`begin immediate; ${step}; pragma user_version = ${at + 1}; commit`)
  }
}

class Damaged extends Error {}

/** The fault of a database that another process found damaged. */
export const damage = (message: string): Error => new Damaged(message)

const check = (db: Database): void => {
  const said = db.prepare('pragma quick_check(1)').get()?.['quick_check']
  if (said !== 'ok') throw new Damaged(String(said))
}

/**
 * Each statement is made sense of once: a scan says some twenty, for every surface, and most of them find nothing to do.
 * One that is still being read from starts anew when it is said again, so no two readings of one may overlap.
 */
class Remembering extends DatabaseSync {
  readonly #statements = new Map<string, StatementSync>()

  override prepare(sql: string): StatementSync {
    const held = this.#statements.get(sql) ?? super.prepare(sql)
    this.#statements.set(sql, held)
    return held
  }
}

const openOnce = (path: string): Database => {
  // A clean stop leaves no write-ahead log; only after any other is a look through the whole file worth its time.
  const wasCutOff = existsSync(`${path}-wal`)
  const db = new Remembering(path, { timeout: busyMs })
  try {
    // A commit that was told to a server must outlive a power cut, hence full and not normal.
    db.exec('pragma journal_mode = wal; pragma synchronous = full; pragma temp_store = memory')
    db.exec(`pragma cache_size = -${mostCachedKilobytes}`)
    if (process.platform !== 'win32') chmodSync(path, 0o600)
    migrate(db, path)
    if (wasCutOff) check(db)
    return db
  } catch (fault) {
    db.close()
    throw fault
  }
}

export interface Opened {
  readonly db: Database
  /** The file was damaged and has been replaced: everything in it has to be found again. */
  readonly isReplaced: boolean
  /** Throws damage when the file that is written to is no longer the one that others find. */
  readonly mustBeInPlace: () => void
}

/** Other systems let a file that is in use be deleted, or another be put in its place, and tell nobody. */
const placeOf = (path: string): string => {
  const { dev, ino } = statSync(path, { bigint: true, throwIfNoEntry: false }) ?? {}
  return `${dev}:${ino}`
}

const opened = (path: string, isReplaced: boolean): Opened => {
  const db = openOnce(path)
  const place = placeOf(path)
  const mustBeInPlace = (): void => {
    if (placeOf(path) !== place) throw new Damaged('its file was taken away')
  }
  return { db, isReplaced, mustBeInPlace }
}

/** Opens the database, bringing its tables up to date; a damaged or condemned file is deleted and begun anew. */
export const openDatabase = (path: string, isCondemned = false): Opened => {
  try {
    if (isCondemned) throw new Damaged('it was found damaged while it was in use')
    return opened(path, false)
  } catch (fault) {
    if (!isDamaged(fault)) throw fault
    for (const file of files(path)) rmSync(file, { force: true })
    return opened(path, true)
  }
}

/** The database of an agent that runs, for a process that it started and that writes for it. */
export const openBeside = (path: string): Database => {
  const db = new Remembering(path, { timeout: commitMs })
  db.exec('pragma synchronous = full; pragma temp_store = memory')
  return db
}

/** How long a write waits for another connection: while a large scan is made beside, until that has committed. */
export const waitForOthers = (db: Database, isScanBeside: boolean): void =>
  db.exec(`pragma busy_timeout = ${isScanBeside ? commitMs : busyMs}`)

/** The database for reading beside a running agent, or null when there is none yet. */
export const openForReading = (path: string): Database | null =>
  existsSync(path) ? new DatabaseSync(path, { readOnly: true, timeout: busyMs }) : null

export const closeDatabase = (db: Database): void => {
  try {
    db.exec('pragma wal_checkpoint(truncate)')
  } catch {
    // What cannot be tidied is tidied at the next start, or replaced there.
  } finally {
    db.close()
  }
}

/**
 * After a write that failed: a system that could not bring pages of the log to the disk forgets that it has not, and
 * what is written behind them does not outlive a power cut. This brings everything into the file itself, or throws.
 */
export const writeThrough = (db: Database): void => {
  const isKept = db.prepare('pragma wal_checkpoint(truncate)').get()?.['busy'] === 0
  if (!isKept) throw trouble('somebody reads the database, so its log cannot be emptied')
}

/**
 * `at_once` outlives a power cut from the moment it is committed. `soon` waits for no disk: a power cut takes it back,
 * as a whole, unless something that came later was committed at once.
 */
export type Lasting = 'at_once' | 'soon'

/** Runs `work` in one transaction: all of it, or nothing. */
export const inTransaction = <T>(db: Database, work: () => T, lasting: Lasting = 'at_once'): T => {
  if (lasting === 'soon') db.exec('pragma synchronous = normal')
  try {
    db.exec('begin immediate')
    const result = work()
    db.exec('commit')
    return result
  } catch (fault) {
    if (db.isTransaction) db.exec('rollback')
    throw fault
  } finally {
    if (lasting === 'soon') db.exec('pragma synchronous = full')
  }
}
