// A proxy as companies run them: it opens ways to servers by CONNECT and carries bytes, without looking into them.
// Only tests use it.
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'

export const startProxy = async () => {
  /** Each way that was asked for: to where, and with which proxy password. */
  const asked: { readonly to: string | undefined; readonly authorization: string | undefined }[] = []
  const levers = { refuses: false }
  const sockets = new Set<Socket>()
  const server = createServer((_request, reply) => void reply.writeHead(501).end())
  server.on('connect', (request, socket: Socket) => {
    asked.push({ to: request.url, authorization: request.headers['proxy-authorization'] })
    sockets.add(socket.on('error', () => {}))
    if (levers.refuses) {
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      return
    }
    const { hostname, port } = new URL(`http://${request.url}`)
    const beyond = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      beyond.pipe(socket)
      socket.pipe(beyond)
    })
    sockets.add(beyond)
    beyond.on('error', () => socket.destroy())
    socket.on('close', () => beyond.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    levers,
    close: (): void => {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}
