// A program of this checkout as a child: started out of the terminal's reach, stopped once, never left behind.
// What the programs say and do is theirs; this keeps their lines and tells when they end.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { root } from '../with-node.mjs'

export interface Program {
  readonly name: string
  readonly pid: number
  /** Resolves with the exit code when the program has ended, however that came about. */
  readonly ended: Promise<number>
  readonly hasEnded: () => boolean
  /** What it has printed and nobody has asked to be kept in a file. */
  readonly printed: () => readonly string[]
  /** From now on, and with what came before, its log goes to this file. */
  logTo(file: string): void
  /** Asks it to end, insists after a while, and resolves when it has. */
  stop(): Promise<void>
}

const leash = pathToFileURL(join(root, 'scripts', 'leash.ts')).href
const patienceMs = 20_000

interface Tape {
  readonly add: (line: string) => void
  readonly early: () => readonly string[]
  readonly writeTo: (file: string) => void
}

/** Keeps lines until it is told where they go. */
const createTape = (): Tape => {
  let early: string[] = []
  let stream: WriteStream | null = null
  return {
    add: (line) => {
      if (stream === null) early.push(line)
      else stream.write(`${line}\n`)
    },
    early: () => early,
    writeTo: (file) => {
      stream = createWriteStream(file, { mode: 0o600 })
      for (const line of early) stream.write(`${line}\n`)
      early = []
    },
  }
}

const endOf = async (child: ChildProcess): Promise<number> => {
  await once(child, 'close')
  return child.exitCode ?? 1
}

const readLines = (stream: Readable | null, take: (line: string) => void): void => {
  if (stream !== null) createInterface({ input: stream }).on('line', take)
}

/** Starts a program with these arguments; its talk is passed to `hear`, its log is kept. */
export const startProgram = (
  name: string,
  file: string,
  args: readonly string[],
  hear: (line: string) => void,
  nodeFlags: readonly string[] = [],
): Program => {
  const child = spawn(process.execPath, [...nodeFlags, '--import', leash, join(root, file), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A process group of its own, so that Ctrl-C reaches it once, through us.
    detached: process.platform !== 'win32',
  })
  const tape = createTape()
  readLines(child.stdout, tape.add)
  // Some programs log to stderr, beside what they say to people there.
  readLines(child.stderr, (line) => (line.startsWith('{') ? tape.add(line) : hear(line)))
  const ended = endOf(child)
  return {
    name,
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    printed: tape.early,
    logTo: tape.writeTo,
    stop: async () => {
      child.kill('SIGTERM')
      const insist = setTimeout(() => child.kill('SIGKILL'), patienceMs)
      await ended
      clearTimeout(insist)
    },
  }
}
