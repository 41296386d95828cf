// The SHA-256 of a file, read in pieces so that no file is in memory as a whole (sensor-agent 5.5).
// Which files may be opened is door.ts; what a hash is kept for is the collectors' business.
import { createHash } from 'node:crypto'
import { ok, type Result, refuse } from '@muster/kernel'
import { type OpenFile, type Reach, type Unread, withFile } from './door.ts'

/** The largest file of a coding tool that is parsed or hashed (sensor-agent 5.1); exactly this size still is. */
export const mostAgentFileBytes = 5_000_000

const pieceBytes = 1_048_576

const digest =
  (mostBytes: number) =>
  async ({ file, sizeBytes }: OpenFile): Promise<Result<string, Unread>> => {
    const hash = createHash('sha256')
    const piece = Buffer.allocUnsafe(Math.min(pieceBytes, sizeBytes + 1))
    for (let total = 0; ; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, null)
      if (bytesRead === 0) return ok(hash.digest('hex'))
      total += bytesRead
      if (total > mostBytes) return refuse('file_too_large')
      hash.update(piece.subarray(0, bytesRead))
    }
  }

/** 64 lower-case hex digits: rules tell a file's hash by exactly that shape. */
export const hashFile = async (
  path: string,
  reach: Reach,
  mostBytes = mostAgentFileBytes,
): Promise<Result<string, Unread>> => await withFile(path, reach, mostBytes, digest(mostBytes))
