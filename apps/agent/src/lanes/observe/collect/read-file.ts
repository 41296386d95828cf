// Reads one whole file the way a scan may: as bytes or as text, never more than its limit (sensor-agent 5.1).
// Which files may be opened at all is door.ts; which are read and what they mean is the collectors' business.
import { ok, type Result, refuse } from '@muster/kernel'
import { type OpenFile, type Reach, type Unread, withFile } from './door.ts'

export { sentenceOf, type Unread } from './door.ts'

/** The largest package metadata file that is read (sensor-agent 5.1); exactly this size still is. */
export const mostPackageFileBytes = 25_000_000

export interface ReadRules {
  readonly mostBytes: number
  /** Real paths; a link is followed only to a file below one of them. */
  readonly realRoots: readonly string[]
}

const readAll =
  (mostBytes: number) =>
  async ({ file, sizeBytes }: OpenFile): Promise<Result<Buffer, Unread>> => {
    // One byte of room shows a file that grew since it was measured.
    const room = Buffer.allocUnsafeSlow(Math.min(sizeBytes, mostBytes) + 1)
    let filled = 0
    while (filled < room.length) {
      const { bytesRead } = await file.read(room, filled, room.length - filled, null)
      if (bytesRead === 0) return ok(room.subarray(0, filled))
      filled += bytesRead
    }
    return refuse(filled > mostBytes ? 'file_too_large' : 'file_unreadable', 'It changed while it was read.')
  }

/** The bytes of the file, in memory that is nobody else's, so that its reader may overwrite them. */
export const readBytesSafely = async (path: string, reach: Reach, mostBytes: number): Promise<Result<Buffer, Unread>> =>
  await withFile(path, reach, mostBytes, readAll(mostBytes))

/** The text of the file that `path` names, through a link only if that stays inside the roots (sensor-agent 5.3). */
export const readFileSafely = async (
  path: string,
  isLink: boolean,
  { mostBytes, realRoots }: ReadRules,
): Promise<Result<string, Unread>> => {
  const read = await readBytesSafely(path, isLink ? { realRoots } : 'itself', mostBytes)
  return read.ok ? ok(read.value.toString('utf8')) : read
}
