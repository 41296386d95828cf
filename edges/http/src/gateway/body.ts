// Reading what a request head says of its body, and putting the pieces of a body together.
// Limits are applied by the exchange; decoding is admit's.
import type { IncomingMessage } from 'node:http'

export const bytesAnnounced = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

/** A compressed body could grow without bounds when opened, and no sensor sends one (sensor-protocol 1). */
export const isEncoded = (request: IncomingMessage): boolean => {
  const encoding = request.headers['content-encoding']
  return encoding !== undefined && encoding !== '' && encoding.toLowerCase() !== 'identity'
}

const longBytes = 65_536

/** Whether so much of the body is still to come that closing is cheaper than reading it away. */
export const isLongUnread = (request: IncomingMessage): boolean =>
  !request.complete && (request.headers['transfer-encoding'] !== undefined || bytesAnnounced(request) > longBytes)

export const queryOf = (request: IncomingMessage): Record<string, string> => {
  const url = request.url ?? ''
  const at = url.indexOf('?')
  return at === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(at + 1)))
}

/** For decoding in place: a body that came in one piece, as small ones do, is not copied. */
export const oneBuffer = (pieces: readonly Buffer[]): Buffer => {
  const only = pieces[0]
  return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces)
}

/** A copy with a buffer of its own: pieces are views on read buffers that other requests may share. */
export const ownedBytes = (pieces: readonly Buffer[], byteCount: number): Uint8Array<ArrayBuffer> => {
  const whole = new Uint8Array(byteCount)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
