// What every command starts from: the machine, the owner's configuration, and the streams to speak on.
// Each command is a file of its own.
import type { AgentConfiguration } from '../configuration/configuration.ts'
import { readUsable } from '../configuration/last-good.ts'
import { findConfigFile, type Machine, readMachine } from '../configuration/machine.ts'
import type { PlainFault } from '../plain-fault.ts'
import type { Arguments } from '../program/arguments.ts'

export interface CommandContext {
  readonly arguments: Arguments
  readonly machine: Machine
  readonly configuration: AgentConfiguration
  /** What is wrong with the owner's file, when the last good one stands in for it. */
  readonly configurationFault: PlainFault | null
  /** Data goes here; talk goes to standard error. */
  readonly print: (text: string) => void
  readonly tell: (text: string) => void
}

const tell = (text: string): void => void process.stderr.write(text)

export const createContext = (asked: Arguments, print: (text: string) => void): CommandContext => {
  const machine = readMachine()
  const { configuration, fault } = readUsable(findConfigFile(asked.config, machine), machine)
  return { arguments: asked, machine, configuration, configurationFault: fault, print, tell }
}

/** For commands whose outcome would be wrong with a configuration that is not the one in the file. */
export const mustBeGood = ({ configurationFault }: CommandContext): void => {
  if (configurationFault !== null) throw configurationFault
}
