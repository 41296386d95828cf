// What Apple's URLSession does that a server can notice: connections kept and reused, a certificate shown only in a
// handshake, sessions offered for resumption, redirects followed, cookies kept. What is said over it is sensor-client.ts.
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'

export interface Credential {
  /** One certificate and nothing above it: the platform presents only the leaf. */
  readonly certPem: string
  readonly keyPem: string
}

export interface SessionReply {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Which connection carried it: 1 for the first this session opened. */
  readonly connection: number
  readonly certificateShown: boolean
  readonly tlsSessionReused: boolean
}

export interface UrlSession {
  post(url: URL, headers: Readonly<Record<string, string>>, body: string | Uint8Array): Promise<SessionReply>
  /** What a server must never cause on sensor routes. */
  readonly seen: { redirects: number; cookies: number }
  close(): void
}

export interface UrlSessionSettings {
  /** The authority of the server, as the system's trust store would hold it. */
  readonly ca: string
  /** Asked at every handshake, and only then. */
  readonly credential: () => Credential | null
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3'
}

/** The platform's defaults: 60 s without data, and the headers CFNetwork adds. */
const timeoutMs = 60_000
const platformHeaders = {
  accept: '*/*',
  'accept-language': 'en-GB,en;q=0.9',
  'accept-encoding': 'gzip, deflate, br',
  'user-agent': 'Koban/5 CFNetwork/3826.500.131 Darwin/24.5.0',
}

/** Node's pool, but with the certificate chosen when a connection is opened and not when a request is made. */
class Connections extends Agent {
  readonly #credential: () => Credential | null
  readonly #opened = new WeakMap<object, { readonly ordinal: number; readonly certificateShown: boolean }>()
  #count = 0

  constructor({ ca, credential, maxVersion = 'TLSv1.3' }: UrlSessionSettings) {
    super({ keepAlive: true, maxSockets: 1, ca, minVersion: 'TLSv1.2', maxVersion, ALPNProtocols: ['h2', 'http/1.1'] })
    this.#credential = credential
  }

  override createConnection(...[options, done]: Parameters<Agent['createConnection']>) {
    const credential = this.#credential()
    const shown: RequestOptions = credential === null ? {} : { cert: credential.certPem, key: credential.keyPem }
    const socket = super.createConnection({ ...options, ...shown }, done)
    this.#count += 1
    if (socket) this.#opened.set(socket, { ordinal: this.#count, certificateShown: credential !== null })
    return socket
  }

  facts(socket: Socket): Pick<SessionReply, 'connection' | 'certificateShown' | 'tlsSessionReused'> {
    const { ordinal = 0, certificateShown = false } = this.#opened.get(socket) ?? {}
    return {
      connection: ordinal,
      certificateShown,
      tlsSessionReused: (socket as TLSSocket).isSessionReused(),
    }
  }
}

const textOf = async (reply: IncomingMessage): Promise<string> => {
  const pieces: Buffer[] = []
  for await (const piece of reply as AsyncIterable<Buffer>) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8')
}

export const createUrlSession = (settings: UrlSessionSettings): UrlSession => {
  const connections = new Connections(settings)
  const seen = { redirects: 0, cookies: 0 }
  let cookies: readonly string[] = []

  const send = async (
    method: string,
    url: URL,
    headers: Readonly<Record<string, string>>,
    body: string | Uint8Array,
  ): Promise<SessionReply> => {
    const jar = cookies.length === 0 ? {} : { cookie: cookies.join('; ') }
    const sent = request(url, {
      agent: connections,
      method,
      headers: { ...platformHeaders, ...headers, ...jar, 'content-length': String(Buffer.byteLength(body)) },
    })
    sent.setTimeout(timeoutMs, () => sent.destroy(new Error('60 s without data')))
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    let socket: Socket | undefined
    sent.once('socket', (given) => {
      socket = given
    })
    sent.once('response', resolve).once('error', reject).end(body)
    const reply = await promise
    // Asked now: after the body the connection may be gone.
    const facts = connections.facts(socket as Socket)
    const text = await textOf(reply)
    const { statusCode: status = 0, headers: replied } = reply
    if (replied['set-cookie'] !== undefined) {
      seen.cookies += 1
      cookies = replied['set-cookie'].map((cookie) => cookie.split(';')[0] ?? '')
    }
    if (status < 300 || status > 399 || replied.location === undefined) {
      return { status, headers: replied, text, ...facts }
    }
    seen.redirects += 1
    const next = new URL(replied.location, url)
    return status === 307 || status === 308 ? send(method, next, headers, body) : send('GET', next, {}, '')
  }

  return { post: (url, headers, body) => send('POST', url, headers, body), seen, close: () => connections.destroy() }
}
