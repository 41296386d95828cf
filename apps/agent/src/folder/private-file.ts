// Small files that only their owner may read: written whole or not at all, and on the disk before anyone relies on them.
// What they hold is their writers' business.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { codeOf } from '../plain-fault.ts'

const syncFolder = (path: string): void => {
  // Windows cannot open a folder, and there a rename is already durable.
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

/** Replaces the file's content in one step that survives a power cut; `mode` is that of a new file. */
export const writeWhole = (path: string, content: string | Uint8Array, mode = 0o600): void => {
  const draft = `${path}.${process.pid}.draft`
  try {
    const file = openSync(draft, 'w', mode)
    try {
      writeFileSync(file, content)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new Error(`write ${path}`, { cause })
  }
  syncFolder(dirname(path))
}

/** Puts the file in the place of another in one step that survives a power cut. */
export const moveOver = (path: string, target: string): void => {
  renameSync(path, target)
  syncFolder(dirname(target))
}

/** The file's text, or null when there is no such file. */
export const readIfThere = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return null
    throw new Error(`read ${path}`, { cause })
  }
}
