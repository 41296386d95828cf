// What is written to a sender whose bytes are not an HTTP request, or never become a whole one.
// Whether the socket can still be written to is the listener's to know.

const statusOf: Record<string, string> = {
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
}

/** A bare reply for faults of HTTP; `undefined` for faults of the connection, which nobody would read a reply to. */
export const brokenHeadReply = (fault: NodeJS.ErrnoException): string | undefined => {
  const code = fault.code ?? ''
  const status = statusOf[code] ?? (code.startsWith('HPE_') ? '400 Bad Request' : undefined)
  return status && `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`
}
