// The program `muster-server`: which command, with which settings, and what the exit code is.
// What a command does is in commands/; what a setting means is in settings/.
import { createLog } from '@muster/kernel'
import { backup } from './commands/backup.ts'
import type { Command } from './commands/command.ts'
import { configCheck } from './commands/config-check.ts'
import { doctor } from './commands/doctor.ts'
import { migrate } from './commands/migrate.ts'
import { restore } from './commands/restore.ts'
import { serve } from './commands/serve.ts'
import { createConsole } from './console.ts'
import { PlainFault } from './plain-fault.ts'
import { type Arguments, readArguments } from './settings/arguments.ts'
import { helpText } from './settings/help.ts'
import { readMachine } from './settings/machine.ts'
import { nearest } from './settings/nearest.ts'
import { readSettings } from './settings/settings.ts'
import { flagOf, settingKeys } from './settings/table.ts'
import { programVersion } from './version.ts'

const commands: Readonly<Record<string, Command>> = {
  serve,
  migrate,
  doctor,
  backup,
  restore,
  'config check': configCheck,
}

const switches = [
  ['--json', 'doctor and config check: one JSON document instead of lines'],
  ['--help, -h', 'this text'],
  ['--version', 'the version of this program'],
] as const

const console = createConsole()

const say = (sentence: string): void => console.say(`muster-server: ${sentence}`)

const help = (): string =>
  helpText(
    Object.entries(commands).map(([words, command]) => ({
      words: [words, ...command.names].join(' '),
      help: command.help,
    })),
    switches,
  )

const findCommand = (names: readonly string[]): { readonly command: Command; readonly names: readonly string[] } => {
  if (names.length === 0) return { command: serve, names: [] }
  for (const length of [2, 1]) {
    const command = commands[names.slice(0, length).join(' ')]
    if (command === undefined) continue
    const own = names.slice(length)
    if (own.length === command.names.length) return { command, names: own }
    const form = [...names.slice(0, length), ...command.names].join(' ')
    throw new PlainFault(`that command is written: muster-server ${form}`, 2)
  }
  const close = nearest(names[0] ?? '', Object.keys(commands))
  const hint = close === null ? `there are ${Object.keys(commands).join(', ')}` : `did you mean ${close}?`
  throw new PlainFault(`unknown command "${names[0]}"; ${hint}`, 2)
}

const run = async (given: Arguments): Promise<number> => {
  if (given.switches.has('help')) {
    console.out(help())
    return 0
  }
  if (given.switches.has('version')) {
    console.out(programVersion)
    return 0
  }
  for (const { message } of given.faults) say(`${message} (see --help)`)
  if (given.faults.length > 0) return 2
  const { command, names } = findCommand(given.names)
  const machine = readMachine()
  const outcome = readSettings(given, machine)
  if (!outcome.ok) {
    for (const { where, message } of outcome.faults) say(`${where}: ${message}`)
    return 2
  }
  const log = createLog({ level: outcome.settings.settings['log.level'] })
  return command.run({ names, switches: given.switches, server: outcome.settings, machine, console, log })
}

const chainOf = (fault: unknown): string => {
  const messages: string[] = []
  for (let at = fault; at instanceof Error; at = at.cause) messages.push(at.message.replaceAll(/\s+/g, ' '))
  return messages.length === 0 ? String(fault) : messages.join(': ')
}

try {
  const valued = ['config', ...settingKeys.map(flagOf)]
  process.exitCode = await run(readArguments(process.argv.slice(2), valued, ['json', 'help', 'version']))
} catch (fault) {
  say(fault instanceof PlainFault ? fault.message : chainOf(fault))
  // A defect's stack is for whoever mends the program; a plain fault has said all there is.
  if (!(fault instanceof PlainFault) && fault instanceof Error) console.say(fault.stack ?? '')
  process.exitCode = fault instanceof PlainFault ? fault.exitCode : 1
}
