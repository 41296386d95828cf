// The ceiling of request handling: node:https with client certificates and a handler that only answers.
// It is a program of its own; bare.ts starts it and says what to answer.
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { backlog, type Credentials, httpOptions, tlsOptions } from './listener-options.ts'

export interface HandlerOrder {
  readonly credentials: Credentials
  readonly replyText: string
}

// Whoever started this keeps it waiting for its order.
process.channel?.ref()
process.once('message', ({ credentials, replyText }: HandlerOrder) => {
  const head = ['content-type', 'application/json', 'content-length', String(Buffer.byteLength(replyText))]
  const server = createServer({ ...tlsOptions(credentials), ...httpOptions }, (request, reply) => {
    request.resume()
    reply.writeHead(200, head).end(replyText)
  })
  server.listen({ host: '127.0.0.1', port: 0, backlog }, () => {
    process.send?.({ port: (server.address() as AddressInfo).port })
  })
})
process.once('SIGTERM', () => process.exit(0))
