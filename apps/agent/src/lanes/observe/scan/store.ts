// The SQL of a scan: the inventory of a surface, its marks, and the places that could not be read.
// Health is health.ts, events outbox/store.ts; all are written in the one transaction that scan.ts opens.
import type { PayloadItem } from '@muster/contract/device'
import type { Database } from '../database/open.ts'
import { type Row, textOrNull } from '../database/row.ts'
import type { Change } from '../diff/decide.ts'
import { createHealthStore } from './health.ts'

const flagOf = (value: boolean | null): number | null => (value === null ? null : Number(value))

export const itemOf = (row: Row): PayloadItem => ({
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

const readItems = `
  select surface, item_id, kind, name, version, path, origin, detail, installed_on_request
  from inventory_item where surface = ?`

// An item's id begins with surface, kind and path, so the primary key finds a path; '0' is what follows '/'.
const readItemsAt = `${readItems} and item_id >= ? and item_id < ? and path = ?`

const writeItem = `
  insert into inventory_item (surface, item_id, kind, name, version, path, origin, detail, installed_on_request)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict do update set version = excluded.version, origin = excluded.origin, detail = excluded.detail,
    installed_on_request = excluded.installed_on_request`

/** A part of a surface's inventory: what of these kinds lies at these paths. */
export interface Part {
  readonly kinds: readonly string[]
  readonly paths: readonly string[]
}

function* itemsIn(db: Database, surface: string, { kinds, paths }: Part): Generator<PayloadItem> {
  const read = db.prepare(readItemsAt)
  for (const kind of kinds)
    for (const path of paths) {
      const start = `${surface}/${kind}/${path}`
      for (const row of read.all(surface, `${start}/`, `${start}0`, path)) yield itemOf(row)
    }
}

export interface SurfaceMarks {
  readonly isBaselined: boolean
  readonly isResnapshotWanted: boolean
  /** Whoever wants it has heard of nothing that rules found in it. */
  readonly isIntroductionWanted: boolean
  /** When the whole inventory was last told because somebody wanted it; 0 for never. */
  readonly resnapshotMs: number
}

export const createScanStore = (db: Database) => ({
  marks(surface: string): SurfaceMarks {
    const row = db
      .prepare(
        `select is_baselined, is_resnapshot_wanted, is_introduction_wanted, resnapshot_ms from surface
         where surface = ?`,
      )
      .get(surface)
    return {
      isBaselined: row?.['is_baselined'] === 1,
      isResnapshotWanted: row?.['is_resnapshot_wanted'] === 1,
      isIntroductionWanted: row?.['is_introduction_wanted'] === 1,
      resnapshotMs: Number(row?.['resnapshot_ms'] ?? 0),
    }
  },

  /** The stored items one at a time, so that a large inventory is never in memory as a whole; a part of them, or all. */
  *items(surface: string, part?: Part): Generator<PayloadItem> {
    if (part === undefined) for (const row of db.prepare(readItems).iterate(surface)) yield itemOf(row)
    else yield* itemsIn(db, surface, part)
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

  /** Every surface that has been scanned before tells its whole inventory at its next scan. */
  wantResnapshot(): void {
    db.exec('update surface set is_resnapshot_wanted = 1 where is_baselined = 1')
  },

  /** The same, with what rules find in it: somebody listens from now on who was told nothing yet. */
  wantIntroduction(): void {
    db.exec('update surface set is_resnapshot_wanted = 1, is_introduction_wanted = 1 where is_baselined = 1')
  },

  resnapshotDone(surface: string, atMs: number): void {
    db.prepare(
      `update surface set is_resnapshot_wanted = 0, is_introduction_wanted = 0, resnapshot_ms = ? where surface = ?`,
    ).run(atMs, surface)
  },

  ...createHealthStore(db),
})

export type ScanStore = ReturnType<typeof createScanStore>
