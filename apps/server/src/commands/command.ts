// What every command of the program is given, and what it answers with.
// Which commands there are is commands.ts.
import type { Log } from '@muster/kernel'
import type { Machine } from '../settings/machine.ts'
import type { ServerSettings } from '../settings/settings.ts'

export interface Console {
  /** Data, for programs. */
  out(text: string): void
  /** Talk, for people. */
  say(text: string): void
  readonly isTerminal: boolean
}

export interface CommandCall {
  /** What stands behind the command's own words, such as a folder. */
  readonly names: readonly string[]
  readonly switches: ReadonlySet<string>
  readonly server: ServerSettings
  readonly machine: Machine
  readonly console: Console
  readonly log: Log
}

/** Resolves with the code to exit with; throws a plain fault for what the caller can put right. */
export type RunCommand = (call: CommandCall) => Promise<number>
