// How much room the database takes and how much the disk still has.
// What is little is the doctor's judgement.
import { stat, statfs } from 'node:fs/promises'
import type { Storage } from '@muster/storage'
import { sql } from 'kysely'
import { databaseFile } from '../folder/data-folder.ts'
import { codeOf } from '../plain-fault.ts'

const fileBytes = async (path: string): Promise<number> => {
  try {
    return (await stat(path)).size
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return 0
    throw fault
  }
}

/** With the log of recent writes. */
export const measureDatabase = async (storage: Storage, dataDir: string): Promise<number | null> => {
  if (storage.engine === 'sqlite') {
    const file = databaseFile(dataDir)
    return (await fileBytes(file)) + (await fileBytes(`${file}-wal`))
  }
  const { rows } = await sql<{ bytes: number }>`select pg_database_size(current_database()) as bytes`.execute(
    storage.db,
  )
  return rows[0]?.bytes ?? null
}

/** For this account; what the system keeps back does not count. */
export const measureDiskFree = async (dir: string): Promise<number> => {
  const { bavail, bsize } = await statfs(dir)
  return bavail * bsize
}
