// The program `muster-server`: which command, with which settings, and what the exit code is.
// What a command does is in commands/; what a setting means is in settings/.
import { enableCompileCache } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLog } from '@muster/kernel'
import { COMMANDS, type Command } from './commands/commands.ts'
import { createConsole } from './console.ts'
import { PlainFault } from './plain-fault.ts'
import { type Arguments, readArguments } from './settings/arguments.ts'
import { helpText } from './settings/help.ts'
import { nearest } from './settings/nearest.ts'
import { readMachine } from './settings/read-machine.ts'
import { readSettings } from './settings/settings.ts'
import { flagOf, settingKeys } from './settings/table.ts'
import { programVersion } from './version.ts'

const switches = [
  ['--json', 'doctor and config check: one JSON document instead of lines'],
  ['--help, -h', 'this text'],
  ['--version', 'the version of this program'],
] as const

// The second start need not compile what the first one did. Threads look for it in their environment only.
process.env['NODE_COMPILE_CACHE'] ||= join(tmpdir(), 'node-compile-cache')
enableCompileCache()

const console = createConsole()

const say = (sentence: string): void => console.say(`muster-server: ${sentence}`)

const help = (): string =>
  helpText(
    Object.entries(COMMANDS).map(([words, command]) => ({
      words: [words, ...command.names].join(' '),
      help: command.help,
    })),
    switches,
  )

const findCommand = (said: readonly string[]): { readonly command: Command; readonly names: readonly string[] } => {
  const names = said.length === 0 ? ['serve'] : said
  for (const length of [2, 1]) {
    const command = COMMANDS[names.slice(0, length).join(' ')]
    if (command === undefined) continue
    const own = names.slice(length)
    if (own.length === command.names.length) return { command, names: own }
    const form = [...names.slice(0, length), ...command.names].join(' ')
    throw new PlainFault(`that command is written: muster-server ${form}`, 2)
  }
  const close = nearest(names[0] ?? '', Object.keys(COMMANDS))
  const hint = close === null ? `there are ${Object.keys(COMMANDS).join(', ')}` : `did you mean ${close}?`
  throw new PlainFault(`unknown command "${names[0]}"; ${hint}`, 2)
}

const answer = async (given: Arguments): Promise<number> => {
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
  const { run } = await command.load()
  return run({ names, switches: given.switches, server: outcome.settings, machine, console, log })
}

const chainOf = (fault: unknown): string => {
  const messages: string[] = []
  for (let at = fault; at instanceof Error; at = at.cause) messages.push(at.message.replaceAll(/\s+/g, ' '))
  return messages.length === 0 ? String(fault) : messages.join(': ')
}

const given = readArguments(process.argv.slice(2), ['config', ...settingKeys.map(flagOf)], ['json', 'help', 'version'])

try {
  process.exitCode = await answer(given)
} catch (fault) {
  say(fault instanceof PlainFault ? fault.message : chainOf(fault))
  // Where it came from helps whoever mends the program, and nobody else.
  if (given.flags.get('log-level') === 'debug' && fault instanceof Error) console.say(fault.stack ?? '')
  process.exitCode = fault instanceof PlainFault ? fault.exitCode : 1
}
