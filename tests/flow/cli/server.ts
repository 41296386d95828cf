// A real server in a process of its own, on free ports of loopback, for flows that go through the command line.
// What it serves is the server's; who talks to it is the test's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const main = join(import.meta.dirname, '..', '..', '..', 'apps', 'server', 'src', 'main.ts')

export interface ServerProcess {
  readonly apiUrl: string
  readonly gatewayUrl: string
  readonly ownerToken: string
  /** Everything it logged. */
  readonly log: () => string
  stop(): Promise<void>
}

/** Starts a server with an empty data folder and resolves once it says that it listens. */
export const startServerProcess = async (...flags: readonly string[]): Promise<ServerProcess> => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-flow-'))
  const dataDir = join(folder, 'data')
  const words = ['serve', '--data-dir', dataDir, '--gateway', '127.0.0.1:0', '--api', '127.0.0.1:0', ...flags]
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder }
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (text) => (log += String(text)))
  const ended = once(child, 'close')
  const started = Promise.withResolvers<void>()
  createInterface({ input: child.stdout })
    .on('line', (line) => {
      log += `${line}\n`
      if (line.includes('"server started"')) started.resolve()
    })
    .once('close', () => started.reject(new Error(`the server ended: ${log}`)))
  await started.promise
  const { api, gateway } = JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')) as {
    api: { url: string }
    gateway: { url: string }
  }
  return {
    apiUrl: api.url,
    gatewayUrl: gateway.url,
    ownerToken: readFileSync(join(dataDir, 'admin-token'), 'utf8').trim(),
    log: () => log,
    async stop() {
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
