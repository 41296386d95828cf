// The program `muster-agent`: reads the command line, runs one command, turns faults into one line and an exit code.
// Each command is a file in commands/.

import type { CommandContext } from './commands/context.ts'
import { ERRAND_WORD } from './lanes/observe/apart/errand.ts'
import { PlainFault } from './plain-fault.ts'
import { type CommandName, helpText, readArguments } from './program/arguments.ts'
import { agentVersion } from './program/version.ts'

/** Each command is loaded when it is asked for, so that a slip or a question costs no second. */
const commands: Record<CommandName, () => Promise<(context: CommandContext) => Promise<void>>> = {
  run: async () => (await import('./commands/run.ts')).run,
  enroll: async () => (await import('./commands/enroll.ts')).enroll,
  renew: async () => (await import('./commands/renew.ts')).renew,
  scan: async () => (await import('./commands/scan.ts')).scan,
  status: async () => (await import('./commands/status.ts')).status,
  inventory: async () => (await import('./commands/inventory.ts')).inventory,
  changes: async () => (await import('./commands/changes.ts')).changes,
  findings: async () => (await import('./commands/findings.ts')).findings,
  explain: async () => (await import('./commands/explain.ts')).explain,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  service: async () => (await import('./commands/service.ts')).service,
  reset: async () => (await import('./commands/reset.ts')).reset,
}

let isListening = false

/** Standard output costs the service that never prints a fifteenth of its start. */
const print = (text: string): void => {
  // A reader that has seen enough, such as `head`, is no fault.
  if (!isListening)
    process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1))
  isListening = true
  process.stdout.write(text)
}

/** Not for people: the agent starts itself so, see lanes/observe/apart. */
const isOnErrand = (): boolean => process.argv[2] === ERRAND_WORD && process.send !== undefined

const main = async (): Promise<void> => {
  if (isOnErrand()) return (await import('./commands/scan-apart.ts')).scanApart()
  const asked = readArguments(process.argv.slice(2))
  if (asked === 'help') return print(helpText())
  if (asked === 'version') return print(`${agentVersion}\n`)
  const { beFrugal, readSchemasPlainly } = await import('./program/frugal.ts')
  if (asked.command === 'run') beFrugal()
  readSchemasPlainly()
  const { createContext } = await import('./commands/context.ts')
  const command = await commands[asked.command]()
  await command(createContext(asked, print))
}

main().catch((fault: unknown) => {
  process.stderr.write(
    fault instanceof PlainFault ? `muster-agent: ${fault.message.replaceAll('\n', '\nmuster-agent: ')}\n` : '',
  )
  if (!(fault instanceof PlainFault)) throw fault
  process.exitCode = fault.exitCode
})
