// Copies of files with their owner-only modes, on disk before anybody is told that they are.
// Which files belong to a backup is decided here too: what cannot be made anew.
import { chmodSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { dataMark } from '../folder/data-folder.ts'

/** The mark, the first operator's token, and identity's keys; what others keep beside them is theirs to save. */
const isOwned = (path: string): boolean => [dataMark, 'admin-token'].includes(path) || path.startsWith('ca/')

/** Files of a data folder besides the database, as relative paths with slashes. */
export const companionFiles = (dataDir: string): readonly string[] =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(dataDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(isOwned)
    .toSorted()

const syncPath = async (path: string): Promise<void> => {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Flushes a file, or a folder's list of names where the system knows such a thing. */
export const flush = async (path: string): Promise<void> => {
  if (process.platform !== 'win32') await syncPath(path)
}

export const copyPrivate = async (from: string, to: string): Promise<void> => {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  copyFileSync(from, to)
  if (process.platform !== 'win32') chmodSync(to, 0o600)
  await flush(to)
}
