// Paths by their components, without asking the disk: whether one lies inside a folder, and what a folder's entry is called.
// Resolving links to real paths is their callers' work.
import { isAbsolute, relative, sep } from 'node:path'

/** True for the folder itself and everything below it; both paths must be absolute. */
export const isWithin = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way))
}

/** What a listing of the folder calls `name`: both are as the system spells them, and a walk says this by the thousand. */
export const entryAt = (folder: string, name: string): string =>
  folder.endsWith(sep) ? folder + name : folder + sep + name
