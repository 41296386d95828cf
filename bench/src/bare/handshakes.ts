// The ceiling of connecting: a TLS server with client certificates that says one byte after each handshake.
// It is a program of its own; bare.ts starts it. The byte tells the client that its certificate was looked at.
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:tls'
import { backlog, type Credentials, tlsOptions } from './listener-options.ts'

export interface HandshakesOrder {
  readonly credentials: Credentials
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', ({ credentials }: HandshakesOrder) => {
  const server = createServer(tlsOptions(credentials), (socket) => {
    socket.on('error', () => socket.destroy())
    socket.resume()
    socket.write('k')
  })
  server.listen({ host: '127.0.0.1', port: 0, backlog }, () => {
    process.send?.({ port: (server.address() as AddressInfo).port })
  })
})
process.once('SIGTERM', () => process.exit(0))
