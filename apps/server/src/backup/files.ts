// Copies of files with their owner-only modes, on disk before anybody is told that they are.
// Which files belong to a backup is decided here too: all but what the database and a running server make anew.
import { chmodSync, copyFileSync, mkdirSync, readdirSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'

const left = /^(?:muster\.db(?:-wal|-shm)?|server\.lock(?:-journal)?|running\.json|.*\.partial)$/

/** Files of a data folder besides the database, as relative paths with slashes. */
export const companionFiles = (dataDir: string): readonly string[] =>
  readdirSync(dataDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !left.test(entry.name))
    .map((entry) => relative(dataDir, join(entry.parentPath, entry.name)).split(sep).join('/'))
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
