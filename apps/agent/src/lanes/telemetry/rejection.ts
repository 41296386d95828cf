// The marker that a server no longer wants to hear of this device (telemetry 15.4): while it lies there, nothing is sent.
// Who takes it away is a person: by enrolling, by `run --clear-rejected`, or by a reset.
import { rmSync } from 'node:fs'
import { toIso } from '@muster/kernel'
import * as z from 'zod'
import { readIfThere, writeWhole } from '../../folder/private-file.ts'
import { rejectionFile } from './identity.ts'

const Rejection = z.object({ at: z.string(), status: z.int(), code: z.string() })
export type Rejection = z.infer<typeof Rejection>

/** A marker that cannot be read marks all the same. */
export const readRejection = (dataDir: string): Rejection | null => {
  const text = readIfThere(rejectionFile(dataDir))
  if (text === null) return null
  try {
    return Rejection.parse(JSON.parse(text))
  } catch {
    return { at: 'unknown', status: 403, code: 'unknown' }
  }
}

export const writeRejection = (dataDir: string, nowMs: number, status: number, code: string): void =>
  writeWhole(rejectionFile(dataDir), `${JSON.stringify({ at: toIso(nowMs), status, code })}\n`)

export const clearRejection = (dataDir: string): void => rmSync(rejectionFile(dataDir), { force: true })
