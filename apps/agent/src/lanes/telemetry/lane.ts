// The telemetry lane: join, say every minute how this machine does, and stop for good when the server says so (telemetry 15).
// Nothing here runs, writes or fetches anything on request; a server moves only the interval and this device's credentials.
// Joining is join, heartbeats are beat, what they say is facts; this file builds them and sets the order.
import type { Log } from '@muster/kernel'
import type { AgentConfiguration } from '../../configuration/configuration.ts'
import type { Machine } from '../../configuration/machine.ts'
import type { LaneToken } from '../../configuration/token-keeper.ts'
import { runBeats } from './beat/beat.ts'
import { ceilingOf } from './beat/ceiling.ts'
import { type Collector, createCollector } from './facts/collect.ts'
import type { FactReaders } from './facts/facts.ts'
import { loadReaders } from './facts/readers.ts'
import { shapeHostname, shapeVersion } from './facts/shape.ts'
import { type Identity, readIdentity } from './identity.ts'
import { createJoining, type Joined, type JoinKeeper } from './join/join.ts'
import { readRejection } from './rejection.ts'
import { systemTime, type Time } from './time.ts'

export interface TelemetryNeeds {
  readonly configuration: AgentConfiguration
  readonly machine: Pick<Machine, 'platform' | 'host'>
  readonly log: Log
  readonly token: LaneToken
  /** A device that cannot join has nothing else to do here: end, rather than wait for another token. */
  readonly isAlone: boolean
  /** The server took a heartbeat. */
  readonly onAccepted?: () => void
  /** For tests; otherwise what this machine says of itself. */
  readonly collect?: Collector
  /** For tests; otherwise the machine's own clocks. */
  readonly time?: Time
}

/** How a lane ended: asked to, or because there is no use in going on. */
export type LaneEnd =
  | { readonly end: 'stopped' }
  /** The server no longer wants to hear of this device. */
  | { readonly end: 'rejected'; readonly status: number; readonly code: string }
  /** The server does not let this device in. */
  | { readonly end: 'refused'; readonly detail: string }
  /** There is nothing to join, or nothing to join with. */
  | { readonly end: 'unable'; readonly detail: string }

/** How often a lane that waits for another token looks for one. */
const lookAgainMs = 60_000
const patienceMs = 5_000

/** Not the kernel's release, which is what the rest of the agent calls itself by; unknown is no reason to stay away. */
const osVersionOf = async (readers: FactReaders): Promise<string | null> => {
  try {
    return shapeVersion(await readers.osVersion(AbortSignal.timeout(patienceMs)))
  } catch {
    return null
  }
}

export type JoiningNeeds = Pick<TelemetryNeeds, 'configuration' | 'machine' | 'log' | 'token' | 'time'>

export const createOwnJoining = async (needs: JoiningNeeds, server: string): Promise<JoinKeeper> => {
  const { configuration, machine, log, token, time = systemTime } = needs
  const { dataDir, access, telemetry } = configuration
  const osVersion = await osVersionOf(await loadReaders(machine.platform))
  return createJoining({
    dataDir,
    server,
    access,
    host: { osFamily: machine.platform, hostname: shapeHostname(machine.host), osVersion },
    agentClass: telemetry.agentClass,
    intervalSeconds: telemetry.intervalSeconds,
    nowMs: time.nowMs,
    log,
    time,
    ...token,
  })
}

const isFinal = (joined: Joined & { is: 'outsider' }): boolean => joined.because !== 'token_missing'

const endOf = (joined: Joined & { is: 'outsider' }): LaneEnd =>
  joined.because === 'refused' || joined.because === 'token_refused'
    ? { end: 'refused', detail: joined.detail }
    : { end: 'unable', detail: joined.detail }

/** Asks until the server has decided; beside another lane it then waits for a token that may help. */
const untilJoined = async (
  needs: TelemetryNeeds,
  joining: JoinKeeper,
  signal: AbortSignal,
): Promise<Identity | LaneEnd> => {
  const { time = systemTime, isAlone, log } = needs
  let told = ''
  while (!signal.aborted) {
    const joined = await joining.join()
    if (joined.is === 'agent') return joined.identity
    if (joined.is === 'waiting') {
      await time.pause(joined.waitMs, signal)
      continue
    }
    if (isAlone) return endOf(joined)
    if (told !== joined.because) {
      const message = 'no telemetry is sent until this device can join'
      if (isFinal(joined)) log.error(message, { 'error.code': joined.because })
      else log.warn(message, { 'error.code': joined.because })
    }
    told = joined.because
    await time.pause(lookAgainMs, signal)
  }
  return { end: 'stopped' }
}

const beat = async (needs: TelemetryNeeds, collect: Collector, identity: Identity, signal: AbortSignal) => {
  const { configuration, log, time = systemTime, onAccepted = () => {} } = needs
  const { dataDir, access } = configuration
  log.info('telemetry begins', { 'agent.id': identity.agentId })
  return runBeats(
    {
      dataDir,
      access,
      intervalSeconds: identity.heartbeatIntervalSeconds,
      ceiling: ceilingOf(configuration),
      collect,
      time,
      log,
      onAccepted,
    },
    signal,
  )
}

export const createOwnCollector = async ({
  configuration,
  machine,
}: Pick<TelemetryNeeds, 'configuration' | 'machine'>): Promise<Collector> =>
  createCollector({
    osFamily: machine.platform,
    readers: await loadReaders(machine.platform),
    exclusions: configuration.telemetry.exclusions,
  })

/**
 * Runs the lane until the signal, or until it is of no use any more. Rejects only for defects, and for files that the
 * owner has to put right.
 */
export const runTelemetryLane = async (needs: TelemetryNeeds, signal: AbortSignal): Promise<LaneEnd> => {
  const { dataDir, server } = needs.configuration
  if (server === null) return { end: 'unable', detail: 'no server is configured' }
  const rejection = readRejection(dataDir)
  if (rejection !== null) {
    if (readIdentity(dataDir) !== null) needs.token.spendToken()
    return { end: 'rejected', status: rejection.status, code: rejection.code }
  }
  const joining = await createOwnJoining(needs, server)
  const collect = needs.collect ?? (await createOwnCollector(needs))
  const end = (): void => joining.end()
  signal.addEventListener('abort', end, { once: true })
  try {
    for (;;) {
      const joined = await untilJoined(needs, joining, signal)
      if ('end' in joined) return joined
      const beats = await beat(needs, collect, joined, signal)
      if (beats.end !== 'left') return beats
      needs.log.warn('enrolment was reset')
    }
  } finally {
    signal.removeEventListener('abort', end)
  }
}
