// The database file: whose it is, who may read it, and how a connection to it is set up.
// What is in it belongs to the migrations.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { ForeignDatabase } from '../faults.ts'

const magic = 'SQLite format 3\u0000'

/** `Must` in ASCII, in the header field SQLite keeps for this purpose (sqlite.org/fileformat.html 1.3). */
const applicationId = 0x4d757374
const applicationIdOffset = 68

const readHead = (file: string): Buffer => {
  const descriptor = openSync(file, 'a+', 0o600)
  try {
    const head = Buffer.alloc(100)
    return head.subarray(0, readSync(descriptor, head, 0, head.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

const isOurs = (head: Buffer): boolean =>
  head.length === 100 &&
  head.toString('latin1', 0, magic.length) === magic &&
  head.readUInt32BE(applicationIdOffset) === applicationId

/** Creates folder (0700) and file (0600) where missing; throws ForeignDatabase for a file that somebody else filled. */
export const claimFile = (file: string): void => {
  const folder = dirname(file)
  let head: Buffer
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    head = readHead(file)
    if (head.length === 0 || isOurs(head)) chmodSync(file, 0o600)
  } catch (cause) {
    throw new Error(`cannot write the database file ${file}; check its folder's owner and mode`, { cause })
  }
  if (head.length > 0 && !isOurs(head)) throw new ForeignDatabase(file)
}

const options = { enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false, timeout: 2000 }

const shared = 'pragma temp_store = memory; pragma cache_size = -65536; pragma trusted_schema = off;'

const durable = 'pragma synchronous = full; pragma fullfsync = on; pragma checkpoint_fullfsync = on;'

const openFor = (file: string, pragmas: string, more: DatabaseSyncOptions = {}): DatabaseSync => {
  const db = new DatabaseSync(file, { ...options, ...more })
  try {
    db.exec(pragmas)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * The one connection that writes. A commit returns after the log reached the disk. Page size and id hold for a file
 * that is still empty; they come before the log, so that the header has them. Above 128 MB of log the writer itself
 * copies pages, so that the log stops growing when the checkpoints cannot keep up.
 */
export const openWriter = (file: string): DatabaseSync =>
  openFor(
    file,
    `pragma page_size = 8192; pragma application_id = ${applicationId}; pragma journal_mode = wal;
    pragma wal_autocheckpoint = 16000; pragma journal_size_limit = 134217728; ${durable} ${shared}`,
  )

/** Copies pages from the log into the file, and nothing else. */
export const openCheckpointer = (file: string): DatabaseSync => openFor(file, durable)

export const openReader = (file: string): DatabaseSync => openFor(file, shared, { readOnly: true })
