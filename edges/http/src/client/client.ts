// A connection pool towards one server: sends one request, returns status, headers and the body as a stream.
// What is said and what comes back is call's to encode and check.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest, type RequestOptions } from 'node:https'
import type { Secret } from '@muster/kernel'
import { unreachable } from './unreachable.ts'

// Importing it would spell out all its exports, a WebSocket among them, which costs 40 ms and 6 MB that nobody uses.
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http')

export interface ClientSettings {
  /** A path in it stands before every route's own. */
  readonly baseUrl: string
  /** An operator's bearer token. */
  readonly token?: Secret
  /** Authorities that may vouch for the server, PEM; without it those of the system. */
  readonly ca?: string
  /** A device's own certificate and key, PEM. */
  readonly cert?: string
  readonly key?: Secret
  /** Sent with every request; the development mode's shared token travels here. */
  readonly headers?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** How long a new connection may take until it is ready, TLS included; without it, as long as the whole request. */
  readonly connectTimeoutMs?: number
  readonly connections?: number
}

export interface Sending {
  readonly method: string
  /** Path and query, below the base URL. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** Whether it may be sent again when a kept connection turns out to be dead. */
  readonly repeatable?: boolean
  /** The reply may take as long as it likes, as long as it never pauses for longer than the timeout. */
  readonly streams?: boolean
}

export interface Client {
  readonly origin: string
  /** The head of the reply, its body still to be read; throws `Unreachable` when there is none. */
  send(sending: Sending): Promise<IncomingMessage>
  /** Closes kept connections. */
  close(): void
}

const defaultTimeoutMs = 30_000

const targetOf = (base: URL, path: string): string => {
  const start = base.pathname.replace(/\/+$/, '')
  if (base.search === '') return start + path
  return start + path + (path.includes('?') ? `&${base.search.slice(1)}` : base.search)
}

const optionsOf = (base: URL, settings: ClientSettings): RequestOptions => {
  const { ca, cert, key, connections = 16 } = settings
  const pool = { keepAlive: true, maxSockets: connections }
  if (base.protocol === 'http:') return { agent: new HttpAgent(pool) }
  // Sessions are not kept: a resumed one would not present the certificate again.
  const tls = { ...pool, maxCachedSessions: 0, ...(ca && { ca }), ...(cert && key && { cert, key: key.reveal() }) }
  return { agent: new HttpsAgent(tls) }
}

const parseBase = (baseUrl: string): URL => {
  const base = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined
  if (base !== undefined && /^https?:$/.test(base.protocol)) return base
  throw new Error(`${JSON.stringify(baseUrl)} is not a server address; it looks like https://host:port`)
}

/** A host that swallows packets would otherwise use up the whole time of a request. */
const limitConnecting = (request: ClientRequest, ms: number): void => {
  request.once('socket', (socket) => {
    if (!socket.connecting) return
    const timer = setTimeout(() => request.destroy(paused()), ms)
    const ready = 'encrypted' in socket ? 'secureConnect' : 'connect'
    socket.once(ready, () => clearTimeout(timer)).once('close', () => clearTimeout(timer))
  })
}

const paused = (): Error => Object.assign(new Error('the other end paused for too long'), { code: 'ETIMEDOUT' })

/** One request to the head of its reply. Not `async`: the request object tells whether its connection was reused. */
const sendOnce = (request: ClientRequest, body: string | undefined): Promise<IncomingMessage> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.once('response', resolve).once('error', reject).end(body)
  return promise
}

export const createClient = (settings: ClientSettings): Client => {
  const base = parseBase(settings.baseUrl)
  const begin = base.protocol === 'http:' ? httpRequest : httpsRequest
  const options = optionsOf(base, settings)
  const { timeoutMs = defaultTimeoutMs } = settings
  const common = {
    accept: 'application/json',
    ...settings.headers,
    ...(settings.token && { authorization: `Bearer ${settings.token.reveal()}` }),
  }

  const send = async (sending: Sending, repeats: number): Promise<IncomingMessage> => {
    const { method, path, body } = sending
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const request = begin({
      ...options,
      method,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      path: targetOf(base, path),
      headers: { ...common, ...sending.headers, ...length },
      ...(sending.streams !== true && { signal: AbortSignal.timeout(timeoutMs) }),
    })
    if (settings.connectTimeoutMs !== undefined) limitConnecting(request, settings.connectTimeoutMs)
    if (sending.streams === true) request.setTimeout(timeoutMs, () => request.destroy(paused()))
    try {
      return await sendOnce(request, body)
    } catch (cause) {
      // The server may close a kept connection at the very moment it is used again; that says nothing of the server.
      if (request.reusedSocket && sending.repeatable === true && repeats > 0) return send(sending, repeats - 1)
      throw unreachable(base.origin, cause as Error)
    }
  }

  return {
    origin: base.origin,
    send: (sending) => send(sending, 1),
    close: () => (options.agent as HttpsAgent).destroy(),
  }
}
