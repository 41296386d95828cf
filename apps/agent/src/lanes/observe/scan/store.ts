// The SQL of a scan: the inventory of a surface, its health, and the places that could not be read.
// Queued events are outbox/store.ts; both are written in the one transaction that scan.ts opens.
import type { PayloadItem } from '@muster/contract'
import type { Database } from '../database/open.ts'
import type { Change } from '../diff/decide.ts'

export interface SurfaceHealth {
  readonly surface: string
  readonly state: 'idle' | 'healthy' | 'degraded'
  readonly startedMs: number | null
  readonly completedMs: number | null
  readonly succeededMs: number | null
  readonly durationMs: number | null
  readonly lastFailure: string | null
  readonly itemCount: number
  readonly issueCount: number
  readonly addedCount: number
  readonly modifiedCount: number
  readonly removedCount: number
}

export interface ScanCounts {
  readonly issueCount: number
  readonly addedCount: number
  readonly modifiedCount: number
  readonly removedCount: number
}

type Row = Record<string, unknown>

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null)
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null)
const flagOf = (value: boolean | null): number | null => (value === null ? null : Number(value))

const itemOf = (row: Row): PayloadItem => ({
  itemId: String(row['item_id']),
  surface: String(row['surface']),
  kind: String(row['kind']),
  name: String(row['name']),
  version: textOrNull(row['version']),
  path: String(row['path']),
  origin: textOrNull(row['origin']),
  detail: textOrNull(row['detail']),
  installedOnRequest: row['installed_on_request'] === null ? null : row['installed_on_request'] === 1,
  attributes: {},
})

const healthOf = (row: Row): SurfaceHealth => ({
  surface: String(row['surface']),
  state: row['state'] as SurfaceHealth['state'],
  startedMs: numberOrNull(row['started_ms']),
  completedMs: numberOrNull(row['completed_ms']),
  succeededMs: numberOrNull(row['succeeded_ms']),
  durationMs: numberOrNull(row['duration_ms']),
  lastFailure: textOrNull(row['last_failure']),
  itemCount: Number(row['item_count']),
  issueCount: Number(row['issue_count']),
  addedCount: Number(row['added_count']),
  modifiedCount: Number(row['modified_count']),
  removedCount: Number(row['removed_count']),
})

const readItems = `
  select surface, item_id, kind, name, version, path, origin, detail, installed_on_request
  from inventory_item where surface = ?`

const writeItem = `
  insert into inventory_item (surface, item_id, kind, name, version, path, origin, detail, installed_on_request)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict do update set version = excluded.version, origin = excluded.origin, detail = excluded.detail,
    installed_on_request = excluded.installed_on_request`

const writeSuccess = `
  insert into surface (surface, is_baselined, state, started_ms, completed_ms, succeeded_ms, duration_ms, last_failure,
    item_count, issue_count, added_count, modified_count, removed_count)
  values (:surface, 1, :state, :startedMs, :completedMs, :completedMs, :durationMs, :lastFailure,
    (select count(*) from inventory_item where surface = :surface),
    :issueCount, :addedCount, :modifiedCount, :removedCount)
  on conflict do update set is_baselined = 1, state = excluded.state,
    started_ms = excluded.started_ms, completed_ms = excluded.completed_ms, succeeded_ms = excluded.succeeded_ms,
    duration_ms = excluded.duration_ms, last_failure = excluded.last_failure, item_count = excluded.item_count,
    issue_count = excluded.issue_count, added_count = excluded.added_count, modified_count = excluded.modified_count,
    removed_count = excluded.removed_count`

const writeFailure = `
  insert into surface (surface, state, started_ms, completed_ms, duration_ms, last_failure)
  values (:surface, 'degraded', :startedMs, :completedMs, :durationMs, :lastFailure)
  on conflict do update set state = 'degraded', started_ms = excluded.started_ms, completed_ms = excluded.completed_ms,
    duration_ms = excluded.duration_ms, last_failure = excluded.last_failure`

export interface ScanTimes {
  readonly surface: string
  readonly startedMs: number
  readonly completedMs: number
  readonly durationMs: number
}

export const createScanStore = (db: Database) => ({
  isResnapshotWanted(surface: string): boolean {
    const row = db.prepare('select is_resnapshot_wanted from surface where surface = ?').get(surface)
    return row?.['is_resnapshot_wanted'] === 1
  },

  /** The stored items one at a time, so that a large inventory is never in memory as a whole. */
  *items(surface: string): Generator<PayloadItem> {
    for (const row of db.prepare(readItems).iterate(surface)) yield itemOf(row)
  },

  applyChanges(changes: readonly Change[]): void {
    const write = db.prepare(writeItem)
    const remove = db.prepare('delete from inventory_item where surface = ? and item_id = ?')
    for (const { kind, item } of changes) {
      if (kind === 'removed') remove.run(item.surface, item.itemId)
      else {
        const { surface, itemId, name, version, path, origin, detail } = item
        const requested = flagOf(item.installedOnRequest)
        write.run(surface, itemId, item.kind, name, version, path, origin, detail, requested)
      }
    }
  },

  unreadableSinceMs(surface: string): ReadonlyMap<string, number> {
    const rows = db.prepare('select path, since_ms from unreadable_path where surface = ?').all(surface)
    return new Map(rows.map((row) => [String(row['path']), Number(row['since_ms'])]))
  },

  keepUnreadable(surface: string, sinceMs: ReadonlyMap<string, number>): void {
    db.prepare('delete from unreadable_path where surface = ?').run(surface)
    const insert = db.prepare('insert or replace into unreadable_path (surface, path, since_ms) values (?, ?, ?)')
    for (const [path, atMs] of sinceMs) insert.run(surface, path, atMs)
  },

  /** Issues leave a surface degraded, and still count as a success (sensor-agent 13). */
  recordSuccess(times: ScanTimes, counts: ScanCounts, lastFailure: string | null): void {
    const state = counts.issueCount === 0 ? 'healthy' : 'degraded'
    db.prepare(writeSuccess).run({ ...times, ...counts, state, lastFailure })
  },

  recordFailure(times: ScanTimes, lastFailure: string): void {
    db.prepare(writeFailure).run({ ...times, lastFailure })
  },

  /** Every surface that has been scanned before tells its whole inventory at its next scan. */
  wantResnapshot(): void {
    db.exec('update surface set is_resnapshot_wanted = 1 where is_baselined = 1')
  },

  resnapshotDone(surface: string): void {
    db.prepare('update surface set is_resnapshot_wanted = 0 where surface = ?').run(surface)
  },

  health(): readonly SurfaceHealth[] {
    return db.prepare('select * from surface order by surface').all().map(healthOf)
  },
})

export type ScanStore = ReturnType<typeof createScanStore>
