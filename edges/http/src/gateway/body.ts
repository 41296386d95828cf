// What a request head says of its body and its query.
// Limits are applied by the exchange; decoding is admit's.
import type { IncomingMessage } from 'node:http'

export const bytesAnnounced = (request: IncomingMessage): number => Number(request.headers['content-length'] ?? 0)

const longBytes = 65_536

/** Whether so much of the body is still to come that closing is cheaper than reading it away. */
export const isLongUnread = (request: IncomingMessage): boolean =>
  !request.complete && (request.headers['transfer-encoding'] !== undefined || bytesAnnounced(request) > longBytes)

export const queryOf = (request: IncomingMessage): Record<string, string> => {
  const url = request.url ?? ''
  const at = url.indexOf('?')
  return at === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(at + 1)))
}
