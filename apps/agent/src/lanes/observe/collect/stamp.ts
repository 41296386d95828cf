// What a file looks like from outside, by which a scan knows that its content is what it was (sensor-agent 14).
// Which files a snapshot may leave unread is decided where they are gathered.
import { type BigIntStats, lstatSync } from 'node:fs'
import { lstat } from 'node:fs/promises'

/** Raised when readers find other items in an unchanged file, so that a new version of the agent reads it again. */
const readersRevision = 1

/** Two writes so close together can leave one and the same time, so what was written just now is not trusted yet. */
const settledMs = 2_000

const isSettled = ({ mtimeMs, ctimeMs }: BigIntStats, nowMs: number): boolean =>
  [mtimeMs, ctimeMs].every((atMs) => nowMs - Number(atMs) > settledMs)

/**
 * Null for what cannot be told apart: links, files written within two seconds, and what cannot be inspected. On a near
 * disk the thread is not left for it: a poll asks for thousands.
 */
export const stampOf = async (path: string, isNear: boolean, nowMs: number): Promise<string | null> => {
  try {
    const state = isNear ? lstatSync(path, { bigint: true }) : await lstat(path, { bigint: true })
    if (!state.isFile() || !isSettled(state, nowMs)) return null
    const { dev, ino, size, mtimeNs, ctimeNs } = state
    return [readersRevision, dev, ino, size, mtimeNs, ctimeNs].map((part) => part.toString(36)).join('.')
  } catch {
    // Whoever reads the file next finds out why, and says so.
    return null
  }
}
