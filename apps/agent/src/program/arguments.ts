// The command line taken apart: which command, which flags; strict, so that a slip is told and not ignored.
// What commands do is in commands/.
import { parseArgs } from 'node:util'
import { PlainFault } from '../plain-fault.ts'

const flags = {
  config: { type: 'string' },
  json: { type: 'boolean' },
  all: { type: 'boolean' },
  system: { type: 'boolean' },
  print: { type: 'boolean' },
  'new-key': { type: 'boolean' },
  'exit-with-stdin': { type: 'boolean' },
  'clear-rejected': { type: 'boolean' },
  'exit-zero-if-rejected': { type: 'boolean' },
  'token-stdin': { type: 'boolean' },
  surface: { type: 'string' },
  limit: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const
type Flag = keyof typeof flags

interface CommandRule {
  /** What is looked for, in the help; any number of words. */
  readonly words?: string
  readonly actions: readonly string[]
  readonly flags: readonly Flag[]
  readonly summary: string
}

const list = { words: '[WORD...]', actions: [], flags: ['surface', 'limit', 'json'] } as const

/** Every command, the actions one of which it needs, its flags beside `--config`, and its line in the help. */
export const COMMANDS = {
  run: {
    actions: [],
    flags: ['exit-with-stdin', 'clear-rejected', 'exit-zero-if-rejected'],
    summary: 'scan this machine and report to the server, until stopped',
  },
  enroll: { actions: [], flags: ['token-stdin'], summary: 'join the server named in the configuration, then exit' },
  renew: {
    actions: [],
    flags: ['new-key'],
    summary: 'trade the certificate for the next one now; with --new-key for a new key of this device',
  },
  scan: {
    actions: [],
    flags: ['json'],
    summary: 'print what is found on this machine; needs no server and changes nothing',
  },
  status: {
    actions: [],
    flags: ['json'],
    summary: 'print who this device is, what was scanned and what waits to be sent',
  },
  inventory: { ...list, summary: 'print what was found here at the last scans' },
  changes: { ...list, summary: 'print what came, changed and went here, newest first' },
  findings: { ...list, summary: 'print what the rules found here, newest first' },
  explain: { actions: [], flags: ['json'], summary: 'print what is read, what was sent and what would be' },
  doctor: { actions: [], flags: ['json'], summary: 'look for what keeps this agent from working, and say what to do' },
  service: {
    actions: ['install', 'uninstall'],
    flags: ['system', 'print'],
    summary: 'start with the session, or with --system with the machine; --print only shows the files',
  },
  reset: { actions: [], flags: ['all'], summary: 'forget the enrolment; with --all everything the agent owns' },
} as const satisfies Record<string, CommandRule>
export type CommandName = keyof typeof COMMANDS

export interface Arguments {
  readonly command: CommandName
  /** One of the command's actions; null for a command that has none. */
  readonly action: string | null
  /** What is looked for; empty for a command that takes no words. */
  readonly words: readonly string[]
  readonly surface: string | undefined
  /** How many are shown at most; undefined for as many as the command thinks fit. */
  readonly limit: number | undefined
  readonly config: string | undefined
  readonly json: boolean
  readonly all: boolean
  readonly exitWithStdin: boolean
  /** Forget that the server rejected this device, and ask again. */
  readonly clearRejected: boolean
  readonly exitZeroIfRejected: boolean
  readonly tokenStdin: boolean
  readonly system: boolean
  readonly print: boolean
  readonly newKey: boolean
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

const actionOf = (command: string, { actions, words }: CommandRule, rest: readonly string[]): string | null => {
  if (words !== undefined) return null
  const [action, surplus] = actions.length === 0 ? [undefined, rest[0]] : rest
  if (surplus !== undefined) throw new PlainFault(`${command} takes no "${surplus}"; see muster-agent --help`, 2)
  if (actions.length === 0) return null
  if (action !== undefined && actions.includes(action)) return action
  throw new PlainFault(`${command} needs one of: ${actions.join(', ')}`, 2)
}

const limitOf = (said: string | undefined): number | undefined => {
  if (said === undefined) return undefined
  if (!/^[1-9]\d{0,6}$/.test(said))
    throw new PlainFault(`--limit is a whole number from 1 to 9999999, not "${said}"`, 2)
  return Number(said)
}

export const readArguments = (argv: readonly string[]): Asked => {
  const { values, positionals } = parse(argv)
  if (values.version === true) return 'version'
  const [command, ...rest] = positionals
  if (values.help === true || command === 'help' || command === undefined) return 'help'
  if (!isCommand(command)) throw new PlainFault(`there is no command "${command}"; see muster-agent --help`, 2)
  const rule: CommandRule = COMMANDS[command]
  const action = actionOf(command, rule, rest)
  const known: readonly string[] = ['config', ...rule.flags]
  const odd = Object.keys(values).find((flag) => !known.includes(flag))
  if (odd !== undefined) throw new PlainFault(`${command} has no flag --${odd}; see muster-agent --help`, 2)
  return {
    command,
    action,
    words: rule.words === undefined ? [] : rest,
    surface: values.surface,
    limit: limitOf(values.limit),
    config: values.config,
    json: values.json ?? false,
    all: values.all ?? false,
    exitWithStdin: values['exit-with-stdin'] ?? false,
    clearRejected: values['clear-rejected'] ?? false,
    exitZeroIfRejected: values['exit-zero-if-rejected'] ?? false,
    tokenStdin: values['token-stdin'] ?? false,
    system: values.system ?? false,
    print: values.print ?? false,
    newKey: values['new-key'] ?? false,
  }
}

const valueNames: Partial<Record<Flag, string>> = { surface: ' NAME', limit: ' N' }

const padded = (name: string): string => name.padEnd(9)

export const helpText = (): string =>
  [
    'Usage: muster-agent COMMAND [--config FILE] [FLAGS]',
    '',
    ...Object.entries(COMMANDS).map(([name, rule]: [string, CommandRule]) => {
      const { summary, flags: own, actions, words } = rule
      const said = [
        ...(words === undefined ? [] : [` ${words}`]),
        ...(actions.length === 0 ? [] : [` ${actions.join('|')}`]),
        ...own.map((flag) => ` [--${flag}${valueNames[flag] ?? ''}]`),
      ].join('')
      return `  ${padded(name)} ${summary}${said}`
    }),
    '',
    '  --config FILE      the configuration (YAML or TOML); otherwise MUSTER_AGENT_CONFIG, then the folders of the system',
    '  --exit-with-stdin  stop when standard input closes, for programs that start the agent beside themselves',
    '  --clear-rejected   speak again to a server that rejected this device, once it was let in again',
    '  --exit-zero-if-rejected  end with 0 and not 4 then, for service managers that start again whatever failed',
    '  --token-stdin      read the enrolment token from standard input',
    '  WORD               only what has each of them at the beginning of a word, whatever its case',
    '  --surface, --limit only of this surface, and no more than so many',
    '',
  ].join('\n')
