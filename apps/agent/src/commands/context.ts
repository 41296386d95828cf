// What every command starts from: the machine, the owner's configuration, and the streams to speak on.
// Each command is a file of its own.
import { type AgentConfiguration, readConfiguration } from '../configuration/configuration.ts'
import { findConfigFile, type Machine, readMachine } from '../configuration/machine.ts'
import type { Arguments } from '../program/arguments.ts'

export interface CommandContext {
  readonly arguments: Arguments
  readonly machine: Machine
  readonly configuration: AgentConfiguration
  /** Data goes here; talk goes to standard error. */
  readonly print: (text: string) => void
}

export const createContext = (asked: Arguments, print: (text: string) => void): CommandContext => {
  const machine = readMachine()
  return {
    arguments: asked,
    machine,
    configuration: readConfiguration(findConfigFile(asked.config, machine), machine),
    print,
  }
}
