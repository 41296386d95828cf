// Replies to requests that carried an Idempotency-Key, kept for a day in the database, so that a repetition finds them
// after a restart and on another server too, and who is answering which key now. What a repeated key means is the http edge's.
import { randomUUID } from 'node:crypto'
import type { Claim, KeyedRequest, RememberedReply, ReplyMemory } from '@muster/http'
import { type Clock, type Log, sha256Hex } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { openReply, sealReply } from './seal.ts'
import { type ClaimRow, createReplyStore } from './store.ts'

const keepMs = 24 * 3600 * 1000
/**
 * How long a server that died keeps a key. One that lives renews three times in that span, so clocks of servers may
 * differ by two thirds of it.
 */
const claimMs = 30_000

export interface DurableReplyMemory extends ReplyMemory {
  /** Forgets what is older than a day. */
  purge(signal?: AbortSignal): Promise<number>
}

export interface ReplyMemoryNeeds {
  readonly storage: Storage
  readonly clock: Clock
  readonly log: Log
}

const digestOf = (...parts: readonly string[]): string => sha256Hex(JSON.stringify(parts))

export const createReplyMemory = ({ storage, clock, log }: ReplyMemoryNeeds): DurableReplyMemory => {
  const store = createReplyStore(storage)

  const hold = (row: ClaimRow, key: string): Claim => {
    const renewal = setInterval(() => {
      store
        .renew(row, clock.nowMs() + claimMs)
        .catch((err: unknown) => log.warn('claim of an idempotency key not renewed', { err }))
    }, claimMs / 3).unref()
    return {
      kind: 'mine',
      async answer(reply) {
        clearInterval(renewal)
        await store.put(row, sealReply(key, JSON.stringify(reply)), clock.nowMs())
      },
      async release() {
        clearInterval(renewal)
        await store.release(row)
      },
    }
  }

  return {
    async claim({ owner, key, digest }: KeyedRequest): Promise<Claim> {
      const nowMs = clock.nowMs()
      const row = {
        keyDigest: digestOf(owner, key),
        claimId: randomUUID(),
        requestDigest: digestOf(key, digest),
        untilMs: nowMs + claimMs,
      }
      const { sealedReply, isMine, isSameRequest } = await store.claim(row, nowMs, nowMs - keepMs)
      if (sealedReply !== undefined)
        return { kind: 'answered', reply: JSON.parse(openReply(key, sealedReply)) as RememberedReply }
      return isMine ? hold(row, key) : { kind: 'taken', isSameRequest }
    },
    purge: (signal) => store.purge(clock.nowMs() - keepMs, signal),
  }
}
