// Writes that may be sent twice and happen once, because their sender named them with an Idempotency-Key.
// The rule is decide.ts; the routes know nothing of this.
import { canonicalJson } from '@muster/contract'
import type { Served } from '@muster/http'
import type { KnownOperator } from '@muster/identity'
import { ok, refuse, sha256Hex } from '@muster/kernel'
import { decideIdempotency, maxKeyLength } from './decide.ts'
import { openReply, sealReply } from './seal.ts'
import type { IdempotencyStore } from './store.ts'

type OperatorSaid = Parameters<Served<KnownOperator>['handle']>[0]
type OperatorAnswer = Awaited<ReturnType<Served<KnownOperator>['handle']>>

const digestOf = ({ route }: Served<KnownOperator>, said: OperatorSaid): string =>
  sha256Hex(
    canonicalJson({
      method: route.method,
      path: route.path,
      params: said.params,
      query: said.query,
      body: said.body,
      ifMatch: said.ifMatch,
    }),
  )

const keyDigestOf = (key: string, { tenantId, operatorId }: KnownOperator): string =>
  sha256Hex(canonicalJson([tenantId, operatorId, key]))

/** Without the header a request runs as ever; with it, at most once a day for that operator. */
export const idempotent = (served: Served<KnownOperator>, store: IdempotencyStore): Served<KnownOperator> => ({
  route: served.route,
  async handle(said) {
    const key = said.idempotencyKey
    if (key === undefined) return served.handle(said)
    if (key === '' || key.length > maxKeyLength) {
      return refuse('request_malformed', `The Idempotency-Key must have 1 to ${maxKeyLength} characters.`)
    }
    const requestDigest = digestOf(served, said)
    const { tenantId } = said.speaker
    const keyDigest = keyDigestOf(key, said.speaker)
    const remembered = await store.reserve({ keyDigest, tenantId, requestDigest, createdMs: said.receivedMs })
    const verdict = decideIdempotency(remembered, requestDigest, said.receivedMs)
    if (verdict.kind === 'conflict') return refuse('idempotency_conflict', verdict.detail)
    if (verdict.kind === 'replay') return ok(JSON.parse(openReply(key, verdict.sealedReply)))
    return runOnce(served, said, { key, keyDigest }, store)
  },
})

const runOnce = async (
  served: Served<KnownOperator>,
  said: OperatorSaid,
  { key, keyDigest }: { readonly key: string; readonly keyDigest: string },
  store: IdempotencyStore,
): Promise<OperatorAnswer> => {
  let answer: OperatorAnswer
  try {
    answer = await served.handle(said)
  } catch (fault) {
    await store.release(keyDigest)
    throw fault
  }
  if (answer.ok) await store.finish(keyDigest, sealReply(key, JSON.stringify(answer.value)))
  else await store.release(keyDigest)
  return answer
}
