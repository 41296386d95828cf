// Reads one file the way a scan may: a regular file, within a size, inside the roots, waiting for nothing.
// Which files are read and what they mean is the collectors' business.
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { ok, type Result, refuse } from '@muster/kernel'
import { codeOf } from '../../../plain-fault.ts'
import { isWithin } from './path-prefix.ts'

/** The largest package metadata file that is read (sensor-agent 5.1); exactly this size still is. */
export const mostPackageFileBytes = 25_000_000

export type Unread = 'file_gone' | 'file_unreadable' | 'file_irregular' | 'file_too_large' | 'link_leads_outside'

export interface ReadRules {
  readonly mostBytes: number
  /** Real paths; a link is followed only to a file below one of them. */
  readonly realRoots: readonly string[]
}

// A FIFO would make a plain open wait for its writer; a link at the last place is resolved beforehand.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

const readAtMost = async (file: FileHandle, mostBytes: number): Promise<Result<string, Unread>> => {
  const state = await file.stat()
  if (!state.isFile()) return refuse('file_irregular')
  if (state.size > mostBytes) return refuse('file_too_large')
  // One byte of room shows a file that grew since it was measured.
  const room = Buffer.allocUnsafe(Math.min(state.size, mostBytes) + 1)
  let filled = 0
  while (filled < room.length) {
    const { bytesRead } = await file.read(room, filled, room.length - filled, null)
    if (bytesRead === 0) return ok(room.toString('utf8', 0, filled))
    filled += bytesRead
  }
  return refuse(filled > mostBytes ? 'file_too_large' : 'file_unreadable', 'It changed while it was read.')
}

const refusalOf = (fault: unknown) => {
  const code = codeOf(fault)
  if (code === 'ENOENT') return refuse('file_gone')
  if (code === 'ELOOP' || code === 'EISDIR' || code === 'ENXIO') return refuse('file_irregular')
  return refuse('file_unreadable', code ?? 'unknown fault')
}

/** The text of the file that `path` names, through a link only if that stays inside the roots (sensor-agent 5.3). */
export const readFileSafely = async (
  path: string,
  isLink: boolean,
  { mostBytes, realRoots }: ReadRules,
): Promise<Result<string, Unread>> => {
  let file: FileHandle | undefined
  try {
    const target = isLink ? await realpath(path) : path
    if (isLink && !realRoots.some((root) => isWithin(target, root))) return refuse('link_leads_outside')
    file = await open(target, flags)
    return await readAtMost(file, mostBytes)
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
