// Programs of the bench as children: pinned to a core, asked to end, ended for sure when the run ends.
// What they do is theirs; what they cost is read in usage.ts.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { checkout } from './scratch.ts'

export interface Program {
  readonly pid: number
  /** Sends one value to the program and waits for the next it sends back; for programs of our own. */
  ask(value: object): Promise<unknown>
  hasEnded(): boolean
  /** The last lines it said, for when it ends unexpectedly. */
  said(): string
  stop(): Promise<void>
  /** Ends it at once, with nothing of what it would do at its end. */
  kill(): Promise<void>
}

export interface Starting {
  /** Below the checkout. */
  readonly file: string
  readonly args?: readonly string[]
  readonly nodeArgs?: readonly string[]
  readonly core: Core
}

/** The measured program has a core of its own where there are two; whoever loads it runs on the other. */
export type Core = 'measured' | 'load'

const leash = pathToFileURL(join(checkout, 'scripts', 'leash.ts')).href
const coreNo: Record<Core, string> = { measured: '0', load: '1' }
const patienceMs = 30_000
const linesKept = 20

export const pins = process.platform === 'linux' && availableParallelism() >= 2

/** Moves this process, with all its threads, to the core of the load. */
export const pinSelf = (): void => {
  if (pins) execFileSync('taskset', ['-a', '-c', '-p', coreNo.load, String(process.pid)])
}

const living = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL')
})

const commandOf = ({ file, args = [], nodeArgs = [], core }: Starting): readonly [string, readonly string[]] => {
  const node = [process.execPath, ...nodeArgs, '--import', leash, join(checkout, file), ...args]
  return pins ? ['taskset', ['-c', coreNo[core], ...node]] : [process.execPath, node.slice(1)]
}

const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await ended
  clearTimeout(insist)
}

const killChild = async (child: ChildProcess): Promise<void> => {
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
}

const ask = (child: ChildProcess, said: () => string, value: object): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const end = (): void => reject(new Error(`the program ended without an answer: ${said()}`))
    child.once('close', end)
    child.once('message', (reply) => {
      child.off('close', end)
      resolve(reply)
    })
    child.send(value)
  })

export const startProgram = (starting: Starting): Program => {
  const [command, args] = commandOf(starting)
  const child = spawn(command, args, { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe', 'ipc'], detached: true })
  living.add(child)
  child.once('exit', () => living.delete(child))
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      if (lines.length > linesKept) lines.shift()
    })
  }
  const said = (): string => lines.join('\n')
  return {
    pid: child.pid ?? 0,
    ask: (value) => ask(child, said, value),
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    said,
    stop: () => stopChild(child),
    kill: () => killChild(child),
  }
}
