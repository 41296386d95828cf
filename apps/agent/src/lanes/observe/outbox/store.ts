// The SQL of the outbox: what waits for the server, numbered without gaps, each event with its fate.
// Every write belongs into a transaction that its caller opens.
import { randomUUID } from 'node:crypto'
import type { EventKind } from '@muster/contract/device'
import type { Database } from '../database/open.ts'
import type { Row } from '../database/row.ts'
import { createBase64 } from './base64.ts'
import type { NewEvent } from './decide.ts'

export interface Recipient {
  readonly tenantId: string
  readonly deviceId: string
}

export interface QueuedEvent {
  readonly eventId: string
  readonly deviceId: string
  readonly localSequence: number
  readonly surface: string
  readonly kind: EventKind
  readonly observedMs: number
  readonly collectedMs: number
  readonly payloadBase64: string
  readonly payloadBytes: number
  readonly payloadHash: string
  readonly attemptCount: number
}

export interface Backlog {
  readonly events: number
  readonly bytes: number
}

const insertEvent = `
  insert into outbox_event (event_id, tenant_id, device_id, local_sequence, surface, kind, body, severity, observed_ms,
    collected_ms, payload, payload_bytes, payload_hash, updated_ms)
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

const selectQueued = `
  select event_id, device_id, local_sequence, surface, kind, observed_ms, collected_ms, hex(payload) as payload_hex,
    payload_bytes, payload_hash, attempt_count
  from outbox_event`

const selectDue = `${selectQueued}
  where device_id = ? and state = 'pending' and (next_attempt_ms <= ? or next_attempt_ms > ?)
  order by local_sequence limit ?`

// The longest that settings allow, with its jitter.
const longestOfAllMs = 27 * 60 * 60_000

// The oldest go first, inventory before findings, for it can be told again as a whole, and of findings the mildest.
const selectDroppable = `
  select event_no, payload_bytes from outbox_event
  where device_id = ? and state = 'pending'
  order by body <> 'inventoryItem',
    case severity when 'info' then 0 when 'notable' then 1 when 'suspicious' then 2 else 3 end, local_sequence`

const selectNewest = `${selectQueued} where state = ? order by event_no desc limit ?`

const keepAckedMs = 7 * 24 * 60 * 60_000
const mostPoison = 10_000

type QueuedOf = (row: Row) => QueuedEvent

const createQueuedOf = (): QueuedOf => {
  const base64Of = createBase64()
  return (row) => ({
    eventId: String(row['event_id']),
    deviceId: String(row['device_id']),
    localSequence: Number(row['local_sequence']),
    surface: String(row['surface']),
    kind: row['kind'] as EventKind,
    observedMs: Number(row['observed_ms']),
    collectedMs: Number(row['collected_ms']),
    payloadBase64: base64Of(String(row['payload_hex'])),
    payloadBytes: Number(row['payload_bytes']),
    payloadHash: String(row['payload_hash']),
    attemptCount: Number(row['attempt_count']),
  })
}

const count = (db: Database, sql: string, ...values: (string | number)[]): number =>
  Number(db.prepare(sql).get(...values)?.['count'] ?? 0)

const createNumbers = (db: Database) => ({
  nextSequence(deviceId: string): number {
    const row = db.prepare('select next_sequence from outbox_sequence where device_id = ?').get(deviceId)
    return Number(row?.['next_sequence'] ?? 1)
  },

  /** Never moves backwards: `atLeast` is what is remembered outside this file, in case the file was lost. */
  raiseSequence(deviceId: string, atLeast: number): void {
    db.prepare(
      `insert into outbox_sequence (device_id, next_sequence) values (?, ?)
       on conflict do update set next_sequence = max(next_sequence, excluded.next_sequence)`,
    ).run(deviceId, atLeast)
  },

  lastAckedSequence(deviceId: string): number {
    const row = db.prepare('select last_acked_sequence from outbox_sequence where device_id = ?').get(deviceId)
    return Number(row?.['last_acked_sequence'] ?? 0)
  },
})

/** An event is named by whom it is addressed to and its number, which the rows lie in the order of. */
const createVerdicts = (db: Database) => ({
  markInFlight(localSequences: readonly number[], deviceId: string, nowMs: number): void {
    const mark = db.prepare(
      `update outbox_event set state = 'in_flight', first_sent_ms = coalesce(first_sent_ms, ?), updated_ms = ?
       where device_id = ? and local_sequence = ?`,
    )
    for (const localSequence of localSequences) mark.run(nowMs, nowMs, deviceId, localSequence)
  },

  acknowledge(localSequence: number, deviceId: string, nowMs: number): void {
    const { changes } = db
      .prepare(`update outbox_event set state = 'acked', updated_ms = ? where device_id = ? and local_sequence = ?`)
      .run(nowMs, deviceId, localSequence)
    if (changes === 0) return
    db.prepare('update outbox_sequence set last_acked_sequence = max(last_acked_sequence, ?) where device_id = ?').run(
      localSequence,
      deviceId,
    )
  },

  /** Only what was sent can have been received: a row that never left stays (sensor-agent 11.3). */
  acknowledgeThrough(localSequence: number, deviceId: string, nowMs: number): void {
    const acked = db
      .prepare(
        `update outbox_event set state = 'acked', updated_ms = ?
         where device_id = ? and local_sequence <= ? and first_sent_ms is not null and state <> 'acked'
         returning local_sequence`,
      )
      .all(nowMs, deviceId, localSequence)
    const highest = Math.max(0, ...acked.map((row) => Number(row['local_sequence'])))
    db.prepare('update outbox_sequence set last_acked_sequence = max(last_acked_sequence, ?) where device_id = ?').run(
      highest,
      deviceId,
    )
  },

  poison(localSequence: number, deviceId: string, why: { code: string; message: string }, nowMs: number): void {
    db.prepare(
      `update outbox_event set state = 'poison', verdict_code = ?, verdict_message = ?, updated_ms = ?
       where device_id = ? and local_sequence = ?`,
    ).run(why.code, why.message, nowMs, deviceId, localSequence)
  },

  postpone(localSequence: number, deviceId: string, nextAttemptMs: number, nowMs: number): void {
    db.prepare(
      `update outbox_event set state = 'pending', attempt_count = attempt_count + 1, next_attempt_ms = ?, updated_ms = ?
       where device_id = ? and local_sequence = ?`,
    ).run(nextAttemptMs, nowMs, deviceId, localSequence)
  },

  /** What was on its way when the program ended may or may not have arrived; its event id tells (sensor-agent 11.4). */
  recoverInFlight(): number {
    return Number(
      db.prepare(`update outbox_event set state = 'pending', next_attempt_ms = 0 where state = 'in_flight'`).run()
        .changes,
    )
  },
})

/** How many events share a fate, a surface and a body. */
export interface OutboxShare {
  readonly state: 'pending' | 'in_flight' | 'acked' | 'poison'
  readonly surface: string
  readonly body: string
  readonly events: number
  readonly bytes: number
}

const createViews = (db: Database, queuedOf: QueuedOf) => ({
  shares(): readonly OutboxShare[] {
    const rows = db
      .prepare(
        `select state, surface, body, count(*) as events, sum(payload_bytes) as bytes from outbox_event
         group by state, surface, body order by state, surface, body`,
      )
      .all()
    return rows.map((row) => ({
      state: row['state'] as OutboxShare['state'],
      surface: String(row['surface']),
      body: String(row['body']),
      events: Number(row['events']),
      bytes: Number(row['bytes']),
    }))
  },

  /** The newest that have this fate. */
  newest(state: OutboxShare['state'], limit: number): readonly QueuedEvent[] {
    return db.prepare(selectNewest).all(state, limit).map(queuedOf)
  },

  /** Why events were rejected for good, newest first. */
  rejections(limit: number): readonly { readonly code: string; readonly message: string; readonly eventId: string }[] {
    const rows = db
      .prepare(
        `select event_id, verdict_code, verdict_message from outbox_event where state = 'poison'
         order by event_no desc limit ?`,
      )
      .all(limit)
    return rows.map((row) => ({
      code: String(row['verdict_code']),
      message: String(row['verdict_message']),
      eventId: String(row['event_id']),
    }))
  },
})

const createBounds = (db: Database) => ({
  /** Drops at least this many waiting bytes and says how many events went. */
  drop(deviceId: string, bytes: number): number {
    const remove = db.prepare('delete from outbox_event where event_no = ?')
    const doomed: number[] = []
    let freed = 0
    for (const row of db.prepare(selectDroppable).iterate(deviceId)) {
      if (freed >= bytes) break
      freed += Number(row['payload_bytes'])
      doomed.push(Number(row['event_no']))
    }
    for (const eventNo of doomed) remove.run(eventNo)
    return doomed.length
  },

  /** Inventory queued for a device this machine no longer is (sensor-agent 12.4). */
  forgetOthers(deviceId: string): number {
    return Number(
      db.prepare(`delete from outbox_event where device_id <> ? and state in ('pending', 'in_flight')`).run(deviceId)
        .changes,
    )
  },

  /** Acknowledged events go after a week, but the newest stays to be looked at; of poison the newest ten thousand. */
  prune(nowMs: number): void {
    db.prepare(
      `delete from outbox_event where state = 'acked' and updated_ms < ?
       and event_no <> (select coalesce(max(event_no), 0) from outbox_event where state = 'acked')`,
    ).run(nowMs - keepAckedMs)
    db.prepare(
      `delete from outbox_event where state = 'poison' and event_no not in
       (select event_no from outbox_event where state = 'poison' order by event_no desc limit ?)`,
    ).run(mostPoison)
  },
})

const createOutbox = (db: Database, queuedOf: QueuedOf) => ({
  ...createNumbers(db),
  ...createVerdicts(db),
  ...createBounds(db),
  ...createViews(db, queuedOf),

  /** Queues events in the order given, each with the next number, and says how many there were. */
  append(events: Iterable<NewEvent>, to: Recipient, observedMs: number, collectedMs: number): number {
    const { tenantId, deviceId } = to
    const insert = db.prepare(insertEvent)
    const first = this.nextSequence(deviceId)
    let sequence = first
    for (const { surface, kind, body, severity, payload, payloadHash } of events) {
      const eventId = randomUUID().toUpperCase()
      const bytes = payload.length
      // biome-ignore format: one row, one line
      insert.run(eventId, tenantId, deviceId, sequence, surface, kind, body, severity, observedMs, collectedMs, payload, bytes, payloadHash, collectedMs)
      sequence += 1
    }
    this.raiseSequence(deviceId, sequence)
    return sequence - first
  },

  /** A time further ahead than anybody is made to wait comes from a clock that has been put back since: that is due. */
  due(deviceId: string, nowMs: number, limit: number, longestWaitMs = longestOfAllMs): readonly QueuedEvent[] {
    return db
      .prepare(selectDue)
      .all(deviceId, nowMs, nowMs + longestWaitMs, limit)
      .map(queuedOf)
  },

  backlog(deviceId: string): Backlog {
    const row = db
      .prepare(
        `select count(*) as events, coalesce(sum(payload_bytes), 0) as bytes from outbox_event
         where device_id = ? and state in ('pending', 'in_flight')`,
      )
      .get(deviceId)
    return { events: Number(row?.['events']), bytes: Number(row?.['bytes']) }
  },

  poisonCount: (): number => count(db, `select count(*) as count from outbox_event where state = 'poison'`),
  ackedCount: (): number => count(db, `select count(*) as count from outbox_event where state = 'acked'`),
  lastAckedMs(): number | null {
    const row = db.prepare(`select max(updated_ms) as at_ms from outbox_event where state = 'acked'`).get()
    return typeof row?.['at_ms'] === 'number' ? row['at_ms'] : null
  },
})

export const createOutboxStore = (db: Database) => createOutbox(db, createQueuedOf())

export type OutboxStore = ReturnType<typeof createOutboxStore>
