// The database file: whose it is, who may read it, and how a connection to it is set up.
// What is in it belongs to the migrations.
import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ForeignDatabase } from '../faults.ts'

/** `Must` in ASCII, in the header field SQLite keeps for this purpose. */
const applicationId = 0x4d757374

const magic = 'SQLite format 3\u0000'

const readHead = (file: string): string => {
  const descriptor = openSync(file, 'a+', 0o600)
  try {
    const head = Buffer.alloc(magic.length)
    return head.toString('latin1', 0, readSync(descriptor, head, 0, head.length, 0))
  } finally {
    closeSync(descriptor)
  }
}

/** Creates folder (0700) and file (0600) where missing; throws ForeignDatabase for a file that is no SQLite database. */
export const claimFile = (file: string): void => {
  const folder = dirname(file)
  let head: string
  try {
    if (!existsSync(folder)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    head = readHead(file)
    chmodSync(file, 0o600)
  } catch (cause) {
    throw new Error(`cannot write the database file ${file}; check its folder's owner and mode`, { cause })
  }
  if (head !== '' && head !== magic) throw new ForeignDatabase(file)
}

const readPragma = (db: DatabaseSync, name: string): unknown =>
  Object.values(db.prepare(`pragma ${name}`).get() ?? {})[0]

const sign = (db: DatabaseSync, file: string): void => {
  const id = readPragma(db, 'application_id')
  if (id === applicationId) return
  const tables = Object.values(db.prepare('select count(*) from sqlite_schema').get() ?? {})[0]
  if (id !== 0 || tables !== 0) throw new ForeignDatabase(file)
  db.exec(`pragma application_id = ${applicationId}`)
}

const options = { enableForeignKeyConstraints: false, enableDoubleQuotedStringLiterals: false, timeout: 2000 }

const shared = 'pragma temp_store = memory; pragma cache_size = -65536; pragma trusted_schema = off;'

/** The one connection that writes. A commit returns after the log reached the disk. */
export const openWriter = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, options)
  try {
    db.exec('pragma page_size = 8192')
    sign(db, file)
    db.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma fullfsync = on;
      pragma checkpoint_fullfsync = on; pragma wal_autocheckpoint = 4000; ${shared}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

export const openReader = (file: string): DatabaseSync => {
  const db = new DatabaseSync(file, { ...options, readOnly: true })
  db.exec(shared)
  return db
}
