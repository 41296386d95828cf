// `muster-agent run`: the lanes, until somebody says stop; an edited configuration takes effect by beginning anew.
// What a lane does is in lanes/; which planes there are is the configuration's.
import { mkdirSync } from 'node:fs'
import { type Log, systemClock } from '@muster/kernel'
import { type AgentConfiguration, readConfiguration } from '../configuration/configuration.ts'
import { defaultFile } from '../configuration/default-file.ts'
import { isOtherConfiguration, watchEdits } from '../configuration/edits.ts'
import { keepLastGood, readUsable, type Usable } from '../configuration/last-good.ts'
import { configCandidates, type Machine } from '../configuration/machine.ts'
import type { Plane } from '../configuration/schema.ts'
import { seed } from '../configuration/seed.ts'
import { readToken, spendToken } from '../configuration/spend-token.ts'
import { createTokenKeeper } from '../configuration/token-keeper.ts'
import { openDataFolder } from '../folder/data-folder.ts'
import { isDamaged } from '../lanes/observe/database/open.ts'
import { isTrouble } from '../lanes/observe/database/trouble.ts'
import { describeHost } from '../lanes/observe/host.ts'
import { PlainFault } from '../plain-fault.ts'
import { createAgentLog, type Journal, openJournal } from '../program/agent-log.ts'
import { createBell } from '../program/bell.ts'
import { createTidying, growSlowly, keepCompiled, type Leftovers } from '../program/frugal.ts'
import { faultOf, isAlone, type RunLane, runLanes } from '../program/lanes.ts'
import { createSetbacks, type Setback } from '../program/setbacks.ts'
import { onHangUp, stopSignal } from '../program/signals.ts'
import { agentVersion } from '../program/version.ts'
import type { CommandContext } from './context.ts'

interface World {
  readonly machine: Machine
  readonly stop: AbortSignal
  readonly tidy: (leftovers: Leftovers) => void
}

/** Without a file, this machine gets one in which everything has its default. */
const firstFile = (machine: Machine): string => {
  const [path = ''] = configCandidates(machine)
  const log = createAgentLog(process.stderr)
  if (seed(path, defaultFile()) === 'written') log.info('first configuration written', { 'file.path': path })
  return path
}

/** So long may the observe lane have the machine to itself before the other begins. */
const headStartMs = 5_000

/** Why one life of the lanes ended. */
type End = 'stopped' | 'edited' | Setback

interface Life extends World {
  readonly journal: Journal
  readonly log: Log
  readonly configuration: AgentConfiguration
  readonly fault: PlainFault | null
  readonly isDatabaseCondemned: boolean
}

const filesOf = ({ file, importedFile }: AgentConfiguration): readonly string[] =>
  [file, importedFile].filter((path) => path !== null)

/** A file that is broken now is told and passed over: what runs, runs on. */
const onEdit = ({ configuration, machine, log }: Life, again: AbortController): void => {
  try {
    if (isOtherConfiguration(configuration, readConfiguration(configuration.file, machine))) again.abort()
  } catch (err) {
    if (!(err instanceof PlainFault)) throw err
    log.error('configuration cannot be used; the last good one stays in force', { err })
  }
}

const keepForNextStart = (log: Log): void => {
  try {
    keepCompiled()
  } catch (err) {
    // The next start takes longer, and that is all.
    log.warn('compiled program could not be kept', { err })
  }
}

const lanesOf = (life: Life): Partial<Record<Plane, RunLane>> => {
  const { configuration, machine, log, isDatabaseCondemned, fault } = life
  // An edited token counts at the next attempt; while the file is broken, so does the one from before.
  const current = () => readUsable(configuration.file, machine).configuration
  const { planes } = configuration
  const tokenOf = createTokenKeeper({
    planes,
    read: () => readToken(current()),
    spend: () => spendToken(current(), log),
  })
  const headStart = createBell()
  const observe: RunLane = async (signal) => {
    const { runObserveLane } = await import('../lanes/observe/lane.ts')
    const needs = {
      ...tokenOf('observe'),
      configuration,
      configurationFault: fault?.message ?? null,
      host: describeHost(machine),
      clock: systemClock,
      log,
      random: Math.random,
      isDatabaseCondemned,
      onLeftovers: life.tidy,
      startScanProcess: async () => (await import('./scan-apart.ts')).startScanProcess(configuration.log),
    }
    await runObserveLane(needs, signal, () => {
      log.info('agent ready')
      headStart.ring()
      keepForNextStart(log)
      life.tidy('much')
    })
    return { end: 'stopped' }
  }
  const telemetry: RunLane = async (signal) => {
    // The first look at the machine is not to wait for the loading and joining of another lane.
    if (planes.includes('observe')) await headStart.wait(headStartMs, signal)
    const { runTelemetryLane } = await import('../lanes/telemetry/lane.ts')
    const token = tokenOf('telemetry')
    return runTelemetryLane({ configuration, machine, log, token, isAlone: isAlone(configuration) }, signal)
  }
  const lanes = { observe, telemetry }
  // Without a server there is nobody to tell; looking at the machine needs none.
  const isOfUse = (plane: Plane): boolean =>
    plane !== 'telemetry' || configuration.server !== null || planes.length === 1
  return Object.fromEntries(planes.filter(isOfUse).map((plane) => [plane, lanes[plane]]))
}

const liveOnce = async (life: Life): Promise<End> => {
  const { configuration, log, stop } = life
  const folder = openDataFolder(configuration.dataDir)
  const again = new AbortController()
  const edits = watchEdits(
    filesOf(configuration),
    () => onEdit(life, again),
    (path) => log.warn('edits are noticed only at a restart', { 'file.path': path }),
  )
  const deafen = onHangUp(() => {
    life.journal.reopen()
    log.info('configuration is read again')
    onEdit(life, again)
  })
  try {
    if (life.fault === null) keepLastGood(configuration, (path) => mkdirSync(path, { recursive: true, mode: 0o700 }))
    const end = await runLanes(lanesOf(life), log, AbortSignal.any([stop, again.signal]))
    if (stop.aborted || again.signal.aborted || end.end === 'stopped')
      return again.signal.aborted ? 'edited' : 'stopped'
    throw faultOf(end)
  } catch (err) {
    if (!isDamaged(err) && !isTrouble(err)) throw err
    if (stop.aborted) return 'stopped'
    const isLost = isDamaged(err)
    log.error(
      isLost ? 'database is damaged; beginning with a new one' : 'data folder cannot be written; trying again',
      { err },
    )
    return isLost ? 'damaged' : 'starved'
  } finally {
    deafen()
    edits.close()
    folder.close()
  }
}

const tellAll = ({ configuration, fault, log }: Life): void => {
  if (fault !== null) log.error('configuration cannot be used; the last good one stays in force', { err: fault })
  for (const warning of configuration.warnings)
    log.warn('configuration key is passed over', { err: new Error(warning) })
  if (configuration.server === null) log.warn('no server is configured; scanning without reporting')
}

const liveOn = async (world: World, file: string, first: Usable | null): Promise<void> => {
  const setbacks = createSetbacks(() => performance.now())
  let end: End | null = null
  while (end !== 'stopped' && !world.stop.aborted) {
    setbacks.begin()
    const usable = (end === null ? first : null) ?? readUsable(file, world.machine)
    const journal = openJournal(usable.configuration.log)
    const { log } = journal
    try {
      if (end === null) log.info('agent starts', { version: agentVersion, 'file.path': file })
      const life = { ...world, ...usable, journal, log, isDatabaseCondemned: end === 'damaged' }
      tellAll(life)
      end = await liveOnce(life)
      if (end === 'edited') log.info('configuration was edited; beginning anew')
      const waitMs = setbacks.end(end === 'damaged' || end === 'starved' ? end : null)
      if (waitMs > 0) await createBell().wait(waitMs, world.stop)
      if (end === 'stopped' || world.stop.aborted) log.info('agent stopped')
    } finally {
      journal.close()
    }
  }
}

export const run = async (context: CommandContext): Promise<void> => {
  const { machine, configuration } = context
  growSlowly()
  const stop = stopSignal(context.arguments.exitWithStdin)
  const file = configuration.file ?? firstFile(machine)
  if (context.arguments.clearRejected)
    (await import('../lanes/telemetry/rejection.ts')).clearRejection(configuration.dataDir)
  try {
    // What was read to begin with is read again only where a file had to be made first.
    const first = configuration.file === null ? null : { configuration, fault: context.configurationFault }
    await liveOn({ machine, stop, tidy: createTidying() }, file, first)
  } catch (fault) {
    // To a service manager that knows only two ends, this one is no reason to start again.
    if (!(fault instanceof PlainFault && fault.exitCode === 4 && context.arguments.exitZeroIfRejected)) throw fault
  } finally {
    // Standard input, if it was listened to, would keep the process.
    process.stdin.pause()
  }
}
