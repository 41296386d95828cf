// A path as its owner wrote it, made absolute by rule and without asking the disk.
// Whether anything is there, and whether links lead elsewhere, is found out by whoever opens it.
import { isAbsolute, join, normalize, parse } from 'node:path'

export interface PathBase {
  /** Where relative paths start; absolute itself. */
  readonly base: string
  readonly home: string
}

const withoutLastSlash = (path: string): string => (path === parse(path).root ? path : path.replace(/[/\\]+$/, ''))

/** `~`, `~/x` and `~\x` are the home directory's; a relative path is taken from `base` (sensor-agent 3.5). */
export const absolutePath = (path: string, { base, home }: PathBase): string => {
  if (path === '~' || /^~[/\\]/.test(path)) return withoutLastSlash(join(home, path.slice(1)))
  return withoutLastSlash(isAbsolute(path) ? normalize(path) : join(base, path))
}
