// A real muster-server on a data folder of the run: started, ready, stopped.
// What is asked of it is the cases' business.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import { serverFlags } from '@muster/server/node-flags'
import { type Program, startProgram } from './processes.ts'
import { cpuSeconds, residentBytes, writtenBytes } from './usage.ts'

export interface Target {
  readonly host: string
  readonly port: number
  cpuSeconds(): number
  residentBytes(): number
  /** What it caused to be written to disk. */
  writtenBytes(): number
  stop(): Promise<void>
}

export interface Server extends Target {
  readonly dataDir: string
  /** As the first owner. */
  readonly api: Client
  /** The fleet authority, PEM. */
  readonly ca: string
  /** Ends as a machine does that loses its power: nothing is said, written or closed. */
  crash(): Promise<void>
  /** One line of /metrics, named with its labels; NaN when there is none. */
  metric(line: string): Promise<number>
}

export interface ServerWishes {
  readonly dataDir: string
  /** Where to write a CPU profile of every thread when it stops. */
  readonly profileDir?: string | undefined
}

interface Running {
  readonly pid: number
  readonly api: { readonly url: string }
  readonly gateway: { readonly port: number }
}

export const loopback = '127.0.0.1'
const pollMs = 50
const startWithinMs = 120_000

const readRunning = (dataDir: string, pid: number): Running | undefined => {
  try {
    const running = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as Running
    return running.pid === pid ? running : undefined
  } catch {
    return undefined // not yet, or being written
  }
}

const waitUntilRunning = async (program: Program, dataDir: string): Promise<Running> => {
  const deadlineMs = performance.now() + startWithinMs
  while (!program.hasEnded() && performance.now() < deadlineMs) {
    const running = readRunning(dataDir, program.pid)
    if (running !== undefined) return running
    await wait(pollMs)
  }
  await program.stop()
  throw new Error(`muster-server did not become ready: ${program.said()}`)
}

const flags = ['--gateway', `${loopback}:0`, '--api', `${loopback}:0`, '--log-level', 'warn']

/** What a program on this machine reads of a server by its process. */
export const targetOf = (program: Program, port: number): Target => ({
  host: loopback,
  port,
  cpuSeconds: () => cpuSeconds(program.pid),
  residentBytes: () => residentBytes(program.pid),
  writtenBytes: () => writtenBytes(program.pid),
  stop: () => program.stop(),
})

const readMetric = (text: string, line: string): number => {
  const found = text.split('\n').find((one) => one.startsWith(`${line} `))
  return found === undefined ? Number.NaN : Number(found.slice(line.length))
}

const profileFlags = (dir: string | undefined): readonly string[] =>
  dir === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval', '5000', '--cpu-prof-dir', dir]

export const startServer = async ({ dataDir, profileDir }: ServerWishes): Promise<Server> => {
  const program = startProgram({
    file: 'apps/server/src/main.ts',
    args: ['serve', ...flags, '--data-dir', dataDir],
    nodeArgs: [...serverFlags, ...profileFlags(profileDir)],
    core: 'measured',
  })
  const running = await waitUntilRunning(program, dataDir)
  const token = new Secret(readFileSync(join(dataDir, 'admin-token'), 'utf8').trim())
  const ca = await (await fetch(`${running.api.url}/ca.pem`)).text()
  return {
    ...targetOf(program, running.gateway.port),
    dataDir,
    ca,
    crash: () => program.kill(),
    api: createClient({ baseUrl: running.api.url, token, timeoutMs: 120_000 }),
    async metric(line) {
      return readMetric(await (await fetch(`${running.api.url}/metrics`)).text(), line)
    },
  }
}
