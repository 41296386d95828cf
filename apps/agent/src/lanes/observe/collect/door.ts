// The door through which every scan opens files: regular files only, within a size, in reach, waiting for nothing
// (sensor-agent 5.1, 5.3). What is done with an open file is read-file.ts and hash-file.ts.
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type Result, refuse } from '@muster/kernel'
import { codeOf, isAbsent } from '../../../plain-fault.ts'
import { isForeignFileSystem } from './mount.ts'
import { isWithin } from './path-prefix.ts'

export type Unread = 'file_gone' | 'file_unreadable' | 'file_irregular' | 'file_too_large' | 'link_leads_outside'

/**
 * How far a path may lead. `itself`: a link at its end is not followed, as for files met on a walk. `roots`: it may lead
 * to anything below these real paths, as for what lies in a project. `anywhere`: the owner's own link at a fixed path.
 */
export type Reach = 'itself' | 'anywhere' | { readonly realRoots: readonly string[] }

export interface OpenFile {
  readonly file: FileHandle
  readonly sizeBytes: number
}

// A FIFO would make a plain open wait for its writer; a link at the last place is resolved beforehand.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const isElsewhere = async (path: string, target: string): Promise<boolean> => {
  const [here, there] = await Promise.all([lstat(dirname(path)), stat(target)])
  return here.dev !== there.dev && (await isForeignFileSystem(target))
}

/** The path to open, every link on its way resolved; a refusal when it leads where this reach does not go. */
const resolved = async (path: string, reach: Reach): Promise<Result<string, Unread>> => {
  if (reach === 'itself') return { ok: true, value: path }
  const target = await realpath(path)
  if (reach !== 'anywhere' && !reach.realRoots.some((root) => isWithin(target, root)))
    return refuse('link_leads_outside')
  if (target !== path && (await isElsewhere(path, target))) return refuse('file_irregular')
  return { ok: true, value: target }
}

const refusalOf = (fault: unknown) => {
  if (isAbsent(fault)) return refuse('file_gone')
  const code = codeOf(fault)
  if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') return refuse('file_irregular')
  return refuse('file_unreadable', code ?? 'unknown fault')
}

/** Opens the file at `path`, measures what was really opened, hands it to `use`, and closes it again. */
export const withFile = async <T>(
  path: string,
  reach: Reach,
  mostBytes: number,
  use: (open: OpenFile) => Promise<Result<T, Unread>>,
): Promise<Result<T, Unread>> => {
  let file: FileHandle | undefined
  try {
    const target = await resolved(path, reach)
    if (!target.ok) return target
    // Opening a device can already do something, so what is certainly none of ours is not opened at all.
    const before = await lstat(target.value)
    if (!before.isFile()) return refuse('file_irregular')
    file = await open(target.value, flags)
    const state = await file.stat()
    if (!state.isFile()) return refuse('file_irregular')
    if (state.size > mostBytes) return refuse('file_too_large')
    return await use({ file, sizeBytes: state.size })
  } catch (fault) {
    return refusalOf(fault)
  } finally {
    await file?.close()
  }
}

const sentences: Record<Unread, string> = {
  file_gone: 'disappeared during the scan',
  file_unreadable: 'cannot be read',
  file_irregular: 'not a regular file',
  file_too_large: 'larger than the limit for its kind',
  link_leads_outside: 'a link that leads outside the scanned roots',
}

export const sentenceOf = (why: Unread): string => sentences[why]
