// The SQL of remembered replies: which key, sealed with what only its sender knows, until when, and who is answering it now.
// Sealing is seal.ts; what a repeated key means is the http edge's.
import { deleteInBatches, type Storage } from '@muster/storage'
import { type Generated, type Kysely, sql, type Transaction } from 'kysely'

interface ReplyTables {
  server_reply: {
    reply_no: Generated<number>
    /** SHA-256 over the operator's token and the key, hex. */
    key_digest: string
    sealed_reply: Uint8Array
    created_ms: number
  }
  server_claim: {
    key_digest: string
    claim_id: string
    /** SHA-256 over the key and the request's digest, hex. */
    request_digest: string
    until_ms: number
    /** The server that took it, by the id of its data folder. */
    holder: string | null
    /** 1 once something it names was carried out. */
    effect: Generated<number>
  }
}

export interface ClaimRow {
  readonly keyDigest: string
  readonly claimId: string
  readonly requestDigest: string
  readonly untilMs: number
  readonly holder: string
}

const findReply = async (db: Kysely<ReplyTables>, keyDigest: string, afterMs: number) => {
  const row = await db
    .selectFrom('server_reply')
    .select('sealed_reply')
    .where('key_digest', '=', keyDigest)
    .where('created_ms', '>', afterMs)
    .executeTakeFirst()
  return row?.sealed_reply
}

/**
 * Takes the key when nobody has it, or whoever had it let the time run out and carried nothing out; answers who has it
 * now.
 */
const takeClaim = async (db: Kysely<ReplyTables>, claim: ClaimRow, nowMs: number) => {
  const { keyDigest: key_digest, claimId: claim_id, requestDigest: request_digest, untilMs: until_ms, holder } = claim
  const row = { claim_id, request_digest, until_ms, holder }
  await db
    .insertInto('server_claim')
    .values({ key_digest, ...row })
    .onConflict((conflict) =>
      conflict
        .column('key_digest')
        .doUpdateSet(row)
        .where('server_claim.until_ms', '<=', nowMs)
        .where('server_claim.effect', '=', 0),
    )
    .execute()
  return db
    .selectFrom('server_claim')
    .select(['claim_id', 'request_digest', 'until_ms'])
    .where('key_digest', '=', key_digest)
    .executeTakeFirstOrThrow()
}

const dropClaim = (db: Kysely<ReplyTables>, { keyDigest, claimId }: ClaimRow) =>
  db.deleteFrom('server_claim').where('key_digest', '=', keyDigest).where('claim_id', '=', claimId).execute()

export const createReplyStore = (storage: Storage<ReplyTables>) => ({
  /** The reply there is, or the claim there is now. The claim comes first: its row makes others wait for this one. */
  claim: (claim: ClaimRow, nowMs: number, afterMs: number) =>
    storage.write(async (tx) => {
      const held = await takeClaim(tx, claim, nowMs)
      const isMine = held.claim_id === claim.claimId
      const sealedReply = await findReply(tx, claim.keyDigest, afterMs)
      if (isMine && sealedReply !== undefined) await dropClaim(tx, claim)
      const isSameRequest = held.request_digest === claim.requestDigest
      return { sealedReply, isMine, isSameRequest, isLost: !isMine && held.until_ms <= nowMs }
    }),

  async renew({ keyDigest, claimId }: ClaimRow, untilMs: number): Promise<void> {
    await storage.write((tx) =>
      tx
        .updateTable('server_claim')
        .set({ until_ms: untilMs })
        .where('key_digest', '=', keyDigest)
        .where('claim_id', '=', claimId)
        .execute(),
    )
  },

  async release(claim: ClaimRow): Promise<void> {
    await storage.write((tx) => dropClaim(tx, claim))
  },

  /** Ends the claim; it stays for as long as a reply would when something was carried out under it. */
  async abandon({ keyDigest, claimId }: ClaimRow, nowMs: number): Promise<void> {
    await storage.write(async (tx) => {
      const claims = { key_digest: keyDigest, claim_id: claimId }
      await tx
        .deleteFrom('server_claim')
        .where((eb) => eb.and({ ...claims, effect: 0 }))
        .execute()
      await tx
        .updateTable('server_claim')
        .set({ until_ms: nowMs })
        .where((eb) => eb.and(claims))
        .execute()
    })
  },

  /** In the transaction of what is carried out under the claims. */
  async noteEffect(tx: Transaction<ReplyTables>, claims: readonly ClaimRow[]): Promise<void> {
    for (const { keyDigest, claimId } of claims)
      await tx
        .updateTable('server_claim')
        .set({ effect: 1 })
        .where('key_digest', '=', keyDigest)
        .where('claim_id', '=', claimId)
        .execute()
  },

  /** Ends every claim of a server that is not there any more. */
  async endClaimsOf(holder: string, nowMs: number): Promise<void> {
    await storage.write(async (tx) => {
      const claims = tx.updateTable('server_claim').where('holder', '=', holder)
      await claims.set({ until_ms: nowMs }).where('until_ms', '>', nowMs).execute()
    })
  },

  /** Remembers and gives up the claim at once, so that nobody sees a key that is neither answered nor taken. */
  async put(claim: ClaimRow, sealedReply: Uint8Array, createdMs: number): Promise<void> {
    const row = { key_digest: claim.keyDigest, sealed_reply: sealedReply, created_ms: createdMs }
    await storage.write(async (tx) => {
      await tx
        .insertInto('server_reply')
        .values(row)
        .onConflict((conflict) => conflict.column('key_digest').doUpdateSet(row))
        .execute()
      await dropClaim(tx, claim)
    })
  },

  async purge(throughMs: number, signal?: AbortSignal): Promise<number> {
    const stopping = signal === undefined ? {} : { signal }
    const left = sql`until_ms <= ${throughMs}`
    await deleteInBatches(storage, { table: 'server_claim', key: 'key_digest', where: left, ...stopping })
    const old = sql`created_ms <= ${throughMs}`
    return deleteInBatches(storage, { table: 'server_reply', key: 'reply_no', where: old, ...stopping })
  },
})
