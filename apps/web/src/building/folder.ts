// Where the dashboard is built to, and what it was built from.
// Building is build.ts, reading the result for browsers is serving/.
import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

// The files of this room that are not its code, such as index.html, are around src/.
export const webFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
export const builtFolder = join(webFolder, 'dist')

/** Holds the digest of the sources, so that a build is made again when they changed. */
export const stampFile = 'built-from'

const isSource = (path: string): boolean => !/(^|[\\/])(node_modules|dist[^\\/]*)([\\/]|$)|\.test\.tsx?$/.test(path)

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => isSource(path.slice(folder.length)))
    .toSorted()

/** The contract is part of it, because the names of routes are taken from there. */
const contractFolder = (): string => fileURLToPath(new URL('.', import.meta.resolve('@muster/contract')))

export const digestOfSources = (): string => {
  const parts = [webFolder, contractFolder()].flatMap((folder) =>
    filesBelow(folder).map((path) => `${path.slice(folder.length)} ${hash('sha256', readFileSync(path))}`),
  )
  return hash('sha256', parts.join('\n'))
}

/** The digest a folder was built from; null when nothing whole is there. */
export const readStamp = (folder: string): string | null => {
  try {
    return readFileSync(join(folder, stampFile), 'utf8')
  } catch {
    return null
  }
}
