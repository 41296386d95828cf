// The folder that packages go to, made if it is not there. One at a time and from the top: asked to make several at once,
// Node tries for ever where the system says that a folder is missing although nothing may be made in its parent.
import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

const isThere = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

const makeOne = (folder: string): void => {
  if (isThere(folder)) return
  if (dirname(folder) !== folder) makeOne(dirname(folder))
  mkdirSync(folder)
}

/** Throws one line that names the folder when it cannot be made. */
export const makeOutFolder = (folder: string): void => {
  try {
    makeOne(folder)
  } catch (cause) {
    const { code, path = folder } = cause as NodeJS.ErrnoException
    throw new Error(`--out ${folder}: ${path} cannot be made (${code})`, { cause })
  }
}
