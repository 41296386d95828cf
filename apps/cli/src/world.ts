// What a run of `muster` can see and touch outside itself, handed in so that tests run the whole program in process.
// main.ts makes the real one.
import type { Clock } from '@muster/kernel'

export interface OutStream {
  readonly isTerminal: boolean
  /** Columns of the terminal; undefined when it is none. */
  readonly columns: number | undefined
  /** Resolves once the reader has taken enough for more to be written. */
  write(text: string): Promise<void>
}

export interface World {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly homeFolder: string
  readonly workFolder: string
  readonly clock: Clock
  readonly wait: (waitMs: number) => Promise<void>
  readonly out: OutStream
  readonly err: OutStream
  readonly input: {
    readonly isTerminal: boolean
    /** Everything until the end of standard input. */
    readAll(): Promise<string>
    /** One line that the terminal does not show. */
    readHidden(): Promise<string>
  }
}
