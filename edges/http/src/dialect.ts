// What the telemetry wire asks of a listener beyond the house's ways: a media type, request ids that callers choose.
// How it spells refusals is problem.ts.
import type { IncomingHttpHeaders } from 'node:http'
import type { Route } from '@muster/contract'

const jsonMedia = /^application\/json\s*(?:;|$)/i

/** Only asked of wires that insist; the others take a body as JSON whatever it is called. */
export const isOtherMedia = ({ dialect, body }: Route, headers: IncomingHttpHeaders, hasBody: boolean): boolean =>
  dialect === 'telemetry' && body !== undefined && hasBody && !jsonMedia.test(headers['content-type'] ?? '')

/** The caller's own name for this request, when the wire allows one and it is harmless (telemetry 2, point 6). */
export const requestIdOf = ({ dialect }: Pick<Route, 'dialect'>, headers: IncomingHttpHeaders): string | undefined => {
  const said = headers['x-request-id']
  if (dialect !== 'telemetry' || typeof said !== 'string') return undefined
  return /^[A-Za-z0-9_-]{8,64}$/.test(said) ? said : undefined
}
