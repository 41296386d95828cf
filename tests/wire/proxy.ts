// A proxy that ends TLS, as operators have them: it asks devices for a certificate, and tells the server behind it which one
// came. It judges nothing: a proxy that is set up badly must not open the server.
import { once } from 'node:events'
import { type IncomingMessage, request as requestPlain, type ServerResponse } from 'node:http'
import { createServer, request as requestTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { makeAuthority, makeServerLeaf } from '@muster/http/testing'

export interface ProxySettings {
  /** Where the server behind it listens. */
  readonly to: { readonly port: number; readonly ca?: string }
  /** The address of this machine from which it calls. */
  readonly from: string
  /** Asked for at the door; what does not fit is let in all the same, and told. */
  readonly deviceCa: string
  readonly header?: string
}

export interface TestProxy {
  readonly endpoint: string
  /** Who vouches for the proxy's own certificate, PEM. */
  readonly ca: string
  close(): void
}

const handedOver = (socket: IncomingMessage['socket']): string => {
  const certificate = socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined
  return certificate === undefined ? '' : `:${certificate.raw.toString('base64')}:`
}

const pass =
  ({ to, from, header = 'client-cert' }: ProxySettings) =>
  (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    // Whatever the device wrote there, the proxy writes its own.
    const headers = { ...incoming.headers, [header]: handedOver(incoming.socket) }
    const options = { host: '127.0.0.1', port: to.port, localAddress: from, agent: false, headers } as const
    const { method, url } = incoming
    const request =
      to.ca === undefined
        ? requestPlain({ ...options, method, path: url })
        : requestTls({ ...options, method, path: url, ca: to.ca, servername: 'localhost' })
    request.on('response', (reply) => {
      outgoing.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(outgoing)
    })
    request.on('error', () => outgoing.destroy())
    incoming.pipe(request)
  }

export const startProxy = async (settings: ProxySettings): Promise<TestProxy> => {
  const authority = await makeAuthority('the proxy')
  const leaf = await makeServerLeaf(authority)
  const tls = { cert: leaf.certPem, key: leaf.keyPem, ca: settings.deviceCa }
  const server = createServer({ ...tls, requestCert: true, rejectUnauthorized: false }, pass(settings))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `https://localhost:${(server.address() as AddressInfo).port}`,
    ca: authority.certPem,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}
