// A real server in a process of its own, on free ports of loopback, for flows that go through whole programs.
// What it serves is the server's; who talks to it is the test's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const main = join(import.meta.dirname, '..', '..', 'apps', 'server', 'src', 'main.ts')

export interface ServerWishes {
  readonly flags?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface ProgramEnd {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface ServerProcess {
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** The first owner's; empty where operators prove themselves otherwise. */
  readonly ownerToken: string
  readonly dataDir: string
  /** Everything it logged. */
  readonly log: () => string
  /** Another command of the same program with the same settings, such as `doctor`, to its end. */
  command(...words: readonly string[]): Promise<ProgramEnd>
  /** Ends it in good order; its data folder stays until `stop`. */
  end(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

const textOf = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  let text = ''
  for await (const piece of stream ?? []) text += String(piece)
  return text
}

const runToEnd = async (words: readonly string[], env: NodeJS.ProcessEnv): Promise<ProgramEnd> => {
  const child = spawn(process.execPath, [main, ...words], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const [out, err, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')])
  return { code: code as number | null, out, err }
}

const readOwnerToken = (dataDir: string): string => {
  try {
    return readFileSync(join(dataDir, 'admin-token'), 'utf8').trim()
  } catch {
    return '' // another way of signing in was chosen
  }
}

/** Starts a server with an empty data folder and resolves once it says that it listens. */
export const startServerProcess = async (wishes: ServerWishes = {}): Promise<ServerProcess> => {
  const folder = mkdtempSync(join(tmpdir(), 'muster-flow-'))
  const dataDir = join(folder, 'data')
  const settings = ['--data-dir', dataDir, '--gateway', '127.0.0.1:0', '--api', '127.0.0.1:0', ...(wishes.flags ?? [])]
  const env = { PATH: process.env['PATH'] ?? '', HOME: folder, ...wishes.env }
  const child = spawn(process.execPath, [main, 'serve', ...settings], { env, stdio: ['ignore', 'pipe', 'pipe'] })
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
  const end = async (): Promise<void> => {
    child.kill('SIGTERM')
    await ended
  }
  return {
    apiUrl: api.url,
    gatewayUrl: gateway.url,
    ownerToken: readOwnerToken(dataDir),
    dataDir,
    log: () => log,
    command: (...words) => runToEnd([...words, ...settings], env),
    end,
    async stop() {
      await end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
