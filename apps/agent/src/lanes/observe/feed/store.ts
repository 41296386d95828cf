// The SQL of this machine's own feed: what changed, what rules found, and what was already told (sensor-agent 10.2, 10.5).
// Every write belongs into the transaction that scan opens.
import { randomUUID } from 'node:crypto'
import type { EventKind, ReportedFinding, Severity } from '@muster/contract/device'
import { counted, listed, type Source, type Wanted } from '../database/list.ts'
import type { Database } from '../database/open.ts'
import { type Row, textOrNull } from '../database/row.ts'
import type { Change } from '../diff/decide.ts'
import { type Hit, hitKey, type RuleSet } from '../rules/decide.ts'
import { changeDetail } from './decide.ts'

export interface FeedEvent {
  readonly eventId: string
  readonly atMs: number
  readonly surface: string
  readonly kind: EventKind
  readonly itemId: string
  readonly itemName: string
  readonly detail: string
}

/** A finding as it is told, under the names and in the units of this machine's own tables. */
export interface FeedFinding extends Omit<ReportedFinding, 'id' | 'observedAt'> {
  readonly findingId: string
  readonly atMs: number
}

const eventOf = (row: Row): FeedEvent => ({
  eventId: String(row['event_id']),
  atMs: Number(row['at_ms']),
  surface: String(row['surface']),
  kind: row['kind'] as EventKind,
  itemId: String(row['item_id']),
  itemName: String(row['item_name']),
  detail: String(row['detail']),
})

const findingOf = (row: Row): FeedFinding => ({
  findingId: String(row['finding_id']),
  atMs: Number(row['at_ms']),
  surface: String(row['surface']),
  itemId: String(row['item_id']),
  ruleId: String(row['rule_id']),
  title: String(row['title']),
  rationale: String(row['rationale']),
  severity: row['severity'] as Severity,
  itemName: String(row['item_name']),
  evidence: {
    path: String(row['path']),
    detail: textOrNull(row['detail']),
    matchedField: textOrNull(row['matched_field']),
    matchedValue: textOrNull(row['matched_value']),
  },
})

/** A hit as it is stored and told: with an id of its own and the moment it was seen. */
export const findingOfHit = ({ rule, item, matchedField, matchedValue }: Hit, atMs: number): FeedFinding => ({
  findingId: randomUUID().toUpperCase(),
  atMs,
  surface: item.surface,
  itemId: item.itemId,
  ruleId: rule.id,
  title: rule.title,
  rationale: rule.rationale,
  severity: rule.severity as Severity,
  itemName: item.name,
  evidence: { path: item.path, detail: item.detail, matchedField, matchedValue },
})

const eventList: Source = {
  table: 'change_event',
  columns: ['surface', 'kind', 'item_name', 'item_id', 'detail'],
  order: 'at_ms desc, event_id desc',
}

const findingList: Source = {
  table: 'finding',
  columns: ['surface', 'severity', 'rule_id', 'title', 'item_name', 'path', 'detail'],
  order: 'at_ms desc, finding_id desc',
}

const insertEvent = `
  insert into change_event (event_id, at_ms, surface, kind, item_id, item_name, detail) values (?, ?, ?, ?, ?, ?, ?)`

const insertFinding = `
  insert into finding (finding_id, at_ms, surface, item_id, rule_id, title, rationale, severity, item_name, path, detail,
    matched_field, matched_value)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// Newest first, and everything behind the limit goes; a negative limit keeps all.
const prune = (table: 'change_event' | 'finding', id: 'event_id' | 'finding_id') => `
  delete from ${table} where ${id} in
    (select ${id} from ${table} order by at_ms desc, ${id} desc limit -1 offset ?)`

export interface Told {
  readonly told: ReadonlySet<string>
  /** Something is kept that a changed rule told. */
  readonly isAnyStale: boolean
}

const createTold = (db: Database) => ({
  /** What was told already and still counts; what a changed rule told, or an item that is gone had, is forgotten. */
  told(surface: string, { presentDigests }: RuleSet): Told {
    const told = new Set<string>()
    let isAnyStale = false
    const rows = db.prepare('select item_id, rule_id, rule_digest from told_finding where surface = ?').iterate(surface)
    for (const { item_id: itemId, rule_id: ruleId, rule_digest: digest } of rows) {
      if (presentDigests.get(String(ruleId)) === digest) told.add(hitKey(String(itemId), String(ruleId)))
      else isAnyStale = true
    }
    return { told, isAnyStale }
  },

  keepTold(hits: readonly Hit[], { presentDigests }: RuleSet): void {
    const insert = db.prepare(
      'insert or replace into told_finding (surface, item_id, rule_id, rule_digest) values (?, ?, ?, ?)',
    )
    for (const { item, rule } of hits) {
      const digest = presentDigests.get(rule.id)
      if (digest !== undefined) insert.run(item.surface, item.itemId, rule.id, digest)
    }
  },

  forgetRemoved(removed: readonly Change[], surface: string): void {
    const remove = db.prepare('delete from told_finding where surface = ? and item_id = ?')
    for (const { item } of removed) remove.run(surface, item.itemId)
  },

  forgetStale(surface: string, { presentDigests }: RuleSet): void {
    const rules = JSON.stringify([...presentDigests].map(([ruleId, digest]) => `${ruleId}\n${digest}`))
    db.prepare(
      `delete from told_finding where surface = ? and rule_id || char(10) || rule_digest not in
         (select value from json_each(?))`,
    ).run(surface, rules)
  },
})

export const createFeedStore = (db: Database) => ({
  ...createTold(db),

  addEvents(changes: readonly Change[], atMs: number): void {
    const insert = db.prepare(insertEvent)
    for (const { kind, item, before } of changes) {
      const detail = changeDetail(item, before)
      insert.run(randomUUID().toUpperCase(), atMs, item.surface, kind, item.itemId, item.name, detail)
    }
  },

  addFindings(findings: readonly FeedFinding[]): void {
    const insert = db.prepare(insertFinding)
    for (const { evidence, ...said } of findings) {
      const { findingId, atMs, surface, itemId, ruleId, title, rationale, severity, itemName } = said
      const { path, detail, matchedField, matchedValue } = evidence
      // biome-ignore format: one row, one line
      insert.run(findingId, atMs, surface, itemId, ruleId, title, rationale, severity, itemName, path, detail, matchedField, matchedValue)
    }
  },

  /** Keeps the newest of each over all surfaces; 0 keeps none, a negative number all (sensor-agent 10.5). */
  prune(mostEvents: number, mostFindings: number): void {
    if (mostEvents >= 0) db.prepare(prune('change_event', 'event_id')).run(mostEvents)
    if (mostFindings >= 0) db.prepare(prune('finding', 'finding_id')).run(mostFindings)
  },

  /** Newest first. */
  events: (limit: number, wanted: Wanted = {}): readonly FeedEvent[] =>
    listed(db, eventList, wanted, limit).map(eventOf),

  findings: (limit: number, wanted: Wanted = {}): readonly FeedFinding[] =>
    listed(db, findingList, wanted, limit).map(findingOf),

  countEvents: (wanted: Wanted): number => counted(db, eventList, wanted),

  countFindings: (wanted: Wanted): number => counted(db, findingList, wanted),

  /** How many findings of each severity are kept. */
  countBySeverity(): Readonly<Record<string, number>> {
    const rows = db.prepare('select severity, count(*) as count from finding group by severity').all()
    return Object.fromEntries(rows.map((row) => [String(row['severity']), Number(row['count'])]))
  },
})

export type FeedStore = ReturnType<typeof createFeedStore>
