// The SQL of remembered requests: who asked with which key, for what, and the sealed reply.
// What a repetition means is decide.ts.
import { deleteInBatches, type Storage } from '@muster/storage'
import { type Generated, sql, type Transaction } from 'kysely'
import { keepMs, type Remembered } from './decide.ts'

interface IdempotencyTables {
  server_idempotency: {
    request_no: Generated<number>
    /** SHA-256 over tenant, operator and key, hex. */
    key_digest: string
    tenant_id: string
    request_digest: string
    sealed_reply: Uint8Array | null
    created_ms: number
  }
}

type Tx = Transaction<IdempotencyTables>

export interface Reservation {
  readonly keyDigest: string
  readonly tenantId: string
  readonly requestDigest: string
  readonly createdMs: number
}

export const createIdempotencyStore = (storage: Storage<IdempotencyTables>) => ({
  /** Reserves the key, or answers what it was used for; a reservation older than a day is replaced. */
  reserve: (wanted: Reservation): Promise<Remembered | undefined> =>
    storage.write(async (tx) => {
      await forget(tx, wanted.keyDigest, wanted.createdMs - keepMs)
      const { numInsertedOrUpdatedRows } = await tx
        .insertInto('server_idempotency')
        .values({
          key_digest: wanted.keyDigest,
          tenant_id: wanted.tenantId,
          request_digest: wanted.requestDigest,
          sealed_reply: null,
          created_ms: wanted.createdMs,
        })
        .onConflict((conflict) => conflict.column('key_digest').doNothing())
        .executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 1n) return undefined
      return load(tx, wanted.keyDigest)
    }),

  finish: (keyDigest: string, sealedReply: Uint8Array): Promise<unknown> =>
    storage.write((tx) =>
      tx
        .updateTable('server_idempotency')
        .set({ sealed_reply: sealedReply })
        .where('key_digest', '=', keyDigest)
        .executeTakeFirst(),
    ),

  /** For a request that changed nothing, so that it may be tried again under the same key. */
  release: (keyDigest: string): Promise<unknown> =>
    storage.write((tx) => tx.deleteFrom('server_idempotency').where('key_digest', '=', keyDigest).executeTakeFirst()),

  purge: (nowMs: number, signal?: AbortSignal): Promise<number> =>
    deleteInBatches(storage, {
      table: 'server_idempotency',
      key: 'request_no',
      where: sql`created_ms <= ${nowMs - keepMs}`,
      ...(signal === undefined ? {} : { signal }),
    }),
})

export type IdempotencyStore = ReturnType<typeof createIdempotencyStore>

const forget = async (tx: Tx, keyDigest: string, throughMs: number): Promise<void> => {
  await tx
    .deleteFrom('server_idempotency')
    .where('key_digest', '=', keyDigest)
    .where('created_ms', '<=', throughMs)
    .execute()
}

const load = async (tx: Tx, keyDigest: string): Promise<Remembered> => {
  const row = await tx
    .selectFrom('server_idempotency')
    .select(['request_digest', 'sealed_reply', 'created_ms'])
    .where('key_digest', '=', keyDigest)
    .executeTakeFirstOrThrow()
  return { requestDigest: row.request_digest, sealedReply: row.sealed_reply, createdMs: row.created_ms }
}
