// Small files that only their owner may read: written whole or not at all, and on the disk before anyone relies on them.
// What they hold is their writers' business.
import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { codeOf, PlainFault } from '../plain-fault.ts'

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

/** On Windows a scanner may be looking into the file just now; it does not look for long. */
const replace = (draft: string, path: string): void => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(draft, path)
      return
    } catch (fault) {
      const isLooked = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(fault) ?? '')
      if (!isLooked || attempt === 10) throw fault
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20 * attempt)
    }
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
    replace(draft, path)
  } catch (cause) {
    rmSync(draft, { force: true })
    throw new Error(`write ${path}`, { cause })
  }
  syncFolder(dirname(path))
}

/** Takes away what writers left that were cut off, a key perhaps; only for who has the folder and all in it to himself. */
export const sweepDrafts = (folder: string): void => {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.draft')) rmSync(join(folder, name), { force: true })
}

/** Puts the file in the place of another in one step that survives a power cut. */
export const moveOver = (path: string, target: string): void => {
  replace(path, target)
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

/** A secret that others could read is made private; where that cannot be done, nothing is done with it. */
export const makePrivate = (path: string): void => {
  if (process.platform === 'win32' || (statSync(path).mode & 0o077) === 0) return
  try {
    chmodSync(path, 0o600)
  } catch (cause) {
    throw new PlainFault(`${path}: can be read by others; run: chmod 600 ${path}`, 5, { cause })
  }
}
