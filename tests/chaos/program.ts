// The server as a process that can be killed: started again and again on one data folder, at the same two addresses.
// What it is asked, and what is expected of it, is the test's.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { pathToFileURL } from 'node:url'
import { type Client, createClient } from '@muster/http/client'
import { Secret } from '@muster/kernel'
import type { Dice } from './dice.ts'

const root = join(import.meta.dirname, '..', '..')
const main = join(root, 'apps', 'server', 'src', 'main.ts')
// Ends the server when this process is gone, however it went.
const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href

export interface Address {
  readonly gatewayPort: number
  readonly apiPort: number
}

export interface Program {
  readonly pid: number
  /** Resolves once it says that it listens; rejects, with what it said, when it ends before that. */
  readonly started: Promise<void>
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>
  /** Everything it said. */
  said(): string
  /** Kill -9; resolves when nothing is left of it. */
  kill(): Promise<void>
  /** Ends it in good order; throws unless it does. */
  stop(): Promise<void>
}

const isFree = async (port: number): Promise<boolean> => {
  const probe = createServer().listen(port, '127.0.0.1')
  try {
    await once(probe, 'listening')
    return true
  } catch {
    return false
  } finally {
    probe.close()
  }
}

/** Below the ports that systems hand out by themselves, so that nobody takes one while the server is down. */
export const findPort = async (dice: Dice): Promise<number> => {
  for (;;) {
    const port = dice.between(12_000, 31_999)
    if (await isFree(port)) return port
  }
}

export const findAddress = async (dice: Dice): Promise<Address> => ({
  gatewayPort: await findPort(dice),
  apiPort: await findPort(dice),
})

const run = (
  dataDir: string,
  { gatewayPort, apiPort }: Address,
  flags: readonly string[],
  preloads: readonly string[],
): ChildProcess => {
  const ports = ['--gateway', `127.0.0.1:${gatewayPort}`, '--api', `127.0.0.1:${apiPort}`]
  const words = ['serve', '--data-dir', dataDir, ...ports, ...flags]
  // Nothing of the caller's environment counts, and no config file of this machine is found.
  const env = { PATH: process.env['PATH'] ?? '', HOME: dataDir }
  const ahead = [leash, ...preloads].flatMap((module) => ['--import', module])
  return spawn(process.execPath, [...ahead, main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
}

/** Nothing is left of the child when this process ends; it has started once it says the greeting. */
export const attend = (child: ChildProcess, greeting: string): Program => {
  let said = ''
  const { promise: started, resolve, reject } = Promise.withResolvers<void>()
  started.catch(() => {}) // who kills it while it starts does not wait for that
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream as NodeJS.ReadableStream }).on('line', (line) => {
      said += `${line}\n`
      if (line.includes(greeting)) resolve()
    })
  const ended = once(child, 'close').then(([code, signal]) => {
    reject(new Error(`it ended (${code ?? signal}): ${said}`))
    return { code, signal }
  })
  after(() => child.kill('SIGKILL'))
  return {
    pid: child.pid as number,
    started,
    ended,
    said: () => said,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    async stop() {
      child.kill('SIGTERM')
      const { code, signal } = await ended
      if (code !== 0) throw new Error(`it did not end in good order (${code ?? signal}): ${said}`)
    },
  }
}

/** Does not wait for it to start. Preloads are modules that are loaded ahead of it. */
export const launch = (
  dataDir: string,
  address: Address,
  flags: readonly string[] = [],
  preloads: readonly string[] = [],
): Program => attend(run(dataDir, address, flags, preloads), '"server started"')

export const apiUrlOf = ({ apiPort }: Address): string => `http://127.0.0.1:${apiPort}`

export const endpointOf = ({ gatewayPort }: Address): string => `https://127.0.0.1:${gatewayPort}`

/** Speaks with the token of the first owner. */
export const ownerOf = (dataDir: string, address: Address): Client =>
  createClient({
    baseUrl: apiUrlOf(address),
    token: new Secret(readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()),
  })

export const readAuthority = async (address: Address): Promise<string> =>
  (await fetch(`${apiUrlOf(address)}/ca.pem`)).text()

export interface Readiness {
  readonly status: number
  readonly reasons: readonly string[]
}

export const readReadiness = async (address: Address): Promise<Readiness> => {
  const reply = await fetch(`${apiUrlOf(address)}/readyz`)
  const { reasons } = (await reply.json()) as { reasons: readonly string[] }
  return { status: reply.status, reasons }
}
