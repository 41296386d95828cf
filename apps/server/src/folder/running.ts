// What a running server tells programs on the same machine: where it listens and which process it is.
// A file that outlived its server is harmless: the folder's lock says whether one runs.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import { runningFile } from './data-folder.ts'

const Address = z.object({ host: z.string(), port: z.int() })

const Running = z.object({
  pid: z.int(),
  version: z.string(),
  startedAt: z.string(),
  gateway: z.object({ ...Address.shape, url: z.string() }).nullable(),
  api: z.object({ ...Address.shape, url: z.string() }),
})
export type Running = z.infer<typeof Running>

export const announceRunning = (dataDir: string, running: Running): void => {
  const file = runningFile(dataDir)
  writeFileSync(`${file}.partial`, `${JSON.stringify(running, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.partial`, file)
}

export const withdrawRunning = (dataDir: string): void => rmSync(runningFile(dataDir), { force: true })

/** Null when there is none that can be read. */
export const readRunning = (dataDir: string): Running | null => {
  try {
    return Running.parse(JSON.parse(readFileSync(runningFile(dataDir), 'utf8')))
  } catch {
    return null // whoever asks can do without
  }
}
