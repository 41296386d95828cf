// Writes a request's body onto the wire.
// What it says is call's to encode; the reply is read in reply-body.ts.
import type { ClientRequest } from 'node:http'

/** TLS keeps room for as much as it was ever given at once, for as long as the connection lives. */
const pieceBytes = 16 * 1024

/** A large body goes piece by piece, each when the one before has gone; of a fault the request itself tells. */
export const writeBody = (request: ClientRequest, body: string | undefined): void => {
  if (body === undefined || body.length <= pieceBytes) {
    request.end(body)
    return
  }
  const bytes = Buffer.from(body)
  let written = 0
  const writeMore = (fault?: Error | null): void => {
    if (fault) return
    const piece = bytes.subarray(written, written + pieceBytes)
    written += piece.length
    if (written < bytes.length) request.write(piece, writeMore)
    else request.end(piece)
  }
  writeMore()
}
