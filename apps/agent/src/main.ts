// The program `muster-agent`: reads the command line, runs one command, turns faults into one line and an exit code.
// Each command is a file in commands/.

import { type CommandContext, createContext } from './commands/context.ts'
import { enroll } from './commands/enroll.ts'
import { reset } from './commands/reset.ts'
import { run } from './commands/run.ts'
import { scan } from './commands/scan.ts'
import { status } from './commands/status.ts'
import { agentVersion } from './lanes/observe/host.ts'
import { PlainFault } from './plain-fault.ts'
import { type CommandName, helpText, readArguments } from './program/arguments.ts'

const commands: Record<CommandName, (context: CommandContext) => Promise<void>> = { run, enroll, scan, status, reset }

const print = (text: string): void => void process.stdout.write(text)

const main = async (): Promise<void> => {
  const asked = readArguments(process.argv.slice(2))
  if (asked === 'help') return print(helpText())
  if (asked === 'version') return print(`${agentVersion}\n`)
  await commands[asked.command](createContext(asked, print))
}

// A reader that has seen enough, such as `head`, is no fault.
process.stdout.on('error', (fault: NodeJS.ErrnoException) => process.exit(fault.code === 'EPIPE' ? 0 : 1))

try {
  await main()
} catch (fault) {
  process.stderr.write(
    fault instanceof PlainFault ? `muster-agent: ${fault.message.replaceAll('\n', '\nmuster-agent: ')}\n` : '',
  )
  if (!(fault instanceof PlainFault)) throw fault
  process.exitCode = fault.exitCode
}
