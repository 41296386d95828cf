// Fastify, and the only file that knows it: sockets, routing, reading bodies, sending replies.
// What a request means is hearing's, who may ask is admission's; this carries words between them and the wire.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { ServerOptions } from 'node:https'
import type { Socket } from 'node:net'
import { type Dialect, REFUSALS, type RefusalCode, type Route, telemetryPrefix } from '@muster/contract'
import type { Log, Refusal } from '@muster/kernel'
import { type FastifyBaseLogger, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { brokenHeadReply } from '../broken-head.ts'
import { requestIdOf } from '../dialect.ts'
import { type Measure, unmatched } from '../measure.ts'
import { readPeer } from '../peer.ts'
import { type ExcuseOf, faultRefusal, jsonType, problemOf } from '../problem.ts'
import { createRouteTable, type RouteTable } from '../route-table.ts'
import type { Served } from '../serve.ts'
import { type AdmissionNeeds, admitHead, type Head } from './admission.ts'
import { type HearingNeeds, hear } from './hearing.ts'
import { linesOf, type Stream, typeOf } from './lines.ts'
import { isLoopback, type Page, type PageReply, type Site } from './page.ts'
import { isSecure, sessionCookie } from './session-cookie.ts'
import type { Turns } from './turns.ts'

export interface Carried {
  readonly served: readonly Served[]
  readonly pages: readonly Page[]
  readonly site: Site
  readonly admission: AdmissionNeeds<unknown>
  readonly hearing: HearingNeeds
  /** Streamed replies under way for each operator. */
  readonly exports: Turns
  readonly nextRequestId: () => string
  readonly excuseOf: ExcuseOf
  readonly onMeasure: Measure
  readonly log: Log
  readonly https: ServerOptions | undefined
  isDraining(): boolean
}

export type Carrier = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger>

/** What travels with a request between hooks; not a decorator, because requests with a broken path have none. */
const admissions = new WeakMap<FastifyRequest, { readonly head: Head; readonly speaker: unknown }>()
const codes = new WeakMap<FastifyRequest, RefusalCode>()
/** How the route that a request found spells its refusals. */
const dialects = new WeakMap<FastifyRequest, Dialect>()

/** Nothing this listener answers may be framed, sniffed, cached by others or run as a page. */
const safeHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

const decline = (
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: Refusal<RefusalCode>,
  headers: Readonly<Record<string, string>> = {},
): FastifyReply => {
  const { status, body, retryAfterSeconds } = problemOf(refusal, request.id, dialects.get(request))
  codes.set(request, refusal.code)
  if (retryAfterSeconds !== undefined) reply.header('retry-after', retryAfterSeconds)
  if (status === 401) reply.header('www-authenticate', 'Bearer')
  return reply.code(status).headers(headers).type(jsonType).send(body)
}

const headOf = (request: FastifyRequest): Head => ({
  headers: request.headers,
  ip: request.ip,
  requestId: request.id,
  deviceFingerprint: readPeer(request.raw.socket)?.fingerprint256Hex,
})

/** `{id}` in Fastify's spelling; a colon never belongs to a parameter, because custom verbs follow one. */
const fastifyPath = (path: string): string => path.replaceAll(':', '::').replaceAll(/\{(\w+)\}/g, ':$1(^[^:/]+)')

const carryRoute = (app: Carrier, carried: Carried, served: Served): void => {
  const { route } = served
  const { admission, hearing, exports, log } = carried

  const stream = (request: FastifyRequest, reply: FastifyReply, said: Stream, owner: string): FastifyReply => {
    if (!exports.enter(owner)) return decline(request, reply, { code: 'rate_limited' })
    const lines = linesOf(route, said, hearing.checkReplies)
    lines.once('close', () => exports.leave(owner))
    lines.on('error', (err) => log.error('stream broke', { 'request.id': request.id, 'http.route': route.path, err }))
    return reply.code(route.status).type(typeOf(said)).send(lines)
  }

  app.route({
    method: route.method,
    url: fastifyPath(route.path),
    bodyLimit: route.limits.bodyBytes,
    onRequest: async (request, reply) => {
      dialects.set(request, route.dialect)
      if (carried.isDraining()) return decline(request, reply, { code: 'shutting_down' })
      const head = headOf(request)
      const admitted = await admitHead(admission, route, head)
      if (!admitted.ok) return decline(request, reply, admitted.refusal)
      admissions.set(request, { head, speaker: admitted.value })
      return undefined // anything else would be a reply
    },
    handler: async (request, reply) => {
      const admitted = admissions.get(request)
      if (admitted === undefined) throw new Error('a handler was reached without an admission')
      const { head, speaker } = admitted
      const owner = speaker === undefined ? request.ip : admission.doorkeeper.keyOf(speaker)
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
      const { url, params, query } = request
      const letter = { head, url, params, query: query as object, body, speaker, owner }
      const outcome = await hear(hearing, served, letter)
      if (!outcome.ok) return decline(request, reply, outcome.refusal)
      if ('values' in outcome.value) return stream(request, reply, outcome.value, owner)
      const { status, body: text, etag, session } = outcome.value
      if (etag !== undefined) reply.header('etag', etag)
      if (session !== undefined)
        reply.header(
          'set-cookie',
          sessionCookie(session?.reveal() ?? null, isSecure(request.protocol, request.headers)),
        )
      return reply.code(status).type(jsonType).send(text)
    },
  })
}

const sendPage = (reply: FastifyReply, { status, type, body, headers = {} }: PageReply): FastifyReply =>
  reply.code(status).headers(headers).type(type).send(body)

const carryPage = (app: Carrier, page: Page): void => {
  app.get(page.path, async (request, reply) => {
    if (page.loopbackOnly === true && !isLoopback(request.ip)) return decline(request, reply, { code: 'not_found' })
    return sendPage(reply, await page.handle({ headers: request.headers, ip: request.ip }))
  })
}

/** Fastify knows no 405, so the table of all paths is asked when nothing matched. */
const declineUnmatched =
  (table: RouteTable<unknown>, site: Site) =>
  (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const found = table.find(request.url)
    if (found === undefined || request.method in found.entries) {
      const [path = ''] = request.url.split('?', 1)
      // A path of the API that leads nowhere is a mistake of a program, which must not be answered with a page.
      const isPage = /^(?:GET|HEAD)$/.test(request.method) && !/^\/api(?:\/|$)/.test(path)
      const page = isPage ? site({ path, headers: request.headers }) : null
      return page === null ? decline(request, reply, { code: 'not_found' }) : sendPage(reply, page)
    }
    return decline(request, reply, { code: 'method_not_allowed' }, { allow: Object.keys(found.entries).join(', ') })
  }

const refusalOfFault = (fault: Error & { statusCode?: number }, excuseOf: ExcuseOf): Refusal<RefusalCode> => {
  const excuse = excuseOf(fault)
  if (excuse !== undefined) return { code: excuse }
  const { statusCode = 500 } = fault
  if (statusCode === REFUSALS.body_too_large.status) return { code: 'body_too_large' }
  return statusCode < 500 ? { code: 'request_malformed' } : faultRefusal
}

const routePathOf = (paths: ReadonlyMap<string | undefined, string>, request: FastifyRequest): string =>
  paths.get(request.routeOptions.url) ?? unmatched

const addHooks = (app: Carrier, carried: Carried): void => {
  const paths = new Map([
    ...carried.served.map(({ route }) => [fastifyPath(route.path), route.path] as const),
    ...carried.pages.map(({ path }) => [path, path] as const),
  ])
  app.addHook('onRequest', async (request, reply) => {
    reply.headers({ ...safeHeaders, 'x-request-id': request.id })
  })
  app.addHook('onResponse', async (request, reply) => {
    carried.onMeasure(routePathOf(paths, request), reply.statusCode, codes.get(request), reply.elapsedTime / 1000)
  })
  app.setErrorHandler((fault: Error & { statusCode?: number }, request, reply) => {
    const refusal = refusalOfFault(fault, carried.excuseOf)
    if (refusal.code === 'internal_error') {
      const route = routePathOf(paths, request)
      carried.log.error('request failed', { 'request.id': request.id, 'http.route': route, err: fault })
    }
    return decline(request, reply, refusal)
  })
}

const turnAway = (fault: Error, socket: Socket): void => {
  const reply = brokenHeadReply(fault)
  if (reply === undefined || !socket.writable) socket.destroy()
  else socket.end(reply)
}

/** Requests are named before their route is found, so whether the caller may name this one is told by its path. */
const createNamer =
  ({ nextRequestId }: Carried) =>
  ({ url = '', headers }: IncomingMessage): string => {
    const dialect = url.startsWith(`${telemetryPrefix}/`) ? 'telemetry' : 'house'
    return requestIdOf({ dialect }, headers) ?? nextRequestId()
  }

/** An app with every route and page, not listening yet. */
export const createCarrier = (carried: Carried): Carrier => {
  const app = fastify({
    logger: false,
    genReqId: createNamer(carried),
    requestIdHeader: false,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    requestTimeout: 120_000,
    keepAliveTimeout: 72_000,
    routerOptions: { maxParamLength: 512, ignoreTrailingSlash: true },
    clientErrorHandler: turnAway,
    frameworkErrors: (_fault, request, reply) => {
      decline(request, reply, { code: 'not_found' }, safeHeaders)
    },
    ...(carried.https !== undefined && { https: carried.https }),
  }) as unknown as Carrier
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  addHooks(app, carried)
  const routes: readonly Route[] = carried.served.map(({ route }) => route)
  app.setNotFoundHandler(
    declineUnmatched(
      createRouteTable(
        routes.map((route) => [route, route]),
        '',
      ),
      carried.site,
    ),
  )
  for (const served of carried.served) carryRoute(app, carried, served)
  for (const page of carried.pages) carryPage(app, page)
  return app
}
