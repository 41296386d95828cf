// Writes that may be sent twice and happen once: the reply to a key is remembered and given again.
// Where replies are remembered is the caller's; this decides what a repeated key means (fleet-product 12).
import { setTimeout } from 'node:timers/promises'
import type { RefusalCode } from '@muster/contract'
import { backoffMs, type Result, refuse, type Secret } from '@muster/kernel'

export interface EncodedReply {
  readonly status: number
  readonly body: string
  /** The version of the object in the reply, as an entity tag that `If-Match` takes back. */
  readonly etag?: string
  /** A session for the browser to keep, or null to take it back. */
  readonly session?: Secret | null
}

/** A reply as it left, with the digest of the request it answered. */
export interface RememberedReply extends EncodedReply {
  readonly requestDigest: string
}

/** What is known of a key at the moment it is asked for; whoever gets it `mine` answers or releases it. */
export type Claim =
  | { readonly kind: 'answered'; readonly reply: RememberedReply }
  | { readonly kind: 'taken'; readonly isSameRequest: boolean }
  /** Whoever held it carried the work out and ended before the reply was remembered. */
  | { readonly kind: 'lost'; readonly isSameRequest: boolean }
  | {
      readonly kind: 'mine'
      /** Remembers the reply and gives the key up, both or neither. */
      answer(reply: RememberedReply): Promise<void>
      /** Gives the key up, because nothing was done; the next who asks runs the work. */
      release(): Promise<void>
      /** Gives the key up after a fault: the work runs again only if nothing of it was carried out. */
      abandon(): Promise<void>
    }

export interface ReplyMemory {
  /**
   * One holder at a time over all servers; the key of a holder that died becomes free by itself, unless it died after
   * the work was carried out.
   */
  claim(request: KeyedRequest): Promise<Claim>
}

export interface KeyedRequest {
  /** The operator's token: two operators may use the same key. */
  readonly owner: string
  readonly key: string
  readonly digest: string
  /** Names what the work carries out, so that the memory learns of it. */
  readonly requestId: string
}

type Outcome = Result<EncodedReply, RefusalCode>

export interface Idempotency {
  /** Runs `work` unless this key was already answered or is being answered; refusals are not remembered. */
  once(request: KeyedRequest, work: () => Promise<Outcome>): Promise<Outcome>
}

type Mine = Extract<Claim, { readonly kind: 'mine' }>

const run = async (claim: Mine, digest: string, work: () => Promise<Outcome>): Promise<Outcome> => {
  try {
    const outcome = await work()
    if (outcome.ok) await claim.answer({ ...outcome.value, requestDigest: digest })
    else await claim.release()
    return outcome
  } catch (fault) {
    // What went wrong first is what counts; a key that cannot be given up becomes free by itself.
    await claim.abandon().catch(() => undefined)
    throw fault
  }
}

/** How often another server is asked whether it has answered, and for how long. */
const look = { baseMs: 20, maxMs: 250 }
const waitAtMostMs = 30_000

const stillUnderWay = refuse<'store_busy'>('store_busy', 'The same request is still being answered by another server.')

/** Runs the work, or waits until whoever runs it has answered. */
const settle = async (memory: ReplyMemory, request: KeyedRequest, work: () => Promise<Outcome>): Promise<Outcome> => {
  const deadline = performance.now() + waitAtMostMs
  for (let looks = 0; ; looks += 1) {
    const claim = await memory.claim(request)
    if (claim.kind === 'mine') return run(claim, request.digest, work)
    const isSame = claim.kind === 'answered' ? claim.reply.requestDigest === request.digest : claim.isSameRequest
    if (!isSame) return refuse('idempotency_conflict')
    if (claim.kind === 'lost') return refuse('reply_lost')
    if (claim.kind === 'answered') return { ok: true, value: claim.reply }
    if (performance.now() > deadline) return stillUnderWay
    await setTimeout(backoffMs(look, looks))
  }
}

export const createIdempotency = (memory: ReplyMemory): Idempotency => {
  const underWay = new Map<string, { readonly digest: string; readonly outcome: Promise<Outcome> }>()
  return {
    async once(request, work) {
      const name = `${request.owner}\n${request.key}`
      const running = underWay.get(name)
      if (running !== undefined) {
        return running.digest === request.digest ? running.outcome : refuse('idempotency_conflict')
      }
      const outcome = settle(memory, request, work).finally(() => underWay.delete(name))
      underWay.set(name, { digest: request.digest, outcome })
      return outcome
    },
  }
}
