// Replies to requests that carried an Idempotency-Key, kept for a day in the database, so that a repetition finds them
// after a restart and on another server too. What a repeated key means is the http edge's.
import type { RememberedReply, ReplyMemory } from '@muster/http'
import { type Clock, sha256Hex } from '@muster/kernel'
import type { Storage } from '@muster/storage'
import { openReply, sealReply } from './seal.ts'
import { createReplyStore } from './store.ts'

const keepMs = 24 * 3600 * 1000

export interface DurableReplyMemory extends ReplyMemory {
  /** Forgets what is older than a day. */
  purge(signal?: AbortSignal): Promise<number>
}

const digestOf = (owner: string, key: string): string => sha256Hex(JSON.stringify([owner, key]))

export const createReplyMemory = (storage: Storage, clock: Clock): DurableReplyMemory => {
  const store = createReplyStore(storage)
  return {
    async find(owner, key) {
      const sealed = await store.find(digestOf(owner, key), clock.nowMs() - keepMs)
      return sealed === undefined ? undefined : (JSON.parse(openReply(key, sealed)) as RememberedReply)
    },
    remember: (owner, key, reply) =>
      store.put(digestOf(owner, key), sealReply(key, JSON.stringify(reply)), clock.nowMs()),
    purge: (signal) => store.purge(clock.nowMs() - keepMs, signal),
  }
}
