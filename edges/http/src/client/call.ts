// The calling half of the contract: says a route's sentence and checks the reply by the same schema.
// Connections are client.ts; what to do about a refusal is the caller's.
import type { IncomingMessage } from 'node:http'
import {
  type BodyOf,
  ErrorBody,
  isRead,
  type ParamsOf,
  type QueryOf,
  type ReplyOf,
  type Route,
  TelemetryErrorBody,
} from '@muster/contract/device'
import type { Refusal } from '@muster/kernel'
import type { Client, Sending } from './client.ts'
import { readLines, readText } from './reply-body.ts'
import { tolerates } from './tolerance.ts'
import { Unreachable } from './unreachable.ts'

type Part<Name extends string, Value> = unknown extends Value
  ? { readonly [N in Name]?: undefined }
  : Partial<Value> extends Value
    ? { readonly [N in Name]?: { readonly [K in keyof Value]: Value[K] | undefined } }
    : { readonly [N in Name]: Value }

/** What a caller says: the parts its route declares. */
export type Asked<R extends Route> = Part<'params', ParamsOf<R>> &
  Part<'query', QueryOf<R>> &
  Part<'body', BodyOf<R>> & { readonly ifMatch?: string | number; readonly idempotencyKey?: string }

/** The parts without their types, as the wire sees them. */
interface Parts {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly ifMatch?: string | number
  readonly idempotencyKey?: string
}

/** A refusal from the other end; its code may be newer than this program. */
export interface RemoteRefusal extends Refusal {
  readonly status: number
  readonly requestId: string
  readonly retryAfterSeconds?: number
}

export type Called<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly refusal: RemoteRefusal }

const pathOf = (route: Route, { params = {}, query = {} }: Parts): string => {
  const path = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => encodeURIComponent(params[name] ?? ''))
  const said = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return said.length === 0 ? path : `${path}?${new URLSearchParams(said).toString()}`
}

/** Reading again is harmless, and sensors' sentences are made to be repeated (sensor-protocol 10.3). */
const isRepeatable = (route: Route, parts: Parts): boolean =>
  isRead(route) || route.speaker === 'device' || parts.idempotencyKey !== undefined

const sendingOf = (route: Route, parts: Parts): Sending => ({
  method: route.method,
  path: pathOf(route, parts),
  repeatable: isRepeatable(route, parts),
  streams: route.replyForm === 'ndjson',
  headers: {
    ...(route.body !== undefined && { 'content-type': 'application/json' }),
    ...(parts.ifMatch !== undefined && { 'if-match': `"${parts.ifMatch}"` }),
    ...(parts.idempotencyKey !== undefined && { 'idempotency-key': parts.idempotencyKey }),
  },
  ...(route.body !== undefined && { body: JSON.stringify(parts.body) }),
})

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

type Said = Pick<RemoteRefusal, 'code' | 'detail' | 'requestId' | 'fields'>

/** What an error body says, in whichever dialect its route has; undefined when it is none. */
const saidBy = ({ dialect }: Route, body: unknown): Said | undefined => {
  if (dialect === 'telemetry') {
    if (!tolerates(TelemetryErrorBody, body)) return undefined
    const { code, message, request_id, fields } = (body as TelemetryErrorBody).error
    const named = fields?.map((path) => ({ path, code: 'invalid', message: '' }))
    return { code, detail: message, requestId: request_id, ...(named && { fields: named }) }
  }
  if (!tolerates(ErrorBody, body)) return undefined
  const { code, message, requestId, fields } = (body as ErrorBody).error
  return { code, detail: message, requestId, ...(fields && { fields: fields as RemoteRefusal['fields'] & {} }) }
}

/** The refusal in an error reply; anything that is not one of ours means that something else answered. */
const refusalOf = async (route: Route, origin: string, reply: IncomingMessage): Promise<RemoteRefusal> => {
  const status = reply.statusCode ?? 0
  const seconds = Number(reply.headers['retry-after'])
  const said = saidBy(route, parsed(await readText(origin, reply)))
  if (said === undefined) {
    throw new Unreachable(`${origin} answered with status ${status} and no reason; check that it is a Muster server`, {
      answer: { status, ...(seconds > 0 && { retryAfterSeconds: seconds }) },
    })
  }
  return { ...said, status, ...(seconds > 0 && { retryAfterSeconds: seconds }) }
}

const isGood = (reply: IncomingMessage): boolean => (reply.statusCode ?? 0) >= 200 && (reply.statusCode ?? 0) < 300

const checked = <R extends Route>(client: Client, route: R, text: string): ReplyOf<R> => {
  const value = parsed(text)
  if (tolerates(route.reply, value)) return value as ReplyOf<R>
  throw new Unreachable(
    `${client.origin} answered ${route.path} in a form this program does not know; compare versions`,
  )
}

/** Says a sentence and returns the reply or the refusal; throws `Unreachable` when no usable answer came. */
export const call = async <R extends Route>(client: Client, route: R, asked: Asked<R>): Promise<Called<ReplyOf<R>>> => {
  const reply = await client.send(sendingOf(route, asked as Parts))
  if (!isGood(reply)) return { ok: false, refusal: await refusalOf(route, client.origin, reply) }
  return { ok: true, value: checked(client, route, await readText(client.origin, reply)) }
}

async function* checkedLines<R extends Route>(
  client: Client,
  route: R,
  reply: IncomingMessage,
): AsyncGenerator<ReplyOf<R>> {
  for await (const line of readLines(client.origin, reply)) yield checked(client, route, line)
}

/** As `call`, for `ndjson` routes: the values arrive as they are read. */
export const callLines = async <R extends Route>(
  client: Client,
  route: R,
  asked: Asked<R>,
): Promise<Called<AsyncGenerator<ReplyOf<R>>>> => {
  const reply = await client.send(sendingOf(route, asked as Parts))
  if (!isGood(reply)) return { ok: false, refusal: await refusalOf(route, client.origin, reply) }
  return { ok: true, value: checkedLines(client, route, reply) }
}

/** One request outside the contract, such as `/healthz`: status and text, whatever they are. */
export const callText = async (
  client: Client,
  sending: Sending,
): Promise<{ readonly status: number; readonly text: string }> => {
  const reply = await client.send(sending)
  return { status: reply.statusCode ?? 0, text: await readText(client.origin, reply) }
}
