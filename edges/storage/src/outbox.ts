// The outbox: what happened, written in the transaction in which it happened, read in order by whoever must act on it.
// What a topic means, and what a consumer does, belongs to the rooms.

import { sql } from 'kysely'
import { bulkInsert } from './bulk.ts'
import { engineOf, serialize } from './dialect.ts'
import type { Storage } from './open.ts'
import { deleteInBatches } from './retention.ts'
import type { Tx } from './unit.ts'

export interface Announcement {
  readonly tenantId: string
  readonly topic: string
  /** What it is about, for example a device id. */
  readonly key: string
  /** Stored as JSON. */
  readonly body: unknown
  readonly createdMs: number
}

export interface OutboxEntry extends Announcement {
  readonly seq: number
}

const insertAnnouncements = bulkInsert({
  into: 'storage_outbox',
  columns: { tenant_id: 'text', topic: 'text', key: 'text', body: 'text', created_ms: 'int' },
})

/**
 * Writes announcements in the transaction of what they announce. On PostgreSQL transactions that announce take turns
 * until they commit: a number handed out earlier but committed later would be skipped by a reader that is already past.
 */
export const announce = async (tx: Tx, ...announcements: readonly Announcement[]): Promise<void> => {
  if (announcements.length === 0) return
  if (engineOf(tx) === 'postgres') await serialize(tx, 'storage_outbox')
  await insertAnnouncements(
    tx,
    announcements.map(({ tenantId, topic, key, body, createdMs }) => ({
      tenant_id: tenantId,
      topic,
      key,
      body: JSON.stringify(body),
      created_ms: createdMs,
    })),
  )
}

export interface Outbox {
  /** Entries after this number, oldest first. */
  read(afterSeq: number, limit: number): Promise<readonly OutboxEntry[]>
  /** The last number a consumer has dealt with; 0 for a new one. */
  position(consumer: string): Promise<number>
  /** Remembers it, in the caller's transaction when what was done is in the same database. Never goes back. */
  advance(tx: Tx, consumer: string, seq: number): Promise<void>
  /** Deletes what every known consumer is past, at most `limit` entries; answers how many went. */
  trim(limit: number): Promise<number>
  /** Deletes what is older than this, in batches that hold up nobody, whether or not a consumer is past it. */
  expire(beforeMs: number, signal?: AbortSignal): Promise<number>
}

const toEntry = (row: Record<string, unknown>): OutboxEntry => ({
  seq: row['seq'] as number,
  tenantId: row['tenant_id'] as string,
  topic: row['topic'] as string,
  key: row['key'] as string,
  body: JSON.parse(row['body'] as string),
  createdMs: row['created_ms'] as number,
})

export const createOutbox = (storage: Pick<Storage, 'db' | 'write'>): Outbox => ({
  async read(afterSeq, limit) {
    const rows = await storage.db
      .selectFrom('storage_outbox')
      .selectAll()
      .where('seq', '>', afterSeq)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map(toEntry)
  },
  async position(consumer) {
    const row = await storage.db
      .selectFrom('storage_outbox_position')
      .select('seq')
      .where('consumer', '=', consumer)
      .executeTakeFirst()
    return (row?.['seq'] as number | undefined) ?? 0
  },
  async advance(tx, consumer, seq) {
    await tx
      .insertInto('storage_outbox_position')
      .values({ consumer, seq })
      .onConflict((conflict) =>
        conflict.column('consumer').doUpdateSet({ seq }).where('storage_outbox_position.seq', '<', seq),
      )
      .execute()
  },
  trim: (limit) =>
    storage.write(async (tx) => {
      const slowest = await tx
        .selectFrom('storage_outbox_position')
        .select((select) => select.fn.min('seq').as('seq'))
        .executeTakeFirst()
      const through = slowest?.seq as number | null | undefined
      if (through === null || through === undefined) return 0
      const old = tx.selectFrom('storage_outbox').select('seq').where('seq', '<=', through).orderBy('seq').limit(limit)
      const gone = await tx.deleteFrom('storage_outbox').where('seq', 'in', old).executeTakeFirst()
      return Number(gone.numDeletedRows)
    }),
  expire: (beforeMs, signal) =>
    deleteInBatches(storage, {
      table: 'storage_outbox',
      key: 'seq',
      where: sql`created_ms < ${beforeMs}`,
      ...(signal === undefined ? {} : { signal }),
    }),
})
