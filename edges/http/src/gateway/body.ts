// What a request head says of its body and its query.
// Limits are applied by the exchange; decoding is admit's.
import type { RefusalCode, Route } from '@muster/contract'
import { ok, type Result } from '@muster/kernel'
import { checkShape } from '../admit.ts'
import type { Message } from './message.ts'

export const bytesAnnounced = ({ headers }: Message): number => Number(headers['content-length'] ?? 0)

const longBytes = 65_536

/** Whether so much of the body is still to come that closing is cheaper than reading it away. */
export const isLongUnread = (message: Message): boolean =>
  !message.complete && (message.headers['transfer-encoding'] !== undefined || bytesAnnounced(message) > longBytes)

const queryOf = (url: string, at: number): Record<string, string> =>
  at === -1 ? {} : Object.fromEntries(new URLSearchParams(url.slice(at + 1)))

/** What a route says to a request without a query, which nearly all are; its schema is asked once. */
const unasked = new WeakMap<Route, Result<unknown, RefusalCode>>()

/** The query as the route has it, or what is wrong with it. */
export const readQuery = (route: Route, { url }: Message): Result<unknown, RefusalCode> => {
  const at = url.indexOf('?')
  const known = at === -1 ? unasked.get(route) : undefined
  if (known !== undefined) return known
  const read = checkShape(route.query, 'query', queryOf(url, at))
  if (at === -1) unasked.set(route, read.ok ? ok(Object.freeze(read.value)) : read)
  return read
}
