// Requests as bytes, head and body in one piece, made before the clock runs.
// What is in the body is the callers' business.

const endOfLine = '\r\n'

/** A POST with a JSON body, as a sensor sends it. */
export const postRequest = (path: string, body: string | Buffer, more: readonly string[] = []): Buffer => {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    'Content-Type: application/json',
    'Accept: */*',
    'User-Agent: koban-agent (unknown version) CFNetwork/1568 Darwin/24.5.0',
    `Content-Length: ${bytes.length}`,
    ...more,
    endOfLine,
  ].join(endOfLine)
  return Buffer.concat([Buffer.from(head, 'latin1'), bytes])
}
