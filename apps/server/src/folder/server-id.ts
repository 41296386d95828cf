// The id of a server, which lies in its data folder and stays the same over restarts; one process at a time has the folder.
// It names nobody to anybody outside; what is told apart by it is the caller's business.
import { randomUUID } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf } from '../plain-fault.ts'

const wellFormed = /^[0-9a-f-]{36}$/

const readId = (path: string): string | undefined => {
  try {
    const text = readFileSync(path, 'utf8').trim()
    return wellFormed.test(text) ? text : undefined
  } catch (fault) {
    if (codeOf(fault) === 'ENOENT') return undefined
    throw new Error(`read the server's id ${path}`, { cause: fault })
  }
}

/** Makes one when there is none, or none that can be read: it is worth no more than the claims it frees. */
export const readServerId = (dataDir: string): string => {
  const path = join(dataDir, 'server-id')
  const known = readId(path)
  if (known !== undefined) return known
  const made = randomUUID()
  writeFileSync(path, `${made}\n`, { mode: 0o600, flush: true })
  return made
}
