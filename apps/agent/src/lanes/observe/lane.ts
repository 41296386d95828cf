// The observe lane: scan, remember, tell (sensor-agent 2). Nothing here runs, writes or fetches anything on request;
// a server moves only timing, scope within the owner's ceiling, and batch sizes.
// Each step is its own folder; this file builds them and sets the rhythm.
import { join } from 'node:path'
import type { Clock, Log, Secret } from '@muster/kernel'
import type { AgentConfiguration, ObserveSettings } from '../../configuration/configuration.ts'
import { type Bell, createBell } from './bell.ts'
import { createCollectors } from './collectors.ts'
import { closeDatabase, type Database, openDatabase } from './database/open.ts'
import { rememberSequence } from './enroll/enroll.ts'
import { loadOrMakeKey } from './enroll/key.ts'
import { createFeedStore, type FeedStore } from './feed/store.ts'
import type { HostDescription } from './host.ts'
import { createMembership } from './membership.ts'
import { createOutboxStore, type OutboxStore, type Recipient } from './outbox/store.ts'
import { createPolicy, type Policy } from './policy/policy.ts'
import { createScanner, type Scanner } from './scan/scan.ts'
import { createScanStore, type ScanStore } from './scan/store.ts'
import { createSync } from './sync/sync.ts'
import { type Conversing, createTalk } from './talk.ts'

export const laneDatabase = (dataDir: string): string => join(dataDir, 'observe.db')

export interface LaneNeeds {
  readonly configuration: AgentConfiguration
  readonly host: HostDescription
  readonly clock: Clock
  readonly log: Log
  readonly random: () => number
  readonly readToken: () => Secret | null
  readonly spendToken: () => void
}

interface Rhythm {
  readonly needs: LaneNeeds
  readonly scanner: Scanner
  readonly settings: () => ObserveSettings
  readonly scanBell: Bell
  readonly syncBell: Bell
}

const scanAll = async ({ needs, scanner, settings, syncBell }: Rhythm, signal: AbortSignal): Promise<void> => {
  for (const collector of createCollectors(settings)) {
    const scanned = await scanner.scan(collector, signal)
    if (scanned === null) continue
    if (scanned.nextSequence !== null) rememberSequence(needs.configuration.dataDir, scanned.nextSequence)
    if (scanned.queuedEvents > 0) syncBell.ring()
  }
}

const keepScanning = async (rhythm: Rhythm, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await rhythm.scanBell.wait(rhythm.settings().watch.pollIntervalSeconds * 1000, signal)
    if (!signal.aborted) await scanAll(rhythm, signal)
  }
}

const keepTalking = async (
  { needs, settings, syncBell }: Rhythm,
  talk: Conversing,
  signal: AbortSignal,
): Promise<void> => {
  const silence = createBell()
  while (!signal.aborted) {
    const pauseMs = await talk.turn(signal)
    const intervalMs = settings().sync.checkInIntervalSeconds * 1000 * (0.9 + 0.2 * needs.random())
    if (pauseMs > 0) await silence.wait(pauseMs, signal)
    else await syncBell.wait(intervalMs, signal)
  }
}

/** Runs all of them until the signal; if one fails, the others are stopped before its fault is thrown. */
const together = async (
  loops: readonly ((signal: AbortSignal) => Promise<void>)[],
  signal: AbortSignal,
): Promise<void> => {
  const failure = new AbortController()
  const either = AbortSignal.any([signal, failure.signal])
  const ends = await Promise.allSettled(
    loops.map((loop) =>
      loop(either).catch((fault: unknown) => {
        failure.abort()
        throw fault
      }),
    ),
  )
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

interface Parts {
  readonly db: Database
  readonly scans: ScanStore
  readonly feed: FeedStore
  readonly outbox: OutboxStore
  readonly policy: Policy
}

/** Null when the owner named no server: then this device talks to nobody, and does everything else. */
const createOwnTalk = (needs: LaneNeeds, parts: Parts, onScanWanted: () => void): Conversing | null => {
  const { dataDir, server, serverCaFile: caFile } = needs.configuration
  if (server === null) return null
  const key = loadOrMakeKey(dataDir)
  const membership = createMembership({ ...needs, dataDir, server, caFile, key })
  const sync = createSync({ ...needs, ...parts })
  return createTalk({ ...needs, ...parts, sync, membership, key, caFile, onScanWanted })
}

const openParts = ({ configuration, log }: LaneNeeds): Parts => {
  const { dataDir, observe: local } = configuration
  const { db, isReplaced } = openDatabase(laneDatabase(dataDir))
  if (isReplaced) log.error('database was damaged and has been replaced', { 'file.path': laneDatabase(dataDir) })
  const parts = { db, scans: createScanStore(db), feed: createFeedStore(db), outbox: createOutboxStore(db) }
  parts.outbox.recoverInFlight()
  return { ...parts, policy: createPolicy({ dataDir, local, log }) }
}

/**
 * Runs the lane until the signal and leaves its database closed and tidy; `onReady` is called once the first scan is done.
 * Rejects only for defects and for files the owner has to put right.
 */
export const runObserveLane = async (needs: LaneNeeds, signal: AbortSignal, onReady = () => {}): Promise<void> => {
  const parts = openParts(needs)
  const settings = (): ObserveSettings => parts.policy.effective().settings
  const scanBell = createBell()
  const syncBell = createBell()
  let talk: Conversing | null = null
  const recipient = (): Recipient | null => talk?.recipient() ?? null
  try {
    talk = createOwnTalk(needs, parts, () => scanBell.ring())
    const rhythm = {
      needs,
      settings,
      scanBell,
      syncBell,
      scanner: createScanner({ ...needs, ...parts, settings, recipient }),
    }
    signal.addEventListener('abort', () => talk?.end(), { once: true })
    await talk?.begin()
    await scanAll(rhythm, signal)
    onReady()
    const conversing = talk
    await together(
      [
        (either) => keepScanning(rhythm, either),
        async (either) => (conversing === null ? undefined : keepTalking(rhythm, conversing, either)),
      ],
      signal,
    )
  } finally {
    talk?.end()
    closeDatabase(parts.db)
  }
}
