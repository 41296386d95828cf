// The cookie of a browser session: how it is written, taken back and read (fleet-product 3.3).
// What its value stands for is identity's; it is never in a log or in a body.
import type { IncomingHttpHeaders } from 'node:http'

const plainName = 'muster_session'
/** Only this host can set a cookie of that name, and only over TLS; without TLS browsers do not take it. */
const secureName = `__Host-${plainName}`
const attributes = 'Path=/; HttpOnly; SameSite=Strict'

/** Whether the browser speaks TLS, with us or with the proxy before us; claiming it falsely only narrows the cookie. */
export const isSecure = (protocol: string, headers: IncomingHttpHeaders): boolean =>
  protocol === 'https' || headers['x-forwarded-proto'] === 'https'

/** A value of null takes the cookie back. It ends with the browser at the latest. */
export const sessionCookie = (value: string | null, secure: boolean): string => {
  const name = secure ? `${secureName}=${value ?? ''}; Secure` : `${plainName}=${value ?? ''}`
  return `${name}; ${attributes}${value === null ? '; Max-Age=0' : ''}`
}

const pattern = new RegExp(`(?:^|;\\s*)(?:__Host-)?${plainName}=([\\w-]{1,256})(?:;|$)`)

/** The session a request came with. */
export const readSessionCookie = ({ cookie }: IncomingHttpHeaders): string | undefined =>
  cookie === undefined ? undefined : pattern.exec(cookie)?.[1]

/**
 * Browsers say where a request comes from; what is no browser says nothing. Only the pages of this origin may write, so
 * that no other site can sign anybody in or act in their name.
 */
export const isForeign = (headers: IncomingHttpHeaders): boolean => {
  const site = headers['sec-fetch-site']
  return site !== undefined && site !== 'same-origin' && site !== 'none'
}
