// What became of the last heartbeat, for `status` and `doctor`; written for people and relied on by nothing.
// That this device was rejected is rejection.ts.
import { writeFileSync } from 'node:fs'
import * as z from 'zod'
import { readIfThere } from '../../../folder/private-file.ts'
import { lastBeatFile } from '../identity.ts'

const LastBeat = z.object({
  at: z.string(),
  /** Null when it was accepted. */
  fault: z.string().nullable(),
  /** The last one that was accepted, this one or an earlier one. */
  acceptedAt: z.string().nullable(),
  intervalSeconds: z.number(),
})
export type LastBeat = z.infer<typeof LastBeat>

/** Null when there was none, or its note was cut off by the end of the process. */
export const readLastBeat = (dataDir: string): LastBeat | null => {
  try {
    return LastBeat.parse(JSON.parse(readIfThere(lastBeatFile(dataDir)) ?? ''))
  } catch {
    return null
  }
}

/** Not synced to the disk: once a minute for years would wear it, and the next one says the same. */
export const writeLastBeat = (dataDir: string, last: LastBeat): void =>
  writeFileSync(lastBeatFile(dataDir), `${JSON.stringify(last)}\n`, { mode: 0o600 })
