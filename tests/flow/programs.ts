// The agent and the command line as processes of their own, the way a newcomer starts them.
// The server beside them is server-process.ts; what they say to each other is the flow's.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const apps = join(import.meta.dirname, '..', '..', 'apps')

export interface ProgramEnd {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

type Env = Readonly<Record<string, string>>

const start = (app: 'agent' | 'cli', words: readonly string[], env: Env, input: 'ignore' | 'pipe' = 'ignore') => {
  const clean = { PATH: process.env['PATH'] ?? '', ...env }
  return spawn(process.execPath, [join(apps, app, 'src', 'main.ts'), ...words], {
    env: clean,
    stdio: [input, 'pipe', 'pipe'],
  })
}

const keepText = (child: ChildProcess): { out: string; err: string } => {
  const said = { out: '', err: '' }
  child.stdout?.on('data', (piece) => (said.out += String(piece)))
  child.stderr?.on('data', (piece) => (said.err += String(piece)))
  return said
}

const toEnd = async (child: ChildProcess): Promise<ProgramEnd> => {
  const said = keepText(child)
  const [code] = await once(child, 'close')
  return { code: code as number | null, ...said }
}

export interface CommandLine {
  /** What it wrote on standard output; throws when it ends with anything but 0. */
  text(...words: readonly string[]): Promise<string>
  /** Runs with --json and reads what it wrote. */
  // biome-ignore format: one line reads better
  // oxlint-disable-next-line typescript/no-explicit-any
  json(...words: readonly string[]): Promise<any>
  end(...words: readonly string[]): Promise<ProgramEnd>
}

/** `muster`, with this environment and nothing of the caller's. */
export const commandLine = (env: Env): CommandLine => {
  const end = (...words: readonly string[]) => toEnd(start('cli', words, env))
  const text = async (...words: readonly string[]): Promise<string> => {
    const { code, out, err } = await end(...words)
    if (code !== 0) throw new Error(`muster ${words.join(' ')} ended with ${code}: ${err}`)
    return out
  }
  return { end, text, json: async (...words) => JSON.parse(await text(...words, '--json')) }
}

export interface AgentProcess {
  /** Its log so far. */
  log(): string
  /** Asks it to end and resolves with its exit code. */
  stop(): Promise<number | null>
  /** Kill -9; resolves when nothing is left of it. */
  kill(): Promise<void>
}

const running = ['run', '--exit-with-stdin'] // it ends with whoever started it, however that one ends

/** `muster-agent run` with this configuration, or another command that may have to be cut off. */
export const startAgent = (configFile: string, env: Env, words: readonly string[] = running): AgentProcess => {
  const child = start('agent', [...words, '--config', configFile], env, 'pipe')
  const said = keepText(child)
  const ended = once(child, 'close')
  return {
    log: () => said.err,
    async stop() {
      child.kill('SIGTERM')
      const [code] = await ended
      return code as number | null
    },
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Any other command of `muster-agent`, to its end. */
export const agentCommand = (configFile: string, env: Env, ...words: readonly string[]): Promise<ProgramEnd> =>
  toEnd(start('agent', [...words, '--config', configFile], env))

/** Looks until the state is there; a state that never comes fails after far longer than anything here takes. */
export const until = async <T>(look: () => Promise<T>, isThere: (seen: T) => boolean): Promise<T> => {
  const deadline = AbortSignal.timeout(120_000)
  for (;;) {
    const seen = await look()
    if (isThere(seen)) return seen
    if (deadline.aborted) throw new Error(`it never came; last seen: ${JSON.stringify(seen).slice(0, 2000)}`)
    await wait(100)
  }
}
