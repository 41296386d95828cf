// The world of a run that is not a test: this process, its terminal and its streams.
// What a run does with them is run.ts.
import { homedir } from 'node:os'
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { isatty, type WriteStream } from 'node:tty'
import { systemClock } from '@muster/kernel'
import { isBrokenPipe, run } from './run.ts'
import type { ExitCode } from './stop.ts'
import type { OutStream, World } from './world.ts'

const outStream = (stream: WriteStream, isTerminal: boolean): OutStream => ({
  isTerminal,
  columns: isTerminal ? stream.columns : undefined,
  write: (written) =>
    written === ''
      ? Promise.resolve()
      : new Promise((resolve, reject) => stream.write(written, (fault) => (fault ? reject(fault) : resolve()))),
})

/** Reads a line and shows nothing of it. */
const readHidden = (): Promise<string> =>
  new Promise((resolve) => {
    const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
    const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true })
    reader.question('', (line) => {
      reader.close()
      process.stderr.write('\n')
      resolve(line)
    })
  })

const createWorld = (): World => ({
  env: process.env,
  platform: process.platform,
  homeFolder: homedir(),
  workFolder: process.cwd(),
  clock: systemClock,
  wait,
  out: outStream(process.stdout, isatty(1)),
  err: outStream(process.stderr, isatty(2)),
  input: { isTerminal: isatty(0), readAll: () => text(process.stdin), readHidden },
})

export const runHere = (words: readonly string[]): Promise<ExitCode> => {
  // A reader that goes away shows up here as well as in the write; the write is where it is dealt with.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (fault) => {
      if (!isBrokenPipe(fault)) throw fault
    })
  return run(words, createWorld())
}
