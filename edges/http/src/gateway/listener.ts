// Opens, guards and closes the socket of the gateway; hands each request on with its connection.
// What a request means is not its business: it knows TLS, timeouts and broken senders.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, Server as TlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Connection } from './connection.ts'
import { type Connections, createConnections } from './connections.ts'
import {
  backlog,
  type GatewayLimits,
  type GatewayTls,
  httpOptions,
  secureContextOptions,
  tlsOptions,
} from './listener-options.ts'

export interface ListenerSettings {
  readonly listen: { readonly host: string; readonly port: number }
  readonly tls: GatewayTls | 'plain'
  readonly limits: GatewayLimits
  readonly onFault: (fault: Error) => void
  readonly onRequest: (connection: Connection, request: IncomingMessage, reply: ServerResponse) => void
}

export interface Listener {
  readonly address: AddressInfo
  readonly connections: Connections
  setTrust(tls: GatewayTls): void
  close(deadlineMs: number): Promise<void>
}

const statusOfBrokenHead: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** A sender that does not speak HTTP gets a status line when it may still read one, and is cut off. */
const turnAway = (connections: Connections, fault: NodeJS.ErrnoException, socket: Socket): void => {
  const code = fault.code ?? ''
  const speaksHttp = code.startsWith('HPE_') || code in statusOfBrokenHead
  if (!speaksHttp || !socket.writable || connections.of(socket).underWay > 0) {
    socket.destroy()
    return
  }
  socket.end(
    `HTTP/1.1 ${statusOfBrokenHead[code] ?? '400 Bad Request'}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  )
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
  server.timeout = limits.stalledMs
  server.maxConnections = limits.connections
  server.on('connection', (socket: Socket) => connections.accept(socket))
  server.on(tls === 'plain' ? 'connection' : 'secureConnection', (socket: Socket) => connections.of(socket))
  server.on('clientError', (fault, socket) => turnAway(connections, fault, socket as Socket))
  server.on('request', (request: IncomingMessage, reply: ServerResponse) =>
    onRequest(connections.of(request.socket), request, reply),
  )
  const address = await listening(server, settings)
  return {
    address,
    connections,
    setTrust: (next) => {
      if (server instanceof TlsServer) server.setSecureContext(secureContextOptions(next))
    },
    close: (deadlineMs) => closing(server, connections, deadlineMs),
  }
}
