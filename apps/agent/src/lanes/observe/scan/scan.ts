// One scan of one surface: read the disk, compare, and write inventory, events and health in one transaction
// (sensor-agent 10.3, 10.4). The rules are decide.ts; when to scan is the lane's decision.
import type { Clock, Log } from '@muster/kernel'
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import type { Collector, Issue, Snapshot } from '../collect/snapshot.ts'
import { type Database, inTransaction } from '../database/open.ts'
import { readNote, writeNote } from '../notes.ts'
import { eventOf, excessBytes } from '../outbox/decide.ts'
import type { OutboxStore, Recipient } from '../outbox/store.ts'
import { decideScan, isResnapshotDue, type ScanVerdict } from './decide.ts'
import type { ScanStore, ScanTimes } from './store.ts'

export interface ScanNeeds {
  readonly db: Database
  readonly scans: ScanStore
  readonly outbox: OutboxStore
  readonly clock: Clock
  readonly log: Log
  readonly settings: () => ObserveSettings
  /** To whom events are addressed; null before this device is enrolled, and then nothing is queued. */
  readonly recipient: () => Recipient | null
}

export interface Scanned {
  readonly changes: number
  readonly queuedEvents: number
  /** The number the next event will have, or null when nothing is queued for anybody. */
  readonly nextSequence: number | null
}

const failureOf = (issues: readonly Issue[]): string | null => {
  const [first] = issues
  return first === undefined ? null : `${issues.length} issues, the first at ${first.path}: ${first.reason}`
}

const countsOf = ({ changes }: ScanVerdict, issues: readonly Issue[]) => {
  const of = (kind: string) => changes.filter((change) => change.kind === kind).length
  return {
    issueCount: issues.length,
    addedCount: of('added'),
    modifiedCount: of('modified'),
    removedCount: of('removed'),
  }
}

export const createScanner = ({ db, scans, outbox, clock, log, settings, recipient }: ScanNeeds) => {
  const holdBounds = (deviceId: string): void => {
    const excess = excessBytes(outbox.backlog(deviceId).bytes, settings().sync.outboxMaxBytes)
    if (excess === 0) return
    const dropped = outbox.drop(deviceId, excess)
    scans.wantResnapshot()
    log.warn('outbox full, oldest events dropped', { 'batch.events': dropped })
  }

  const queue = (verdict: ScanVerdict, to: Recipient, completedMs: number): void => {
    outbox.append(verdict.told.map(eventOf), to, completedMs, completedMs)
    holdBounds(to.deviceId)
  }

  const resnapshotFacts = (surface: string, to: Recipient | null, nowMs: number) => ({
    isWanted: to !== null && scans.isResnapshotWanted(surface),
    waitingBytes: to === null ? 0 : outbox.backlog(to.deviceId).bytes,
    mostWaitingBytes: settings().sync.outboxMaxBytes,
    lastMs: Number(readNote(db, 'resnapshot.last_ms') ?? 0),
    nowMs,
  })

  const commit = (snapshot: Snapshot, times: ScanTimes): Scanned => {
    const { surface, completedMs } = times
    const to = recipient()
    return inTransaction(db, () => {
      const isResnapshot = isResnapshotDue(resnapshotFacts(surface, to, completedMs))
      const unreadableSinceMs = scans.unreadableSinceMs(surface)
      const verdict = decideScan(snapshot, scans.items(surface), { isResnapshot, unreadableSinceMs, completedMs })
      scans.applyChanges(verdict.changes)
      scans.keepUnreadable(surface, verdict.unreadableSinceMs)
      const counts = countsOf(verdict, snapshot.issues)
      scans.recordSuccess(times, counts, failureOf(snapshot.issues))
      if (isResnapshot) {
        scans.resnapshotDone(surface)
        writeNote(db, 'resnapshot.last_ms', String(completedMs))
      }
      if (to !== null) queue(verdict, to, completedMs)
      const nextSequence = to === null ? null : outbox.nextSequence(to.deviceId)
      return { changes: verdict.changes.length, queuedEvents: to === null ? 0 : verdict.told.length, nextSequence }
    })
  }

  const recordFailure = (times: ScanTimes, sentence: string): void => {
    try {
      scans.recordFailure(times, sentence)
    } catch (err) {
      log.error('scan failure could not be recorded', { surface: times.surface, err })
    }
  }

  return {
    /**
     * Scans and commits. A scan that fails or takes too long changes nothing but the surface's health; one that is
     * cancelled changes nothing at all. Null in both cases.
     */
    async scan(collector: Collector, signal: AbortSignal): Promise<Scanned | null> {
      const { surface } = collector
      const startedMs = clock.nowMs()
      const began = performance.now()
      const times = () => ({
        surface,
        startedMs,
        completedMs: clock.nowMs(),
        durationMs: Math.round(performance.now() - began),
      })
      const patience = AbortSignal.timeout(settings().watch.maxScanWallClockSeconds * 1000)
      try {
        const snapshot = await collector.collect(AbortSignal.any([signal, patience]))
        signal.throwIfAborted()
        const scanned = commit(snapshot, times())
        const facts = { surface, 'items.count': snapshot.items.length, 'duration.ms': times().durationMs }
        // A scan that found nothing new comes every few minutes and is no news.
        if (scanned.changes > 0) log.info('surface scanned', { ...facts, 'batch.events': scanned.queuedEvents })
        else log.debug('surface scanned', facts)
        return scanned
      } catch (err) {
        if (signal.aborted) return null
        const sentence = patience.aborted ? 'scan timed out' : `scan failed: ${(err as Error).message}`
        log.error(patience.aborted ? 'scan timed out' : 'scan failed', { surface, err })
        recordFailure(times(), sentence)
        return null
      }
    },
  }
}

export type Scanner = ReturnType<typeof createScanner>
