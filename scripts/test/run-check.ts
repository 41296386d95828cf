// Runs one check as its own process, on this terminal, and says how it ended.
// Which checks there are and what their ends mean together is decided elsewhere.
import { type StdioOptions, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { pathToFileURL } from 'node:url'
import { root } from '../with-node.mjs'
import type { Check } from './checks.ts'
import { type Counts, faultOf, noTests } from './counts.ts'

export interface Outcome {
  readonly name: string
  readonly tookMs: number
  /** Null when the check passed, else in a few words why not. */
  readonly fault: string | null
  /** Null for a check that is not a run of tests. */
  readonly counts: Counts | null
}

// Loaded into the check, so that it ends with this run even when this run is killed.
const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href

const faultOfEnd = (code: number | null, signal: NodeJS.Signals | null): string | null => {
  if (code === 0) return null
  return signal === null ? `exit code ${code}` : `ended by ${signal}`
}

export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv
  /** Ends the check early. */
  readonly stopping: AbortSignal
}

export const runCheck = async (check: Check, surroundings: Surroundings): Promise<Outcome> => {
  const startedMs = performance.now()
  const { environment, stopping } = surroundings
  const stdio: StdioOptions = ['ignore', 'inherit', 'inherit', 'ipc']
  const child = spawn(process.execPath, ['--import', leash, ...check.args], { cwd: root, env: environment, stdio })
  const stop = (): boolean => child.kill('SIGTERM')
  stopping.addEventListener('abort', stop)
  let counts = check.counts ? noTests : null // what a runner that dies early has counted
  child.on('message', (told) => {
    counts = told as Counts
  })
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  stopping.removeEventListener('abort', stop)
  const end = faultOfEnd(code, signal)
  const fault = counts === null ? end : (faultOf(counts) ?? end)
  return { name: check.name, tookMs: performance.now() - startedMs, fault, counts }
}
