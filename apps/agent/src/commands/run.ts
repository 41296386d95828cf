// `muster-agent run`: the lanes, until somebody says stop.
// What a lane does is in lanes/; which planes there are is the configuration's.
import { systemClock } from '@muster/kernel'
import { readConfiguration } from '../configuration/configuration.ts'
import { configCandidates } from '../configuration/machine.ts'
import { readToken, spendToken } from '../configuration/spend-token.ts'
import { openDataFolder } from '../folder/data-folder.ts'
import { agentVersion, describeHost } from '../lanes/observe/host.ts'
import { runObserveLane } from '../lanes/observe/lane.ts'
import { PlainFault } from '../plain-fault.ts'
import { createAgentLog } from '../program/agent-log.ts'
import type { CommandContext } from './context.ts'

/** How long a stop may take before the process is ended where it stands; every store survives that. */
const patienceMs = 10_000

/** Aborts on SIGINT, SIGTERM, SIGHUP and, if asked for, the end of standard input. A second signal ends the process at once. */
const stopSignal = (isEndedByStdin: boolean): AbortSignal => {
  const stop = new AbortController()
  const ask = (): void => {
    if (stop.signal.aborted) process.exit(1)
    stop.abort()
    setTimeout(() => process.exit(1), patienceMs).unref()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask)
  if (isEndedByStdin) process.stdin.once('end', ask).once('error', ask).resume()
  return stop.signal
}

const mustBeConfigured = ({ configuration, machine }: CommandContext): void => {
  if (configuration.file !== null) return
  const [first] = configCandidates(machine)
  throw new PlainFault(
    `no configuration found; write server and enrollmentToken into ${first}, or name a file with --config`,
    2,
  )
}

export const run = async (context: CommandContext): Promise<void> => {
  mustBeConfigured(context)
  const { configuration, machine } = context
  const signal = stopSignal(context.arguments.exitWithStdin)
  const folder = openDataFolder(configuration.dataDir)
  const log = createAgentLog(process.stderr)
  // An edited token counts at the next attempt; everything else in the file at the next start.
  const current = () => readConfiguration(configuration.file, machine)
  try {
    log.info('agent starts', { version: agentVersion, 'file.path': configuration.file ?? '' })
    if (configuration.server === null) log.warn('no server is configured; scanning without reporting')
    await runObserveLane(
      {
        configuration,
        host: describeHost(machine),
        clock: systemClock,
        log,
        random: Math.random,
        readToken: () => readToken(current()),
        spendToken: () => spendToken(current(), log),
      },
      signal,
    )
    log.info('agent stopped')
  } finally {
    folder.close()
    // Standard input, if it was listened to, would keep the process.
    process.stdin.pause()
  }
}
