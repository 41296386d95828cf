// Replies to requests that carried an Idempotency-Key, kept for a day in the database for every server to find, who is
// answering which key now, and whether anything was carried out yet. What a repeated key means is the http edge's.
import { randomUUID } from 'node:crypto'
import type { Claim, KeyedRequest, RememberedReply, ReplyMemory } from '@muster/http'
import { type Clock, type Log, sha256Hex } from '@muster/kernel'
import type { Storage, Tx } from '@muster/storage'
import { openReply, sealReply } from './seal.ts'
import { type ClaimRow, createReplyStore } from './store.ts'

const keepMs = 24 * 3600 * 1000
/**
 * How long a server that died keeps a key, unless it comes back before. One that lives renews three times in that span, so clocks of servers may
 * differ by two thirds of it.
 */
const claimMs = 30_000

export interface DurableReplyMemory extends ReplyMemory {
  /** Told, in its transaction, that something is carried out within these requests. */
  noteEffects(tx: Tx, requestIds: Iterable<string>): Promise<void>
  /** Forgets what is older than a day. */
  purge(signal?: AbortSignal): Promise<number>
}

export interface ReplyMemoryNeeds {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
  /** Who takes claims here: the same after a restart, and no other server's. */
  readonly holder: string
}

const digestOf = (...parts: readonly string[]): string => sha256Hex(JSON.stringify(parts))

/** Whoever had this data folder before is gone, and so are its claims. */
export const createReplyMemory = async (needs: ReplyMemoryNeeds): Promise<DurableReplyMemory> => {
  const { storage, clock, log, holder } = needs
  const store = createReplyStore(storage)
  const held = new Map<string, ClaimRow>()
  await store.endClaimsOf(holder, clock.nowMs())

  const hold = (row: ClaimRow, key: string, requestId: string): Claim => {
    held.set(requestId, row)
    const renewal = setInterval(() => {
      store
        .renew(row, clock.nowMs() + claimMs)
        .catch((err: unknown) => log.warn('claim of an idempotency key not renewed', { err }))
    }, claimMs / 3).unref()
    const end = (): void => {
      clearInterval(renewal)
      held.delete(requestId)
    }
    return {
      kind: 'mine',
      async answer(reply) {
        await store.put(row, sealReply(key, JSON.stringify(reply)), clock.nowMs())
        end()
      },
      async release() {
        end()
        await store.release(row)
      },
      async abandon() {
        end()
        await store.abandon(row, clock.nowMs())
      },
    }
  }

  return {
    async claim({ owner, key, digest, requestId }: KeyedRequest): Promise<Claim> {
      const nowMs = clock.nowMs()
      const row = {
        keyDigest: digestOf(owner, key),
        claimId: randomUUID(),
        requestDigest: digestOf(key, digest),
        untilMs: nowMs + claimMs,
        holder,
      }
      const { sealedReply, isMine, isSameRequest, isLost } = await store.claim(row, nowMs, nowMs - keepMs)
      if (sealedReply !== undefined)
        return { kind: 'answered', reply: JSON.parse(openReply(key, sealedReply)) as RememberedReply }
      if (isMine) return hold(row, key, requestId)
      return { kind: isLost ? 'lost' : 'taken', isSameRequest }
    },
    async noteEffects(tx, requestIds) {
      if (held.size === 0) return
      const claims = [...new Set(requestIds)].flatMap((requestId) => held.get(requestId) ?? [])
      await store.noteEffect(tx, claims)
    },
    purge: (signal) => store.purge(clock.nowMs() - keepMs, signal),
  }
}
