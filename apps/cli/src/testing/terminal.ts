// A terminal made of strings, in which the whole program runs as it would in a real one.
// Servers and files are real; tests bring their own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as realWait } from 'node:timers/promises'
import { type Clock, systemClock } from '@muster/kernel'
import { run } from '../run.ts'
import type { World } from '../world.ts'

export interface TerminalSettings {
  readonly env?: Readonly<Record<string, string>>
  /** Columns; without them output goes to a pipe. */
  readonly columns?: number
  /** What comes in on standard input. */
  readonly input?: string
  readonly workFolder?: string
  readonly clock?: Clock
  /** What happens instead of waiting; tests of waiting move their clock. */
  readonly wait?: (waitMs: number) => Promise<void>
}

/** How a run ended, and what it wrote where. */
export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface Terminal {
  readonly homeFolder: string
  run(...words: readonly string[]): Promise<Ended>
  /** The same terminal with some things otherwise. */
  with(settings: TerminalSettings): Terminal
  /** Runs a command with --json that should succeed, and reads what it wrote. */
  // biome-ignore format: one line reads better
  // oxlint-disable-next-line typescript/no-explicit-any
  json(...words: readonly string[]): Promise<any>
}

const openTerminal = (homeFolder: string, settings: TerminalSettings): Terminal => {
  const { env = {}, columns, input = '', workFolder = homeFolder, clock = systemClock, wait = realWait } = settings
  const runWords = async (words: readonly string[]): Promise<Ended> => {
    const written = { out: '', err: '' }
    const stream = (name: 'out' | 'err') => ({
      isTerminal: columns !== undefined,
      columns,
      write: async (text: string) => {
        written[name] += text
      },
    })
    const world: World = {
      env,
      platform: 'linux',
      homeFolder,
      workFolder,
      clock,
      wait,
      out: stream('out'),
      err: stream('err'),
      input: { isTerminal: false, readAll: async () => input, readHidden: async () => input },
    }
    const code = await run(words, world)
    return { code, ...written }
  }
  return {
    homeFolder,
    run: (...words) => runWords(words),
    with: (more) => openTerminal(homeFolder, { ...settings, ...more }),
    async json(...words) {
      const ended = await runWords([...words, '--json'])
      if (ended.code !== 0) throw new Error(`muster ${words.join(' ')} ended with ${ended.code}: ${ended.err}`)
      return JSON.parse(ended.out)
    },
  }
}

/** A terminal with a home folder of its own, which is gone when this process is. */
export const createTerminal = (settings: TerminalSettings = {}): Terminal => {
  const homeFolder = mkdtempSync(join(tmpdir(), 'muster-cli-'))
  process.once('exit', () => rmSync(homeFolder, { recursive: true, force: true }))
  return openTerminal(homeFolder, settings)
}
