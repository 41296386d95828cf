// `muster-agent service install|uninstall`: has the operating system start the agent, or no longer.
// The files are service/plan.ts; what the agent collects and sends stays where it is.
import { resolve } from 'node:path'
import { configCandidates, type Machine } from '../configuration/machine.ts'
import { frugalFlags, zeroIfRejected } from '../service/facts.ts'
import { install, uninstall } from '../service/install.ts'
import { planService } from '../service/plan.ts'
import type { CommandContext } from './context.ts'

/** This very program, as it was started: with the same Node, and the flags that it was given. */
const ownCommand = (configFile: string, platform: Machine['platform']): readonly string[] => [
  process.execPath,
  ...new Set([...process.execArgv, ...frugalFlags]),
  resolve(process.argv[1] ?? ''),
  'run',
  // systemd is told by the unit which ends are final; the others know only success and failure.
  ...(platform === 'linux' ? [] : [zeroIfRejected]),
  '--config',
  configFile,
]

export const service = async ({ arguments: asked, machine, configuration, print }: CommandContext): Promise<void> => {
  const configFile = configuration.file ?? configCandidates(machine)[0] ?? ''
  const plan = planService({
    machine,
    isSystem: asked.system || machine.isSystemAccount,
    command: ownCommand(configFile, machine.platform),
    dataDir: configuration.dataDir,
    configFile,
  })
  const say = (line: string): void => print(`${line}\n`)
  if (asked.print) for (const { path, text } of plan.files) say(`# ${path}\n${text.trimEnd()}`)
  else if (asked.action === 'install') install(plan, say)
  else uninstall(plan, say)
}
