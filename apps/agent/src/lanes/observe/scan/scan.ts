// One scan of one surface: read the disk, compare, ask the rules, and write inventory, feed, findings, events and health
// in one transaction (sensor-agent 10.3, 10.4). The rules are decide.ts; when to scan is the engine's decision.
import type { PayloadItem } from '@muster/contract/device'
import type { Clock, Log } from '@muster/kernel'
import type { ObserveSettings } from '../../../configuration/configuration.ts'
import type { ScanApart } from '../apart/scan-apart.ts'
import type { Collector, Issue, Snapshot, Stamps } from '../collect/snapshot.ts'
import { type Database, inTransaction, isDamaged, waitForOthers } from '../database/open.ts'
import { createTrouble, isTrouble, type Trouble } from '../database/trouble.ts'
import type { Change } from '../diff/decide.ts'
import { type FeedFinding, type FeedStore, findingOfHit } from '../feed/store.ts'
import { readNote } from '../notes.ts'
import { excessBytes, findingEventOf, itemEventOf, type NewEvent } from '../outbox/decide.ts'
import type { OutboxStore, Recipient } from '../outbox/store.ts'
import { decidePresentHits, hitKey } from '../rules/decide.ts'
import type { Touched } from '../watch/decide.ts'
import { decideScan, isResnapshotDue, type ScanVerdict } from './decide.ts'
import type { ScanTimes } from './health.ts'
import { createScanMemory } from './memory.ts'
import type { ScanStore } from './store.ts'

export interface ScanNeeds {
  readonly db: Database
  readonly scans: ScanStore
  readonly feed: FeedStore
  readonly outbox: OutboxStore
  readonly clock: Clock
  readonly log: Log
  readonly settings: () => ObserveSettings
  /** To whom events are addressed; null before this device is enrolled, and then nothing is queued. */
  readonly recipient: () => Recipient | null
  /** Makes large scans in another process; without it, all are made here. */
  readonly apart?: Apart
  /**
   * In that process: for whom the outbox was kept when `recipient` was true. If somebody else owns it at the commit,
   * what is queued is addressed to nobody, and everything is told again.
   */
  readonly outboxOwner?: string | null
  /** Who hears of a disk that takes no writes; without it, the log. */
  readonly trouble?: Pick<Trouble, 'failed' | 'over'>
}

type Apart = ScanApart & { readonly dataDir: string }

export type { Remembered } from './memory.ts'

export interface Scanned {
  readonly changes: number
  readonly findings: number
  readonly queuedEvents: number
}

const failureOf = (issues: readonly Issue[]): string | null => {
  const [first] = issues
  return first === undefined ? null : `${issues.length} issues, the first at ${first.path}: ${first.reason}`
}

const countsOf = ({ changes, hits }: ScanVerdict, issues: readonly Issue[], isBaseline: boolean) => {
  const of = (kind: string) => changes.filter((change) => change.kind === kind).length
  return {
    issueCount: issues.length,
    eventCount: isBaseline ? 0 : changes.length,
    findingCount: hits.length,
    addedCount: of('added'),
    modifiedCount: of('modified'),
    removedCount: of('removed'),
  }
}

/** What is told, one at a time: encoding two hundred thousand events before storing the first would not fit in memory. */
function* eventsOf(
  changes: readonly Change[],
  again: Iterable<PayloadItem>,
  findings: Iterable<FeedFinding>,
): Generator<NewEvent> {
  for (const { kind, item } of changes) yield itemEventOf(kind, item)
  for (const item of again) yield itemEventOf('added', item)
  for (const finding of findings) yield findingEventOf(finding)
}

/** What is known of the scan before, and of what changed since. */
interface Since {
  readonly known: Stamps | undefined
  readonly touched: Touched
}

interface Judged {
  readonly verdict: ScanVerdict
  readonly findings: readonly FeedFinding[]
  readonly isBaseline: boolean
  readonly recordedMs: number
  /** Something told is to be forgotten, because its rule is another now. */
  readonly isAnyStale: boolean
  /** Some place could not be read, or could not before. */
  readonly isUnreadableNews: boolean
}

export const createScanner = (needs: ScanNeeds) => {
  const { db, scans, feed, outbox, clock, log, settings, recipient, apart, outboxOwner } = needs
  const { trouble = createTrouble(log) } = needs
  const memory = createScanMemory()
  let scansThere = 0
  let pruned: ObserveSettings | null = null

  const holdBounds = (deviceId: string): void => {
    const excess = excessBytes(outbox.backlog(deviceId).bytes, settings().sync.outboxMaxBytes)
    if (excess === 0) return
    const dropped = outbox.drop(deviceId, excess)
    scans.wantResnapshot()
    log.warn('outbox full, oldest events dropped', { 'batch.events': dropped })
  }

  const isTellingAll = (surface: string, to: Recipient, nowMs: number): boolean => {
    const { isResnapshotWanted: isWanted, resnapshotMs: lastMs } = scans.marks(surface)
    if (!isWanted) return false
    const waitingBytes = outbox.backlog(to.deviceId).bytes
    return isResnapshotDue({ isWanted, waitingBytes, mostWaitingBytes: settings().sync.outboxMaxBytes, lastMs, nowMs })
  }

  /** The stored items that the changes did not already tell of. */
  const rest = function* (surface: string, changes: readonly Change[]): Generator<PayloadItem> {
    const inDelta = new Set(changes.map(({ item }) => item.itemId))
    for (const item of scans.items(surface)) if (!inDelta.has(item.itemId)) yield item
  }

  /** What is found, and then what was found before in what is there, for somebody who heard of none of it. */
  const found = function* (surface: string, { verdict, findings, recordedMs }: Judged): Generator<FeedFinding> {
    yield* findings
    const rules = memory.rulesOf(surface, settings().rules)
    const told = new Set(verdict.hits.map(({ item, rule }) => hitKey(item.itemId, rule.id)))
    for (const item of scans.items(surface))
      for (const hit of decidePresentHits(rules, [item], told)) yield findingOfHit(hit, recordedMs)
  }

  const judge = (surface: string, snapshot: Snapshot, completedMs: number): Judged => {
    const rules = memory.rulesOf(surface, settings().rules)
    const { isBaselined } = scans.marks(surface)
    const previous = isBaselined ? scans.items(surface, memory.readAgain(surface, snapshot)) : []
    const { told, isAnyStale } = feed.told(surface, rules)
    const unreadableSinceMs = scans.unreadableSinceMs(surface)
    const facts = { isBaseline: !isBaselined, unreadableSinceMs, completedMs, rules, told }
    const verdict = decideScan(snapshot, previous, facts)
    const isUnreadableNews = unreadableSinceMs.size + verdict.unreadableSinceMs.size > 0
    const recordedMs = isBaselined ? clock.nowMs() : completedMs
    const findings = verdict.hits.map((hit) => findingOfHit(hit, recordedMs))
    return { verdict, findings, isBaseline: !isBaselined, recordedMs, isAnyStale, isUnreadableNews }
  }

  const writeFeed = (surface: string, judged: Judged): void => {
    const { verdict, findings, isBaseline, recordedMs } = judged
    const { maxStoredEvents, maxStoredFindings } = settings().persistence
    const rules = memory.rulesOf(surface, settings().rules)
    const removed = verdict.changes.filter(({ kind }) => kind === 'removed')
    feed.forgetRemoved(removed, surface)
    if (judged.isAnyStale) feed.forgetStale(surface, rules)
    const gone = new Set(removed.map(({ item }) => item))
    feed.keepTold(
      verdict.hits.filter(({ item }) => !gone.has(item)),
      rules,
    )
    feed.addFindings(findings)
    if (isBaseline) return
    // Of a change of everything, what retention would take away again is not written first.
    feed.addEvents(maxStoredEvents < 0 ? verdict.changes : verdict.changes.slice(0, maxStoredEvents), recordedMs)
    // Once for every life of the settings, and then after what adds to it.
    if (verdict.changes.length + findings.length === 0 && pruned === settings()) return
    feed.prune(maxStoredEvents, maxStoredFindings)
    pruned = settings()
  }

  const queue = (surface: string, judged: Judged, to: Recipient, completedMs: number): number => {
    const { verdict, findings, recordedMs } = judged
    const isAll = isTellingAll(surface, to, completedMs)
    const again = isAll ? rest(surface, verdict.changes) : []
    const said = isAll && scans.marks(surface).isIntroductionWanted ? found(surface, judged) : findings
    const queued = outbox.append(eventsOf(verdict.changes, again, said), to, recordedMs, completedMs)
    if (isAll) scans.resnapshotDone(surface, completedMs)
    if (queued > 0) holdBounds(to.deviceId)
    return queued
  }

  /** Moves whenever another connection has committed something. */
  const othersVersion = (): unknown => db.prepare('pragma data_version').get()?.['data_version']

  const commit = (snapshot: Snapshot, times: ScanTimes): Scanned => {
    const { surface, completedMs } = times
    const to = recipient()
    const before = othersVersion()
    const foreseen = judge(surface, snapshot, completedMs)
    const write = (): Scanned => {
      const judged = othersVersion() === before ? foreseen : judge(surface, snapshot, completedMs)
      const { verdict } = judged
      scans.applyChanges(verdict.changes)
      if (judged.isUnreadableNews) scans.keepUnreadable(surface, verdict.unreadableSinceMs)
      writeFeed(surface, judged)
      const counts = countsOf(verdict, snapshot.issues, judged.isBaseline)
      scans.recordSuccess(times, counts, failureOf(snapshot.issues))
      const queuedEvents = to === null ? 0 : queue(surface, judged, to, completedMs)
      if (outboxOwner !== undefined && outboxOwner !== readNote(db, 'outbox.device_id')) scans.wantIntroduction()
      return { changes: verdict.changes.length, findings: verdict.hits.length, queuedEvents }
    }
    // Most scans find nothing new; that they were made is worth no waiting for the disk.
    const isNews =
      foreseen.verdict.changes.length + foreseen.verdict.hits.length > 0 || scans.marks(surface).isResnapshotWanted
    return inTransaction(db, write, isNews ? 'at_once' : 'soon')
  }

  const recordFailure = (times: ScanTimes, sentence: string): void => {
    try {
      scans.recordFailure(times, sentence)
    } catch (err) {
      if (isTrouble(err)) trouble.failed(times.surface, err)
      else log.error('scan failure could not be recorded', { surface: times.surface, err })
    }
  }

  const tell = ({ surface, durationMs }: ScanTimes, snapshot: Snapshot, scanned: Scanned): void => {
    const facts = { surface, 'items.count': snapshot.items.length, 'duration.ms': durationMs }
    // A scan that found nothing new comes every few minutes and is no news.
    if (scanned.changes > 0) log.info('surface scanned', { ...facts, 'batch.events': scanned.queuedEvents })
    else log.debug('surface scanned', facts)
  }

  const scanHere = async (
    collector: Collector,
    until: AbortSignal,
    { known, touched }: Since,
    times: () => ScanTimes,
  ) => {
    const { surface } = collector
    const snapshot = await collector.collect(until, known, known && (touched ?? undefined))
    until.throwIfAborted()
    const took = times()
    const scanned = commit(snapshot, took)
    memory.keep(surface, snapshot)
    // A large commit leaves pages in SQLite's memory that an idle agent has no use for.
    if (scanned.changes > 0) db.exec('pragma shrink_memory')
    tell(took, snapshot, scanned)
    return scanned
  }

  const scanThere = async (there: Apart, surface: string, signal: AbortSignal): Promise<Scanned | null> => {
    const outboxOwner = readNote(db, 'outbox.device_id')
    const errand = { dataDir: there.dataDir, surface, settings: settings(), recipient: recipient(), outboxOwner }
    scansThere += 1
    waitForOthers(db, true)
    try {
      const { scanned, remembered } = await there.scan(errand, signal)
      memory.adopt(surface, remembered)
      return scanned
    } finally {
      scansThere -= 1
      waitForOthers(db, scansThere > 0)
    }
  }

  const failed = (times: ScanTimes, err: unknown, isTimeOut: boolean): null => {
    const sentence = isTimeOut ? 'scan timed out' : `scan failed: ${(err as Error).message}`
    if (isTrouble(err)) trouble.failed(times.surface, err)
    else log.error(isTimeOut ? 'scan timed out' : 'scan failed', { surface: times.surface, err })
    recordFailure(times, sentence)
    return null
  }

  return {
    /**
     * Scans and commits. A scan that fails or takes too long changes nothing but the surface's health; one that is
     * cancelled changes nothing at all. Null in both cases. Throws only when the database is damaged. `touched` are the
     * files that changed since the scan before; null when any may have.
     */
    async scan(collector: Collector, signal: AbortSignal, touched: Touched = null): Promise<Scanned | null> {
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
      let isThere = false
      try {
        const until = AbortSignal.any([signal, patience])
        const known = memory.known(surface, settings().rules)
        isThere = apart !== undefined && known === undefined && (await collector.isHeavy?.(until)) === true
        const scanned =
          isThere && apart !== undefined
            ? await scanThere(apart, surface, signal)
            : await scanHere(collector, until, { known, touched }, times)
        if (scanned !== null) trouble.over(surface)
        return scanned
      } catch (err) {
        memory.forget(surface)
        if (signal.aborted) return null
        if (isDamaged(err)) throw err
        return failed(times(), err, patience.aborted && !isThere)
      }
    },

    /** What the last committed scan of a surface left for the next one. */
    remembered: memory.of,
  }
}

export type Scanner = ReturnType<typeof createScanner>
