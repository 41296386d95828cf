// Runs the program itself, as an operator would, for tests of what it says and how it ends.
// Tests of what a server answers start one in their own process, see server.ts beside this.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after } from 'node:test'
import { type Running, readRunning } from '../folder/running.ts'

const main = join(import.meta.dirname, '..', 'main.ts')

/** A folder that is gone after the tests of this file. */
export const scratchDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'muster-server-'))
  after(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}

export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

type Env = Readonly<Record<string, string>>

const start = (argv: readonly string[], env: Env): ChildProcess => {
  const { PATH = '', HOME = '' } = process.env
  // Nothing of the caller's environment counts, and no config file of this machine is found.
  const clean = { PATH, HOME, XDG_CONFIG_HOME: '/nonexistent', ...env }
  return spawn(process.execPath, [main, ...argv], { env: clean, stdio: ['ignore', 'pipe', 'pipe'] })
}

const textOf = async (stream: NodeJS.ReadableStream | null): Promise<string> => {
  let text = ''
  for await (const part of stream ?? []) text += String(part)
  return text
}

/** Runs a command to its end. */
export const runProgram = async (argv: readonly string[], env: Env = {}): Promise<Ended> => {
  const child = start(argv, env)
  const [out, said, [code]] = await Promise.all([textOf(child.stdout), textOf(child.stderr), once(child, 'close')])
  return { code: code as number | null, out, said }
}

export interface ServingProgram {
  readonly running: Running
  readonly child: ChildProcess
  /** JSON lines of the log so far. */
  readonly lines: readonly string[]
  /** Ends it in good order and resolves with its exit code. */
  stop(): Promise<number | null>
}

/** Runs `serve` on free ports of loopback and waits until it says that it listens. */
export const serveProgram = async (
  dataDir: string,
  argv: readonly string[] = [],
  env: Env = {},
): Promise<ServingProgram> => {
  const ports = ['--gateway', '127.0.0.1:0', '--api', '127.0.0.1:0']
  const child = start(['serve', '--data-dir', dataDir, ...ports, ...argv], env)
  const said = textOf(child.stderr)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout as NodeJS.ReadableStream })
  const started = new Promise<void>((resolve, reject) => {
    reader.on('line', (line) => {
      lines.push(line)
      if (line.includes('"server started"')) resolve()
    })
    reader.once('close', () => void said.then((text) => reject(new Error(`the server ended: ${text}`))))
  })
  const ended = once(child, 'close')
  after(() => child.kill('SIGKILL'))
  await started
  const running = readRunning(dataDir)
  if (running === null) throw new Error('the server said nothing of itself')
  return {
    running,
    child,
    lines,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code as number | null
    },
  }
}
