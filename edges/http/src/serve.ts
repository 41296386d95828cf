// What a room hands to a listener: a route of the contract and the function that answers it.
// Sockets, statuses and encodings are the listeners'; a handler sees checked values and returns a Result.
import type { BodyOf, ParamsOf, QueryOf, RefusalCode, RefusalOf, ReplyOf, Route } from '@muster/contract'
import type { Result, Secret } from '@muster/kernel'

/** One request as a handler hears it: everything was checked against the route, and the speaker is known. */
export interface Said<R extends Route = Route, S = unknown, Body = BodyOf<R>> {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: Body
  /** Who said it; `undefined` on routes for anyone and for enrollees. */
  readonly speaker: S
  readonly requestId: string
  readonly ip: string
  /** The version named by `If-Match`, without quotes; always there on routes with that precondition. */
  readonly ifMatch?: string
  readonly idempotencyKey?: string
  readonly receivedMs: number
}

/** A JSON reply that its handler encoded itself, because it knows the shape or reuses the text. */
export class EncodedJson {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

/** A JSON reply that also gives the browser a session to keep, or takes it back with null. */
export class SessionReply<T = unknown> {
  readonly value: T
  readonly session: Secret | null
  constructor(value: T, session: Secret | null) {
    this.value = value
    this.session = session
  }
}

export const encodedJson = (text: string): EncodedJson => new EncodedJson(text)

/** A reply under another status than the route's usual one; its route lists it in `otherStatuses`. */
export class RepliedAs {
  readonly status: number
  readonly reply: unknown

  constructor(status: number, reply: unknown) {
    this.status = status
    this.reply = reply
  }
}

export const repliedAs = (status: number, reply: unknown): RepliedAs => new RepliedAs(status, reply)

/** Codes that a handler may return although its route does not list them: those of its speaker and of every route. */
type SharedCode =
  | 'request_malformed'
  | 'credential_invalid'
  | 'role_insufficient'
  | 'identity_mismatch'
  | 'device_not_active'
  | 'rate_limited'
  | 'store_busy'
  | 'shutting_down'

/** A value of the reply's schema; for `ndjson` routes an async iterable of such values. */
export type Replied<R extends Route> =
  | ReplyOf<R>
  | SessionReply<ReplyOf<R>>
  | EncodedJson
  | RepliedAs
  | AsyncIterable<ReplyOf<R> | EncodedJson>

export type Answer<R extends Route> = Result<Replied<R>, RefusalOf<R> | SharedCode>

export type AnyAnswer = Result<unknown, RefusalCode>

/** A route with its handler, as both listeners take it. */
export interface Served<S = unknown> {
  readonly route: Route
  handle(said: Said<Route, S, unknown>): AnyAnswer | Promise<AnyAnswer>
}

/** Pairs a route with the function that answers it; a handler that needs no `await` may answer without a promise. */
export const serve = <R extends Route, S>(
  route: R,
  handle: (said: Said<R, S>) => Answer<R> | Promise<Answer<R>>,
): Served<S> => ({ route, handle: handle as Served<S>['handle'] })

/**
 * As `serve`, for routes whose `bodyForm` is `bytes`. The array owns its whole buffer, so it can be transferred to
 * another thread.
 */
export const serveBytes = <R extends Route, S>(
  route: R,
  handle: (said: Said<R, S, Uint8Array<ArrayBuffer>>) => Answer<R> | Promise<Answer<R>>,
): Served<S> => ({ route, handle: handle as Served<S>['handle'] })

/** As `serveBytes`, for routes whose `bodyForm` is `view`: whoever wants to keep the bytes, or to send them on, copies them. */
export const serveView = <R extends Route, S>(
  route: R,
  handle: (said: Said<R, S, Uint8Array>) => Answer<R> | Promise<Answer<R>>,
): Served<S> => ({ route, handle: handle as Served<S>['handle'] })
