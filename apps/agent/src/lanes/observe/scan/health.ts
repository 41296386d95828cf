// The SQL of a surface's health: how its last scans went, and what its watcher complained of (sensor-agent 13).
// What a scan stores beside it is store.ts; how it reads to a person is health/decide.ts.
import { type Database, inTransaction } from '../database/open.ts'
import { numberOrNull, type Row, textOrNull } from '../database/row.ts'

export interface ScanCounts {
  readonly issueCount: number
  readonly eventCount: number
  readonly findingCount: number
  readonly addedCount: number
  readonly modifiedCount: number
  readonly removedCount: number
}

/** With the counts of the last scan that succeeded. */
export interface SurfaceHealth extends ScanCounts {
  readonly surface: string
  readonly state: 'idle' | 'healthy' | 'degraded'
  readonly startedMs: number | null
  readonly completedMs: number | null
  readonly succeededMs: number | null
  readonly durationMs: number | null
  readonly lastFailure: string | null
  readonly lastWatchIssue: string | null
  readonly lastWatchIssueMs: number | null
  readonly itemCount: number
  readonly watchPathCount: number
}

export interface ScanTimes {
  readonly surface: string
  readonly startedMs: number
  readonly completedMs: number
  readonly durationMs: number
}

const healthOf = (row: Row): SurfaceHealth => ({
  surface: String(row['surface']),
  state: row['state'] as SurfaceHealth['state'],
  startedMs: numberOrNull(row['started_ms']),
  completedMs: numberOrNull(row['completed_ms']),
  succeededMs: numberOrNull(row['succeeded_ms']),
  durationMs: numberOrNull(row['duration_ms']),
  lastFailure: textOrNull(row['last_failure']),
  lastWatchIssue: textOrNull(row['last_watch_issue']),
  lastWatchIssueMs: numberOrNull(row['last_watch_issue_ms']),
  itemCount: Number(row['item_count']),
  issueCount: Number(row['issue_count']),
  eventCount: Number(row['event_count']),
  findingCount: Number(row['finding_count']),
  addedCount: Number(row['added_count']),
  modifiedCount: Number(row['modified_count']),
  removedCount: Number(row['removed_count']),
  watchPathCount: Number(row['watch_path_count']),
})

const writeSuccess = `
  insert into surface (surface, is_baselined, state, started_ms, completed_ms, succeeded_ms, duration_ms, last_failure,
    item_count, issue_count, event_count, finding_count, added_count, modified_count, removed_count)
  values (:surface, 1, :state, :startedMs, :completedMs, :completedMs, :durationMs, :lastFailure,
    case when :isCountKept then coalesce((select item_count from surface where surface = :surface), 0)
      else (select count(*) from inventory_item where surface = :surface) end,
    :issueCount, :eventCount, :findingCount, :addedCount, :modifiedCount, :removedCount)
  on conflict do update set is_baselined = 1, state = excluded.state,
    started_ms = excluded.started_ms, completed_ms = excluded.completed_ms, succeeded_ms = excluded.succeeded_ms,
    duration_ms = excluded.duration_ms, last_failure = excluded.last_failure, item_count = excluded.item_count,
    issue_count = excluded.issue_count, event_count = excluded.event_count, finding_count = excluded.finding_count,
    added_count = excluded.added_count, modified_count = excluded.modified_count,
    removed_count = excluded.removed_count`

const writeFailure = `
  insert into surface (surface, state, started_ms, completed_ms, duration_ms, last_failure)
  values (:surface, 'degraded', :startedMs, :completedMs, :durationMs, :lastFailure)
  on conflict do update set state = 'degraded', started_ms = excluded.started_ms, completed_ms = excluded.completed_ms,
    duration_ms = excluded.duration_ms, last_failure = excluded.last_failure`

const writeWatchIssue = `
  insert into surface (surface, state, last_watch_issue, last_watch_issue_ms) values (:surface, 'degraded', :issue, :atMs)
  on conflict do update set state = 'degraded', last_watch_issue = excluded.last_watch_issue,
    last_watch_issue_ms = excluded.last_watch_issue_ms`

const writeWatchPaths = `
  insert into surface (surface, watch_path_count) values (:surface, :count)
  on conflict do update set watch_path_count = excluded.watch_path_count`

export const createHealthStore = (db: Database) => ({
  /** Issues leave a surface degraded, and still count as a success; what the watcher said last is kept. */
  recordSuccess(times: ScanTimes, counts: ScanCounts, lastFailure: string | null): void {
    const state = counts.issueCount === 0 ? 'healthy' : 'degraded'
    // Counting reads the whole index of the surface, which a scan that found nothing new has no reason to.
    const isCountKept = Number(counts.addedCount + counts.removedCount === 0)
    db.prepare(writeSuccess).run({ ...times, ...counts, state, lastFailure, isCountKept })
  },

  /** Inventory, counts and the time of the last success stay as they were. */
  recordFailure(times: ScanTimes, lastFailure: string): void {
    db.prepare(writeFailure).run({ ...times, lastFailure })
  },

  /** Says nothing about scans. */
  recordWatchIssue(surface: string, issue: string, atMs: number): void {
    db.prepare(writeWatchIssue).run({ surface, issue, atMs })
  },

  /** Of each surface. */
  recordWatchPaths(counts: ReadonlyMap<string, number>): void {
    const write = db.prepare(writeWatchPaths)
    inTransaction(db, () => counts.forEach((count, surface) => void write.run({ surface, count })), 'soon')
  },

  health(): readonly SurfaceHealth[] {
    return db.prepare('select * from surface order by surface').all().map(healthOf)
  },
})
