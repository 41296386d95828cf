// The observe lane: scan, remember, tell (sensor-agent 2). Nothing here runs, writes or fetches anything on request;
// a server moves only timing, scope within the owner's ceiling, rules and batch sizes.
// Each step is its own folder; this file builds them and sets the rhythm.
import { setTimeout as wait } from 'node:timers/promises'
import type { Clock, Log, Secret } from '@muster/kernel'
import type { AgentConfiguration, ObserveSettings } from '../../configuration/configuration.ts'
import { type Bell, createBell } from '../../program/bell.ts'
import type { Leftovers } from '../../program/frugal.ts'
import { createScanApart, type StartProcess } from './apart/scan-apart.ts'
import type { Collector } from './collect/snapshot.ts'
import { createCollectors } from './collectors.ts'
import { closeDatabase, type Database, openDatabase, writeThrough } from './database/open.ts'
import { createTrouble, isTrouble, type Trouble } from './database/trouble.ts'
import { createEngine, type Engine } from './engine/engine.ts'
import { settledKey } from './enroll/settled-key.ts'
import { createFeedStore, type FeedStore } from './feed/store.ts'
import type { HostDescription } from './host.ts'
import { laneDatabase } from './lane-database.ts'
import { createMembership } from './membership.ts'
import { writeNote } from './notes.ts'
import { createOutboxStore, type OutboxStore, type Recipient } from './outbox/store.ts'
import { createPolicy, type Policy } from './policy/policy.ts'
import { createScanner, type Scanned } from './scan/scan.ts'
import { createScanStore, type ScanStore } from './scan/store.ts'
import { createSync } from './sync/sync.ts'
import { type Conversing, createTalk } from './talk.ts'

export interface LaneNeeds {
  readonly configuration: AgentConfiguration
  /** What is wrong with the owner's file while an earlier one is used in its place. */
  readonly configurationFault?: string | null
  readonly host: HostDescription
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly readToken: () => Secret | null
  readonly spendToken: () => void
  readonly refuseToken?: (token: Secret) => void
  /** The database was found damaged while it was in use: begin with a new one. */
  readonly isDatabaseCondemned?: boolean
  /** Something was read or sent, and has left more in memory than will be needed. */
  readonly onLeftovers?: (leftovers: Leftovers) => void
  /** Starts a process for large scans; without it, this one makes them. */
  readonly startScanProcess?: StartProcess
  /** For tests; otherwise all that the configuration asks for. */
  readonly collectors?: (settings: () => ObserveSettings) => readonly Collector[]
}

interface Parts {
  readonly db: Database
  readonly mustBeInPlace: () => void
  readonly trouble: Trouble
  readonly scans: ScanStore
  readonly feed: FeedStore
  readonly outbox: OutboxStore
  readonly policy: Policy
}

interface Rhythm {
  readonly needs: LaneNeeds
  readonly settings: () => ObserveSettings
  readonly syncBell: Bell
}

const openParts = (needs: LaneNeeds): Parts => {
  const { configuration, log, isDatabaseCondemned = false, configurationFault = null } = needs
  const { dataDir, observe: local } = configuration
  const { db, isReplaced, mustBeInPlace } = openDatabase(laneDatabase(dataDir), isDatabaseCondemned)
  // Whoever condemned it has said so.
  if (isReplaced && !isDatabaseCondemned)
    log.error('database was damaged and has been replaced', { 'file.path': laneDatabase(dataDir) })
  const parts = { db, scans: createScanStore(db), feed: createFeedStore(db), outbox: createOutboxStore(db) }
  parts.outbox.recoverInFlight()
  writeNote(db, 'configuration.fault', configurationFault)
  return { ...parts, mustBeInPlace, trouble: createTrouble(log), policy: createPolicy({ dataDir, local, log }) }
}

interface Ears {
  readonly onScanWanted: () => void
  readonly onPolicyApplied: () => void
}

/** After a write that failed: everything goes to the disk, and what seems to be on its way to the server waits again. */
const recover = ({ db, outbox, trouble }: Parts): void => {
  if (!trouble.takeSuspicion()) return
  writeThrough(db)
  outbox.recoverInFlight()
}

/** Null when the owner named no server: then this device talks to nobody, and does everything else. */
const createOwnTalk = (needs: LaneNeeds, parts: Parts, ears: Ears): Conversing | null => {
  const { dataDir, server, access, namedDevice } = needs.configuration
  if (server === null) return null
  const key = settledKey(dataDir)
  const membership = createMembership({ ...needs, dataDir, server, access, namedDevice })
  const sync = createSync({ ...needs, ...parts, dataDir, mustBeWritten: () => recover(parts) })
  return createTalk({ ...needs, ...parts, ...ears, sync, membership, key, access, dataDir })
}

const keepTalking = async (
  { needs, settings, syncBell }: Rhythm,
  parts: Parts,
  talk: Conversing,
  signal: AbortSignal,
): Promise<void> => {
  const silence = createBell()
  while (!signal.aborted) {
    const pauseMs = (await parts.trouble.bear('server', () => talk.turn(signal))) ?? 0
    const intervalMs = settings().sync.checkInIntervalSeconds * 1000 * (0.9 + 0.2 * needs.random())
    if (pauseMs > 0) await silence.wait(pauseMs, signal)
    else await syncBell.wait(intervalMs, signal)
  }
}

/** So long may joining keep the first scan waiting, which then tells its baseline; a scan without it is told later. */
const joinPatienceMs = 10_000

const joinFirst = async (begun: Promise<unknown>, signal: AbortSignal): Promise<void> => {
  const enough = new AbortController()
  const patience = wait(joinPatienceMs, undefined, { signal: AbortSignal.any([signal, enough.signal]) })
  await Promise.race([begun, patience.catch(() => {})])
  enough.abort()
}

const untilStopped = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

const createOwnEngine = (
  rhythm: Rhythm,
  parts: Parts,
  recipient: () => Recipient | null,
  fail: (fault: unknown) => void,
) => {
  const { needs, settings, syncBell } = rhythm
  const onScanned = ({ queuedEvents }: Scanned): void => {
    // A poll that read nothing new leaves what its walk made, and after some hours that is a third of the process.
    needs.onLeftovers?.('little')
    if (queuedEvents > 0) syncBell.ring()
  }
  const apart =
    needs.startScanProcess === undefined
      ? undefined
      : {
          dataDir: needs.configuration.dataDir,
          ...createScanApart(needs.startScanProcess, () => needs.onLeftovers?.('beside')),
        }
  const own = createScanner({ ...needs, ...parts, settings, recipient, ...(apart && { apart }) })
  const scan: typeof own.scan = async (...asked) => {
    parts.mustBeInPlace()
    return own.scan(...asked)
  }
  const scanner = { ...own, scan }
  const collectors = needs.collectors ?? createCollectors
  return createEngine({ ...needs, ...parts, settings, collectors, scanner, onScanned, onFault: fail })
}

/** Talks beside the engine until the signal; what either of them fails with, the lane fails with. */
const live = async (
  rhythm: Rhythm,
  parts: Parts,
  engine: Engine,
  talk: Conversing | null,
  signal: AbortSignal,
  onReady: () => void,
) => {
  const begun = parts.trouble.bear('server', async () => talk?.begin())
  await joinFirst(begun, signal)
  if (!signal.aborted) await engine.start()
  if (!signal.aborted) onReady()
  await begun
  if (talk === null) await untilStopped(signal)
  else await keepTalking(rhythm, parts, talk, signal)
}

/**
 * Runs the lane until the signal and leaves its database closed and tidy; `onReady` is called once everything was scanned and is watched.
 * Rejects only for defects, a damaged database, a disk that takes no writes at the start, and files the owner has to put
 * right.
 */
export const runObserveLane = async (needs: LaneNeeds, signal: AbortSignal, onReady = () => {}): Promise<void> => {
  const parts = openParts(needs)
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  let talk: Conversing | null = null
  const rhythm: Rhythm = { needs, settings: () => parts.policy.effective().settings, syncBell: createBell() }
  const fail = (fault: unknown): void => failure.abort(fault)
  const bear = (fault: unknown): void => (isTrouble(fault) ? parts.trouble.tell(fault) : fail(fault))
  const engine = createOwnEngine(rhythm, parts, () => talk?.recipient() ?? null, bear)
  try {
    talk = createOwnTalk(needs, parts, {
      onScanWanted: () => void engine.scanAll(),
      onPolicyApplied: () => void (engine.isRunning() && engine.start().catch(fail)),
    })
    either.addEventListener('abort', () => talk?.end(), { once: true })
    await live(rhythm, parts, engine, talk, either, onReady).catch(fail)
  } finally {
    talk?.end()
    await engine.stop()
    closeDatabase(parts.db)
  }
  if (failure.signal.aborted) throw failure.signal.reason
}
