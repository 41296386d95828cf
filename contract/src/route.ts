// What a route is: data that the listener serves, the caller calls, and the documentation is made from.
// Handlers, sockets and status lines belong to the http edge; this file only says what can be said.
import type { z } from 'zod'
import type { CsvTable } from './csv.ts'
import { REFUSALS, type RefusalCode } from './refusals.ts'
import type { Capability } from './roles.ts'

/** Who may say this sentence: anybody, a device not yet known, a known device, a known agent, or an operator. */
export type Speaker = 'anyone' | 'enrollee' | 'device' | 'agent' | 'operator'

/** How a wire spells refusals and what else it asks of a listener; the house's own unless said otherwise. */
export type Dialect = 'house' | 'telemetry'

export interface RouteLimits {
  /** Bodies above this are refused with 413 before they are read to the end. */
  readonly bodyBytes: number
}

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
  Code extends RefusalCode = RefusalCode,
> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `{name}` for parameters; custom verbs follow a colon: `/devices/{id}:revoke`. */
  readonly path: string
  readonly summary: string
  readonly speaker: Speaker
  readonly dialect: Dialect
  /** The capability an operator's role must have; every operator route has one. */
  readonly may?: Capability
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  /**
   * `bytes`: the handler gets the body undecoded and decodes it off the event loop, by the same schema. `view`: the same
   * where it lies, in memory of the listener's that it must not give away; for small bodies, which are copied together.
   */
  readonly bodyForm: 'json' | 'bytes' | 'view'
  /** A question that does not fit into a query: it is sent as a write is, and changes nothing. */
  readonly reads?: true
  readonly reply: Reply
  /** `ndjson` replies are async iterables of values, one a line. */
  readonly replyForm: 'json' | 'ndjson'
  /** How an `ndjson` reply is also said as a table, to who asks with `format=csv` in the query. */
  readonly csv?: CsvTable<z.infer<Reply>>
  readonly status: number
  /** Good statuses that a handler may choose besides `status`. */
  readonly otherStatuses?: readonly number[]
  /** `if-match`: the write names the version it changes. */
  readonly precondition?: 'if-match'
  readonly refusals: readonly Code[]
  readonly limits: RouteLimits
}

interface Declaration<
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
  Code extends RefusalCode,
> {
  readonly method: Route['method']
  readonly path: string
  readonly summary: string
  readonly speaker: Speaker
  readonly dialect?: Dialect
  readonly may?: Capability
  readonly params?: Params
  readonly query?: Query
  readonly body?: Body
  readonly bodyForm?: Route['bodyForm']
  readonly reads?: true
  readonly reply: Reply
  readonly replyForm?: Route['replyForm']
  readonly csv?: CsvTable<z.infer<Reply>>
  readonly status?: number
  readonly otherStatuses?: readonly number[]
  readonly precondition?: 'if-match'
  readonly refusals: readonly Code[]
  readonly limits?: Partial<RouteLimits>
}

const refusalsBySpeaker: Record<Speaker, readonly RefusalCode[]> = {
  anyone: [],
  enrollee: [],
  device: [
    'certificate_missing',
    'certificate_untrusted',
    'certificate_expired',
    'device_not_active',
    'identity_mismatch',
    'credential_missing',
    'credential_invalid',
  ],
  agent: [
    'credential_missing',
    'credential_invalid',
    'expired_credential',
    'not_service_account',
    'scope_missing',
    'unknown_agent',
    'actor_mismatch',
    'collector_mismatch',
    'asset_mismatch',
    'identity_pending',
    'identity_stale',
    'identity_revoked',
    'certificate_required',
    'certificate_mismatch',
    'rate_limited',
  ],
  operator: [
    'credential_missing',
    'credential_invalid',
    'role_insufficient',
    'address_not_allowed',
    'request_forged',
    'device_credential_refused',
    'rate_limited',
  ],
}

const refusalsOfEveryRoute = [
  'request_malformed',
  'body_too_large',
  'encoding_unsupported',
  'internal_error',
  'store_busy',
  'shutting_down',
] as const satisfies readonly RefusalCode[]

const refusalsByDialect: Record<Dialect, readonly RefusalCode[]> = {
  house: [],
  telemetry: ['media_type_unsupported', 'request_invalid'],
}

/** One value that both halves of the wire share; `refusals` names what this route adds to those of its speaker. */
export const declare = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Reply extends z.ZodType,
  Code extends RefusalCode,
>(
  said: Declaration<Params, Query, Body, Reply, Code>,
): Route<Params, Query, Body, Reply, Code> => ({
  bodyForm: 'json',
  replyForm: 'json',
  status: 200,
  dialect: 'house',
  ...said,
  limits: { bodyBytes: 65_536, ...said.limits },
})

/** Whether saying it once or twice makes no difference, because nothing changes. */
export const isRead = ({ method, reads }: Route): boolean => method === 'GET' || reads === true

/** Whether an operator may name this request with an Idempotency-Key (fleet-product 12). */
export const takesIdempotencyKey = (route: Route): boolean => route.speaker === 'operator' && !isRead(route)

/** Every code a caller of this route can meet, its own and those of its speaker. */
export const refusalsOf = (route: Route): readonly RefusalCode[] => {
  const ofKey = takesIdempotencyKey(route) ? (['idempotency_conflict', 'reply_lost'] as const) : []
  const codes = new Set([
    ...route.refusals,
    ...refusalsBySpeaker[route.speaker],
    ...refusalsByDialect[route.dialect],
    ...ofKey,
    ...refusalsOfEveryRoute,
  ])
  return [...codes].toSorted(
    (left, right) => REFUSALS[left].status - REFUSALS[right].status || left.localeCompare(right),
  )
}

type Shape<Schema> = Schema extends z.ZodType ? z.infer<Schema> : undefined

export type ParamsOf<R extends Route> = R extends Route<infer P, z.ZodType, z.ZodType, z.ZodType> ? Shape<P> : never
export type QueryOf<R extends Route> = R extends Route<z.ZodType, infer Q, z.ZodType, z.ZodType> ? Shape<Q> : never
export type BodyOf<R extends Route> = R extends Route<z.ZodType, z.ZodType, infer B, z.ZodType> ? Shape<B> : never
export type ReplyOf<R extends Route> = R extends Route<z.ZodType, z.ZodType, z.ZodType, infer A> ? Shape<A> : never
export type RefusalOf<R extends Route> =
  R extends Route<z.ZodType, z.ZodType, z.ZodType, z.ZodType, infer C> ? C : never
