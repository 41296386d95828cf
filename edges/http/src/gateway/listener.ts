// Opens, guards and closes the socket of the gateway; hands each request on with its connection.
// What a request means is not its business: it knows TLS, timeouts and broken senders.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { brokenHeadReply } from '../broken-head.ts'
import type { Connection } from './connection.ts'
import { type Connections, createConnections } from './connections.ts'
import { createHandshakes, type Handshakes } from './handshakes/handshakes.ts'
import {
  backlog,
  type GatewayLimits,
  type GatewayTls,
  httpOptions,
  secureContextOptions,
  tlsOptions,
} from './listener-options.ts'
import type { Message } from './message.ts'
import { NodeMessage } from './node-message.ts'
import { createTalks } from './plain/talk.ts'

export interface ListenerSettings {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls: GatewayTls | 'plain'
  readonly limits: GatewayLimits
  readonly onFault: (fault: Error) => void
  readonly onRequest: (connection: Connection, message: Message) => void
}

export interface Listener {
  readonly address: AddressInfo
  readonly connections: Connections
  /** Connections whose handshake has not begun. */
  waiting(): number
  setTrust(tls: GatewayTls): void
  close(deadlineMs: number): Promise<void>
}

/** A sender that does not speak HTTP gets a status line when it may still read one, and is cut off. */
const turnAway = (connections: Connections, fault: Error, socket: Socket): void => {
  const reply = brokenHeadReply(fault)
  if (reply === undefined || !socket.writable || connections.of(socket).underWay > 0) {
    socket.destroy()
    return
  }
  socket.write(reply)
  socket.destroySoon()
}

const listening = async (server: Server, settings: ListenerSettings): Promise<AddressInfo> => {
  const { onFault } = settings
  const { host, port } = settings.listen
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject).listen({ host, port, backlog }, resolve)
  try {
    await promise
  } catch (cause) {
    throw new Error(`listen on ${host}:${port}`, { cause })
  }
  server.off('error', reject)
  // Later faults are those of accepting one connection, such as too many open files; the next may fare better.
  server.on('error', onFault)
  return server.address() as AddressInfo
}

/** What Node would do with a socket at once, to be done with it later. */
const takeOver = (server: Server, event: 'connection' | 'secureConnection'): ((socket: Socket) => void) => {
  const begins = server.listeners(event)
  server.removeAllListeners(event)
  return (socket) => {
    for (const begin of begins) begin.call(server, socket)
  }
}

/** Whether a handshake failed because its client closed or reset the connection, and not for what it said. */
const hasLeft = ({ code }: NodeJS.ErrnoException): boolean => code === 'ECONNRESET' || code === 'EPIPE'

/** Puts handshakes in turn: what Node does with a socket it accepted is done when the socket's turn comes. */
const takeTurns = (server: TlsServer, limits: GatewayLimits): Handshakes => {
  const begin = takeOver(server, 'connection')
  const { handshakesAtOnce: atOnce, handshakeStallMs: stallMs, handshakeMs: silentMs } = limits
  const handshakes = createHandshakes({ atOnce, stallMs, silentMs }, begin)
  // Each handshake that Node began ends in one of these two.
  server.on('secureConnection', () => handshakes.ended(false))
  server.on('tlsClientError', (fault: NodeJS.ErrnoException) => handshakes.ended(hasLeft(fault)))
  return handshakes
}

const closing = async (server: Server, connections: Connections, deadlineMs: number): Promise<void> => {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  connections.closeIdle()
  const deadline = setTimeout(() => connections.destroyAll(), deadlineMs)
  await closed
  clearTimeout(deadline)
}

export const openListener = async (settings: ListenerSettings): Promise<Listener> => {
  const { limits, tls, onRequest } = settings
  const connections = createConnections()
  const server: Server | TlsServer =
    tls === 'plain' ? createServer(httpOptions(limits)) : createTlsServer(tlsOptions(tls, limits))
  server.timeout = limits.idleMs
  server.maxConnections = limits.connections
  const ready = tls === 'plain' ? 'connection' : 'secureConnection'
  const beginNode = takeOver(server, ready)
  const leaveToNode = (socket: Socket): void => {
    beginNode(socket)
    socket.resume()
  }
  const handshakes = server instanceof TlsServer ? takeTurns(server, limits) : undefined
  server.on('connection', (socket: Socket) => {
    connections.accept(socket)
    handshakes?.take(socket)
  })
  const talks = createTalks({ limits, onRequest, leaveToNode })
  server.on(ready, (socket: Socket) => talks.begin(socket, connections.of(socket)))
  server.on('clientError', (fault, socket) => turnAway(connections, fault, socket as Socket))
  const handOn = (request: IncomingMessage, reply: ServerResponse): void =>
    onRequest(connections.of(request.socket), new NodeMessage(request, reply))
  // A sender that waits for permission to send its body gets it once somebody wants it.
  server.on('request', handOn).on('checkContinue', handOn)
  const address = await listening(server, settings)
  return {
    address,
    connections,
    waiting: () => handshakes?.waiting() ?? 0,
    setTrust: (next) => {
      if (server instanceof TlsServer) server.setSecureContext(secureContextOptions(next))
    },
    close: async (deadlineMs) => {
      handshakes?.close()
      await closing(server, connections, deadlineMs)
      talks.close()
    },
  }
}
