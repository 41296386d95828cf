// A connection pool towards one server: sends one request, returns status, headers and the body as a stream.
// What is said and what comes back is call's to encode and check.
import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { createSecureContext } from 'node:tls'
import type { Secret } from '@muster/kernel'
import { writeBody } from './request-body.ts'
import { isUntrusted, unreachable } from './unreachable.ts'

// Importing it would spell out all its exports, a WebSocket among them, which costs 40 ms and 6 MB that nobody uses.
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule('node:http')

export interface ClientSettings {
  /** A path in it stands before every route's own. */
  readonly baseUrl: string
  /** An operator's bearer token. */
  readonly token?: Secret
  /** Authorities that may vouch for the server, PEM; without it those that Node brings along. */
  readonly ca?: string
  /** More authorities, asked for only when the first do not vouch for the server: a system's store takes megabytes. */
  readonly otherAuthorities?: () => readonly string[]
  /** Asked to open a way to the server, unless the exceptions name its host as `NO_PROXY` does. */
  readonly proxy?: { readonly url: Secret; readonly noProxy: string }
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

/** For both kinds of agent; what is not said is not looked up in the environment either. */
const proxyEnvOf = ({ proxy }: ClientSettings) =>
  proxy && { proxyEnv: { HTTP_PROXY: proxy.url.reveal(), HTTPS_PROXY: proxy.url.reveal(), NO_PROXY: proxy.noProxy } }

const agentOf = (base: URL, settings: ClientSettings, ca: ClientSettings['ca'] | readonly string[]): HttpAgentOf => {
  const { cert, key, connections = 16 } = settings
  const pool = { keepAlive: true, maxSockets: connections, ...proxyEnvOf(settings) }
  if (base.protocol === 'http:') return new HttpAgent(pool)
  const said = { ...(ca && { ca: [ca].flat() }), ...(cert && key && { cert, key: key.reveal() }) }
  // Sessions are not kept: a resumed one would not present the certificate again. A store of authorities is read once.
  const tls = Array.isArray(ca) ? { secureContext: createSecureContext(said) } : said
  // Said outright: a variable of the environment would otherwise have anybody taken for the server.
  return new HttpsAgent({ ...pool, ...tls, rejectUnauthorized: true, maxCachedSessions: 0 })
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
const sendOnce = (
  request: ClientRequest,
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> => {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  // A request that still waits for a proxy to open the way does not hear of its own end.
  signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  request.once('response', resolve).on('error', reject)
  writeBody(request, body)
  return promise
}

type HttpAgentOf = InstanceType<typeof HttpAgent> | HttpsAgent

export const createClient = (settings: ClientSettings): Client => {
  const base = parseBase(settings.baseUrl)
  const begin = base.protocol === 'http:' ? httpRequest : httpsRequest
  const agents = [agentOf(base, settings, settings.ca)]
  let others = settings.otherAuthorities
  const { timeoutMs = defaultTimeoutMs } = settings
  const common = {
    accept: 'application/json',
    ...settings.headers,
    ...(settings.token && { authorization: `Bearer ${settings.token.reveal()}` }),
  }

  /** A handshake that failed has told the server nothing, so whatever was to be said can be said again. */
  const askOthers = (): void => {
    const more = others?.() ?? []
    others = undefined
    agents.unshift(agentOf(base, settings, [...[settings.ca ?? []].flat(), ...more]))
  }

  const send = async (sending: Sending, repeats: number): Promise<IncomingMessage> => {
    const { method, path, body } = sending
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
    const [agent] = agents
    const signal = sending.streams === true ? undefined : AbortSignal.timeout(timeoutMs)
    const request = begin({
      agent,
      method,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port,
      path: targetOf(base, path),
      headers: { ...common, ...sending.headers, ...length },
      ...(signal && { signal }),
      // How long a proxy may take to open the way.
      ...(settings.proxy && { timeout: settings.connectTimeoutMs ?? timeoutMs }),
    })
    if (settings.connectTimeoutMs !== undefined) limitConnecting(request, settings.connectTimeoutMs)
    if (sending.streams === true) request.setTimeout(timeoutMs, () => request.destroy(paused()))
    try {
      return await sendOnce(request, body, signal)
    } catch (cause) {
      // The server may close a kept connection at the very moment it is used again; that says nothing of the server.
      if (request.reusedSocket && sending.repeatable === true && repeats > 0) return send(sending, repeats - 1)
      if (isUntrusted(cause as Error) && (agent !== agents[0] || others !== undefined)) {
        if (agent === agents[0]) askOthers()
        return send(sending, repeats)
      }
      throw unreachable(base.origin, cause as Error, settings.proxy && new URL(settings.proxy.url.reveal()).host)
    }
  }

  return {
    origin: base.origin,
    send: (sending) => send(sending, 1),
    close: () => agents.forEach((each) => each.destroy()),
  }
}
