// A client without manners: one raw connection that sends any bytes and reads HTTP replies one by one.
// Well-behaved callers use the calling half; this is for tests of what a listener does with everybody else.
import { connect as connectPlain, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'

export interface WireReply {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Wire {
  readonly socket: Socket
  write(bytes: string | Uint8Array): void
  /** The next reply; rejects when the connection ends before one is complete. */
  reply(): Promise<WireReply>
  /** Settles when the connection is closed, whoever closed it. */
  readonly closed: Promise<void>
}

/** `bytes` as long as a head and its announced body, split off from what follows. */
const splitReply = (bytes: Buffer): { reply: WireReply; rest: Buffer } | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return undefined
  const [line = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const headers = Object.fromEntries(
    lines.map((text) => [text.slice(0, text.indexOf(':')).toLowerCase(), text.slice(text.indexOf(':') + 1).trim()]),
  )
  const end = headEnd + 4 + Number(headers['content-length'] ?? 0)
  if (bytes.length < end) return undefined
  const reply = { status: Number(line.split(' ')[1]), headers, body: bytes.toString('utf8', headEnd + 4, end) }
  return { reply, rest: bytes.subarray(end) }
}

const wireOver = (socket: Socket): Wire => {
  let unread: Buffer = Buffer.alloc(0)
  let ended = false
  const waiting: (() => void)[] = []
  const wake = (): void => {
    for (const resume of waiting.splice(0)) resume()
  }
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  socket.on('data', (bytes: Buffer) => {
    unread = Buffer.concat([unread, bytes])
    wake()
  })
  socket.on('close', () => {
    ended = true
    wake()
  })
  socket.on('error', () => undefined) // a reset shows as a close
  return {
    socket,
    closed,
    write: (bytes) => void socket.write(bytes),
    async reply() {
      for (;;) {
        const split = splitReply(unread)
        if (split !== undefined) {
          unread = split.rest
          return split.reply
        }
        if (ended) throw new Error(`connection closed, unread: ${JSON.stringify(unread.toString('latin1'))}`)
        await new Promise<void>((resume) => waiting.push(resume))
      }
    },
  }
}

/** Opens a connection to loopback, from an address of this machine if one is said, and waits until it may be written to. */
export const openWire = async (port: number, tls?: ConnectionOptions, localAddress?: string): Promise<Wire> => {
  const place = { port, host: '127.0.0.1', ...(localAddress !== undefined && { localAddress }) }
  const socket = tls === undefined ? connectPlain(place) : connectTls({ servername: 'localhost', ...tls, ...place })
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  socket.once(tls === undefined ? 'connect' : 'secureConnect', resolve).once('error', reject)
  await promise
  socket.off('error', reject)
  return wireOver(socket)
}

/** The bytes of one request with an announced length. */
export const requestBytes = (
  method: string,
  path: string,
  body: string | Uint8Array = '',
  headers: Readonly<Record<string, string>> = {},
): Buffer => {
  const all = { host: 'localhost', 'content-type': 'application/json', ...headers }
  const named = Object.keys(all).some((name) => /^(?:content-length|transfer-encoding)$/i.test(name))
  const length = named ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  const lines = Object.entries({ ...all, ...length }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)])
}
