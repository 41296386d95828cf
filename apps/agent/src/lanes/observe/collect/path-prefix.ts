// Whether one path lies inside a folder, by their components and without asking the disk.
// Resolving links to real paths is their callers' work.
import { isAbsolute, relative } from 'node:path'

/** True for the folder itself and everything below it; both paths must be absolute. */
export const isWithin = (path: string, folder: string): boolean => {
  const way = relative(folder, path)
  return way === '' || (!isAbsolute(way) && way !== '..' && !/^\.\.[/\\]/.test(way))
}
