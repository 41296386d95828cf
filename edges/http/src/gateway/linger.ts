// Answers a request whose body will not be read, and then closes the connection.
// Closing at once would reset the connection under a sender that still writes, and take the answer with it.
import type { IncomingMessage, ServerResponse } from 'node:http'

const lingerMs = 2000
const lingerBytes = 262_144

/** The head must announce the body's length: the sender then has the whole answer while its own bytes are thrown away. */
export const answerThenClose = (request: IncomingMessage, reply: ServerResponse, body: string): void => {
  let discarded = 0
  const close = (): void => {
    clearTimeout(timer)
    request.off('data', count)
    reply.end()
  }
  const count = (chunk: Buffer): void => {
    discarded += chunk.length
    if (discarded > lingerBytes) close()
  }
  const timer = setTimeout(close, lingerMs)
  request.once('end', close).once('error', close).on('data', count)
  reply.write(body)
  request.resume()
}
