// Requirements files and the files they include, as far as a scan follows them (sensor-agent 5.1, 5.3, 6.8).
// What a single line says is requirement.ts.
import { dirname, resolve } from 'node:path'
import type { Gathering, PackageFile } from '../gathering.ts'
import { isWithin } from '../path-prefix.ts'
import { requirementLines } from './requirement.ts'

/** For each file that the walk found, everything it leads to together. */
const mostIncludes = 250
const mostDepth = 16

export const REQUIREMENT_KIND = 'pythonDeclaredRequirement'
export const CONSTRAINT_KIND = 'pythonConstraint'

interface Included {
  readonly path: string
  readonly kind: string
  readonly depth: number
  readonly isLink: boolean
}

interface Following {
  readonly gathering: Gathering
  /** Nothing outside this folder is included. */
  readonly folder: string
  /** Kind and path of every file that was read or is about to be. */
  readonly seen: Set<string>
  readonly waiting: Included[]
  includes: number
}

const isAddress = (path: string): boolean => /^[A-Za-z][A-Za-z0-9+.-]+:\/\//.test(path)

const include = (following: Following, from: Included, said: string, isConstraint: boolean): void => {
  const { gathering, folder, seen, waiting } = following
  const path = resolve(dirname(from.path), said)
  if (isAddress(said) || path.includes('\0') || !isWithin(path, folder)) return
  const kind = isConstraint ? CONSTRAINT_KIND : from.kind
  const key = `${kind}/${path}`
  if (seen.has(key)) return
  seen.add(key)
  if (from.depth >= mostDepth) gathering.cutShort(path, `not included: more than ${mostDepth} files deep`)
  else if (following.includes >= mostIncludes) gathering.cutShort(path, `not included: more than ${mostIncludes} files`)
  else {
    following.includes += 1
    // Any folder on the way may be a link, so where the path really leads is asked every time.
    waiting.push({ path, kind, depth: from.depth + 1, isLink: true })
  }
}

/** False when there was nothing to read. */
const readOne = async (following: Following, file: Included): Promise<boolean> => {
  const path = file.path.toWellFormed()
  if (file.depth > 0) following.gathering.share(path)
  const text = await following.gathering.textOf({ path, isLink: file.isLink }, following.folder)
  if (text === null) return false
  const names: string[] = []
  for (const line of requirementLines(text)) {
    if (line.says === 'requirement') names.push(line.name)
    else include(following, file, line.path, line.isConstraint)
  }
  const packages = names.map((name) => ({ name, version: null, detail: null }))
  following.gathering.take({ kind: file.kind, path, origin: 'pip' }, { ok: true, packages, oddEntries: 0 })
  return true
}

/** True when the file could be read and includes no other: then it is all there is to know. */
const follow = async (top: Included, gathering: Gathering): Promise<boolean> => {
  const seen = new Set([`${top.kind}/${top.path}`])
  const following: Following = { gathering, folder: dirname(top.path), seen, waiting: [], includes: 0 }
  const isRead = await readOne(following, top)
  for (let next = following.waiting.shift(); next !== undefined; next = following.waiting.shift())
    await readOne(following, next)
  return isRead && following.includes === 0
}

/**
 * Reads the file and, breadth first, all it includes; what is included twice or in a circle is read once. A file that
 * includes none is left unread while it is known to be as it was.
 */
export const readRequirements = async (file: PackageFile, kind: string, gathering: Gathering): Promise<void> =>
  await gathering.gatherUnlessKnown(file, () => follow({ ...file, kind, depth: 0 }, gathering))
