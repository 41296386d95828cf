// One question to the fleet API and its answer, typed by the contract; the only place that calls fetch.
// What is asked, and how long an answer stays good, is each page's query.ts.
import type { BodyOf, fleetRoutes, Me, ParamsOf, QueryOf, ReplyOf } from '@muster/contract'
import { type RouteName, routes } from './routes.built.ts'

type RouteOf<Name extends RouteName> = (typeof fleetRoutes)[Name]
export type AnswerTo<Name extends RouteName> = ReplyOf<RouteOf<Name>>
export type QueryTo<Name extends RouteName> = QueryOf<RouteOf<Name>>
export type ItemOf<Name extends RouteName> = AnswerTo<Name> extends { items: readonly (infer Item)[] } ? Item : never

export interface Asked<Name extends RouteName> {
  readonly params?: ParamsOf<RouteOf<Name>>
  readonly query?: QueryTo<Name>
  readonly body?: BodyOf<RouteOf<Name>>
  /** The version that is changed. */
  readonly ifMatch?: number
  readonly signal?: AbortSignal
}

interface Fault {
  readonly path: string
  readonly message: string
}

/** The API said no; its sentence is meant to be read. */
export class Declined extends Error {
  readonly code: string
  readonly status: number
  readonly requestId: string
  readonly fields: readonly Fault[]
  constructor(status: number, said: { code: string; message: string; requestId: string; fields?: readonly Fault[] }) {
    super(said.message)
    this.code = said.code
    this.status = status
    this.requestId = said.requestId
    this.fields = said.fields ?? []
  }
}

let csrfToken: string | null = null

/** Writes go out with the word of this session from now on. */
export const keepSession = (me: Me | null): void => {
  csrfToken = me?.session?.csrfToken ?? null
}

/** The path of a route with its parameters and query filled in; also for links to exports. */
export const addressOf = <Name extends RouteName>(name: Name, { params, query }: Asked<Name> = {}): string => {
  const path = routes[name].path.replaceAll(/\{(\w+)\}/g, (_all, key: string) =>
    encodeURIComponent((params as Readonly<Record<string, string>> | undefined)?.[key] ?? ''),
  )
  const words = Object.entries((query ?? {}) as Readonly<Record<string, string | undefined>>).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  )
  return words.length === 0 ? path : `${path}?${new URLSearchParams(words)}`
}

const unreachable = { code: 'unreachable', message: 'The server cannot be reached. Is it running?', requestId: '' }

const send = async <Name extends RouteName>(name: Name, asked: Asked<Name>): Promise<Response> => {
  const { body, ifMatch, signal } = asked
  try {
    return await fetch(addressOf(name, asked), {
      method: routes[name].method,
      credentials: 'same-origin',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(csrfToken !== null && routes[name].method !== 'GET' && { 'x-muster-csrf': csrfToken }),
        ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
  } catch (fault) {
    if (signal?.aborted === true) throw fault
    throw new Declined(0, unreachable)
  }
}

/** The reply as it came; throws `Declined` for a refusal. */
export const askRaw = async <Name extends RouteName>(name: Name, asked: Asked<Name> = {}): Promise<Response> => {
  const reply = await send(name, asked)
  if (reply.ok) return reply
  const said = (await reply.json().catch(() => null)) as { error?: ConstructorParameters<typeof Declined>[1] } | null
  const fallback = { code: 'internal_error', message: `The server answered ${reply.status}.`, requestId: '' }
  throw new Declined(reply.status, said?.error ?? fallback)
}

export const ask = async <Name extends RouteName>(name: Name, asked: Asked<Name> = {}): Promise<AnswerTo<Name>> =>
  (await askRaw(name, asked)).json() as Promise<AnswerTo<Name>>

/** Whether nobody is signed in, or not any more. */
export const isSignedOut = (fault: unknown): boolean => fault instanceof Declined && fault.status === 401
