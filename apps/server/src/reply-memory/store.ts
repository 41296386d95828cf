// The SQL of remembered replies: which key, sealed with what only its sender knows, until when.
// Sealing is seal.ts; what a repeated key means is the http edge's.
import { deleteInBatches, type Storage } from '@muster/storage'
import { type Generated, sql } from 'kysely'

interface ReplyTables {
  server_reply: {
    reply_no: Generated<number>
    /** SHA-256 over the operator's token and the key, hex. */
    key_digest: string
    sealed_reply: Uint8Array
    created_ms: number
  }
}

export const createReplyStore = (storage: Storage<ReplyTables>) => ({
  async find(keyDigest: string, afterMs: number): Promise<Uint8Array | undefined> {
    const row = await storage.db
      .selectFrom('server_reply')
      .select('sealed_reply')
      .where('key_digest', '=', keyDigest)
      .where('created_ms', '>', afterMs)
      .executeTakeFirst()
    return row?.sealed_reply
  },

  async put(keyDigest: string, sealedReply: Uint8Array, createdMs: number): Promise<void> {
    const row = { key_digest: keyDigest, sealed_reply: sealedReply, created_ms: createdMs }
    await storage.write((tx) =>
      tx
        .insertInto('server_reply')
        .values(row)
        .onConflict((conflict) => conflict.column('key_digest').doUpdateSet(row))
        .execute(),
    )
  },

  purge: (throughMs: number, signal?: AbortSignal): Promise<number> =>
    deleteInBatches(storage, {
      table: 'server_reply',
      key: 'reply_no',
      where: sql`created_ms <= ${throughMs}`,
      ...(signal === undefined ? {} : { signal }),
    }),
})
