// The command line taken apart: which command, which flags; strict, so that a slip is told and not ignored.
// What commands do is in commands/.
import { parseArgs } from 'node:util'
import { PlainFault } from '../plain-fault.ts'

const flags = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  'exit-with-stdin': { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const
type Flag = keyof typeof flags

/** Every command, the flags it has beside `--config`, and its line in the help. */
export const COMMANDS = {
  run: { flags: ['exit-with-stdin'], summary: 'scan this machine and report to the server, until stopped' },
  enroll: { flags: [], summary: 'join the server named in the configuration, then exit' },
  scan: { flags: ['json'], summary: 'print what is found on this machine; needs no server and changes nothing' },
  status: { flags: ['json'], summary: 'print who this device is, what was scanned and what waits to be sent' },
  reset: { flags: ['all'], summary: 'forget the enrolment; with --all everything the agent owns' },
} as const satisfies Record<string, { readonly flags: readonly Flag[]; readonly summary: string }>
export type CommandName = keyof typeof COMMANDS

export interface Arguments {
  readonly command: CommandName
  readonly config: string | undefined
  readonly json: boolean
  readonly all: boolean
  readonly exitWithStdin: boolean
}

export type Asked = Arguments | 'help' | 'version'

const isCommand = (name: string): name is CommandName => Object.hasOwn(COMMANDS, name)

const parse = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true })
  } catch (cause) {
    const said = (cause as Error).message.split('. ')[0] ?? ''
    throw new PlainFault(`${said}; see muster-agent --help`, 2, { cause })
  }
}

export const readArguments = (argv: readonly string[]): Asked => {
  const { values, positionals } = parse(argv)
  if (values.version === true) return 'version'
  const [command, surplus] = positionals
  if (values.help === true || command === 'help' || command === undefined) return 'help'
  if (!isCommand(command)) throw new PlainFault(`there is no command "${command}"; see muster-agent --help`, 2)
  if (surplus !== undefined) throw new PlainFault(`${command} takes no "${surplus}"; see muster-agent --help`, 2)
  const known: readonly string[] = ['config', ...COMMANDS[command].flags]
  const odd = Object.keys(values).find((flag) => !known.includes(flag))
  if (odd !== undefined) throw new PlainFault(`${command} has no flag --${odd}; see muster-agent --help`, 2)
  return {
    command,
    config: values.config,
    json: values.json ?? false,
    all: values.all ?? false,
    exitWithStdin: values['exit-with-stdin'] ?? false,
  }
}

const padded = (name: string): string => name.padEnd(8)

export const helpText = (): string =>
  [
    'Usage: muster-agent COMMAND [--config FILE] [FLAGS]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary, flags: own }]) => {
      const said = own.map((flag) => ` [--${flag}]`).join('')
      return `  ${padded(name)} ${summary}${said}`
    }),
    '',
    '  --config FILE      the configuration (YAML or TOML); otherwise MUSTER_AGENT_CONFIG, then the folders of the system',
    '  --exit-with-stdin  stop when standard input closes, for programs that start the agent beside themselves',
    '',
  ].join('\n')
