// One request of an admitted operator: its inputs checked, its handler asked, its reply encoded.
// Fastify's part is api.ts; who may speak is admission.ts.
import { createHash } from 'node:crypto'
import { type RefusalCode, type Route, takesIdempotencyKey } from '@muster/contract'
import { type Clock, ok, type Result, refuse } from '@muster/kernel'
import { admitBody, checkShape, malformed } from '../admit.ts'
import { checkAnswer } from '../checked.ts'
import { isOtherMedia } from '../dialect.ts'
import { type AnyAnswer, EncodedJson, RepliedAs, type Said, type Served, SessionReply } from '../serve.ts'
import type { Head } from './admission.ts'
import type { EncodedReply, Idempotency } from './idempotency.ts'
import type { Stream } from './lines.ts'

export interface HearingNeeds {
  readonly clock: Clock
  readonly checkReplies: boolean
  readonly idempotency: Idempotency | undefined
}

/** A whole request, nothing of it checked yet. */
export interface Letter {
  readonly head: Head
  readonly url: string
  readonly params: unknown
  readonly query: object
  readonly body: Buffer
  readonly speaker: unknown
  /** Whose idempotency keys these are. */
  readonly owner: string
}

/** The text of a JSON reply, or a streamed one. */
export type Outcome = EncodedReply | Stream

/** A route that names no query takes none, so that a misspelt filter is never silently ignored. */
const checkQuery = (route: Route, query: object): Result<unknown, RefusalCode> => {
  if (route.query !== undefined) return checkShape(route.query, 'query', { ...query })
  const unknown = Object.keys(query)[0]
  return unknown === undefined ? ok(undefined) : malformed(`query.${unknown}: There is no such parameter.`)
}

/** The version an `If-Match` names, however it is quoted. */
const versionNamed = ({ headers }: Head): string | undefined => headers['if-match']?.replace(/^(?:W\/)?"(.*)"$/, '$1')

const keyNamed = (route: Route, { headers }: Head): Result<string | undefined, RefusalCode> => {
  const key = headers['idempotency-key']
  if (key === undefined || !takesIdempotencyKey(route)) return ok(undefined)
  const usable = typeof key === 'string' && /^[\x21-\x7e]{1,128}$/.test(key)
  return usable ? ok(key) : malformed('An Idempotency-Key has 1 to 128 printable characters.')
}

const read = (route: Route, letter: Letter, receivedMs: number): Result<Said<Route, unknown, unknown>, RefusalCode> => {
  const { head, speaker } = letter
  const params = checkShape(route.params, 'params', letter.params)
  if (!params.ok) return params
  const query = checkQuery(route, letter.query)
  if (!query.ok) return query
  if (isOtherMedia(route, head.headers, letter.body.length > 0)) return refuse('media_type_unsupported')
  const body = admitBody(route, [letter.body], letter.body.length)
  if (!body.ok) return body
  const key = keyNamed(route, head)
  if (!key.ok) return key
  const ifMatch = versionNamed(head)
  if (route.precondition === 'if-match' && ifMatch === undefined) return refuse('version_missing')
  return ok({
    params: params.value,
    query: query.value,
    body: body.value,
    speaker,
    requestId: head.requestId,
    ip: head.ip,
    receivedMs,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(key.value !== undefined && { idempotencyKey: key.value }),
  })
}

/** What a key stands for: the same route, path, version and body. */
const digestOf = ({ url, head, body }: Letter): string =>
  createHash('sha256')
    .update(`${url}\n${head.headers['if-match'] ?? ''}\n`)
    .update(body)
    .digest('base64')

const replyOf = (route: Route, value: unknown): EncodedReply => {
  if (value instanceof RepliedAs) return { ...replyOf(route, value.reply), status: value.status }
  if (value instanceof SessionReply) return { ...replyOf(route, value.value), session: value.session }
  if (value instanceof EncodedJson) return { status: route.status, body: value.text }
  const version = value instanceof Object && 'version' in value ? value.version : undefined
  return {
    status: route.status,
    body: JSON.stringify(value),
    ...(typeof version === 'number' && { etag: `"${version}"` }),
  }
}

const asksForTable = (query: unknown): boolean => query instanceof Object && 'format' in query && query.format === 'csv'

/** Faults of the handler pass through as they were thrown. */
export const hear = async (
  needs: HearingNeeds,
  { route, handle }: Served,
  letter: Letter,
): Promise<Result<Outcome, RefusalCode>> => {
  const said = read(route, letter, needs.clock.nowMs())
  if (!said.ok) return said
  const answered = async (): Promise<AnyAnswer> => {
    const answer = await handle(said.value)
    if (needs.checkReplies) checkAnswer(route, answer)
    return answer
  }
  const replied = async (): Promise<Result<EncodedReply, RefusalCode>> => {
    const answer = await answered()
    return answer.ok ? ok(replyOf(route, answer.value)) : answer
  }
  if (route.replyForm === 'ndjson') {
    const answer = await answered()
    if (!answer.ok) return answer
    const csv = asksForTable(said.value.query) ? route.csv : undefined
    return ok({ values: answer.value as AsyncIterable<unknown>, csv })
  }
  const key = said.value.idempotencyKey
  if (key === undefined || needs.idempotency === undefined) return replied()
  const { owner, head } = letter
  return needs.idempotency.once({ owner, key, digest: digestOf(letter), requestId: head.requestId }, replied)
}
