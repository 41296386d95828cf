// Writes that may be sent twice and happen once: the reply to a key is remembered and given again.
// Where replies are remembered is the caller's; this decides what a repeated key means (fleet-product 12).
import type { RefusalCode } from '@muster/contract'
import { type Result, refuse } from '@muster/kernel'

export interface EncodedReply {
  readonly status: number
  readonly body: string
  /** The version of the object in the reply, as an entity tag that `If-Match` takes back. */
  readonly etag?: string
}

/** A reply as it left, with the digest of the request it answered. */
export interface RememberedReply extends EncodedReply {
  readonly requestDigest: string
}

export interface ReplyMemory {
  find(owner: string, key: string): Promise<RememberedReply | undefined>
  remember(owner: string, key: string, reply: RememberedReply): Promise<void>
}

export interface KeyedRequest {
  /** The operator's token: two operators may use the same key. */
  readonly owner: string
  readonly key: string
  readonly digest: string
}

type Outcome = Result<EncodedReply, RefusalCode>

export interface Idempotency {
  /** Runs `work` unless this key was already answered or is being answered; refusals are not remembered. */
  once(request: KeyedRequest, work: () => Promise<Outcome>): Promise<Outcome>
}

export const createIdempotency = (memory: ReplyMemory): Idempotency => {
  const underWay = new Map<string, { readonly digest: string; readonly outcome: Promise<Outcome> }>()

  const settle = async ({ owner, key, digest }: KeyedRequest, work: () => Promise<Outcome>): Promise<Outcome> => {
    const known = await memory.find(owner, key)
    if (known !== undefined) {
      return known.requestDigest === digest ? { ok: true, value: known } : refuse('idempotency_conflict')
    }
    const outcome = await work()
    if (outcome.ok) await memory.remember(owner, key, { ...outcome.value, requestDigest: digest })
    return outcome
  }

  return {
    async once(request, work) {
      const name = `${request.owner}\n${request.key}`
      const running = underWay.get(name)
      if (running !== undefined) {
        return running.digest === request.digest ? running.outcome : refuse('idempotency_conflict')
      }
      const outcome = settle(request, work).finally(() => underWay.delete(name))
      underWay.set(name, { digest: request.digest, outcome })
      return outcome
    },
  }
}
