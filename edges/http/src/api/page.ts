// Pages beside the routes: health, metrics, documents; anyone may read them, or only this machine.
// They are not part of the contract's tables, and what they show is the app's business.

import type { IncomingHttpHeaders } from 'node:http'

/** Who asks; a page that is not for everybody looks here. */
export interface PageAsked {
  readonly headers: IncomingHttpHeaders
  readonly ip: string
}

export interface PageReply {
  readonly status: number
  readonly type: string
  readonly body: string | Uint8Array
  /** Beside those that every reply has, or instead of them. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Page {
  /** An exact path, such as `/metrics`. */
  readonly path: string
  /** For anyone else the page does not exist. */
  readonly loopbackOnly?: boolean
  handle(asked: PageAsked): PageReply | Promise<PageReply>
}

export interface SiteAsked {
  /** Without the query, not decoded. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
}

/** Files of a site for browsers, asked when nothing else is at a path; null where it has nothing either. */
export type Site = (asked: SiteAsked) => PageReply | null

/** Loopback in either family, also when IPv4 comes through an IPv6 socket. */
export const isLoopback = (ip: string): boolean => ip === '::1' || /^(?:::ffff:)?127\./.test(ip)
