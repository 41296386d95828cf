// The command line taken apart: which command, which flags, which names; strict, with a suggestion for a slip.
// What the flags' texts mean is table.ts; running commands is main.ts.
import { parseArgs } from 'node:util'
import { nearest } from './nearest.ts'

export interface ArgumentFault {
  readonly message: string
}

export interface Arguments {
  readonly names: readonly string[]
  /** Flag without dashes to its text. */
  readonly flags: ReadonlyMap<string, string>
  readonly switches: ReadonlySet<string>
  readonly faults: readonly ArgumentFault[]
}

const short: Record<string, string> = { h: 'help' }

/** `valued` flags take a text (`--flag TEXT` or `--flag=TEXT`), `switches` stand alone; of a repeated flag the last counts. */
export const readArguments = (
  argv: readonly string[],
  valued: readonly string[],
  switches: readonly string[],
): Arguments => {
  const options = Object.fromEntries([
    ...valued.map((name) => [name, { type: 'string' }] as const),
    ...switches.map((name) => [name, { type: 'boolean' }] as const),
  ])
  const { tokens } = parseArgs({ args: [...argv], options, strict: false, allowPositionals: true, tokens: true })
  const names: string[] = []
  const flags = new Map<string, string>()
  const set = new Set<string>()
  const faults: ArgumentFault[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') names.push(token.value)
    if (token.kind !== 'option') continue
    const name = token.rawName.startsWith('--') ? token.name : (short[token.name] ?? token.name)
    if (switches.includes(name)) {
      if (token.value === undefined) set.add(name)
      else faults.push({ message: `--${name} takes no value` })
    } else if (!valued.includes(name)) faults.push({ message: unknownFlag(token.rawName, [...valued, ...switches]) })
    else if (token.value === undefined) faults.push({ message: `--${name} needs a value` })
    else flags.set(name, token.value)
  }
  return { names, flags, switches: set, faults }
}

const unknownFlag = (rawName: string, known: readonly string[]): string => {
  const close = nearest(rawName.replace(/^-+/, ''), known)
  return `unknown flag ${rawName}${close === null ? '' : `; did you mean --${close}?`}`
}
