// Remembers replies in this process for a day, within a bound of bytes; the oldest go first.
// Nothing is written down, because replies may carry a secret that is shown only once.
import type { Clock } from '@muster/kernel'
import type { RememberedReply, ReplyMemory } from './idempotency.ts'

const lifeMs = 24 * 3_600_000
const heldBytes = 16 * 1024 * 1024

interface Kept {
  readonly reply: RememberedReply
  readonly untilMs: number
}

export const createReplyMemory = (clock: Clock): ReplyMemory => {
  const kept = new Map<string, Kept>()
  let keptBytes = 0

  const forget = (name: string, { reply }: Kept): void => {
    keptBytes -= reply.body.length
    kept.delete(name)
  }

  const makeRoom = (nowMs: number): void => {
    for (const [name, entry] of kept) {
      if (entry.untilMs > nowMs && keptBytes <= heldBytes) return
      forget(name, entry)
    }
  }

  return {
    async find(owner, key) {
      const entry = kept.get(`${owner}\n${key}`)
      return entry !== undefined && entry.untilMs > clock.nowMs() ? entry.reply : undefined
    },
    async remember(owner, key, reply) {
      const name = `${owner}\n${key}`
      const former = kept.get(name)
      if (former !== undefined) forget(name, former)
      kept.set(name, { reply, untilMs: clock.nowMs() + lifeMs })
      keptBytes += reply.body.length
      makeRoom(clock.nowMs())
    },
  }
}
