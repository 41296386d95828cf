// Reads the head of a request that is as plain as nearly all are: whole, in order, with a body of known length.
// Everything else is left to Node's parser, which alone says what is wrong with a request.

export interface PlainHead {
  readonly method: string
  readonly url: string
  /** By their names in lower case; none came twice. */
  readonly headers: Readonly<Record<string, string>>
  /** Where the body begins in what was read. */
  readonly bodyAt: number
  /** How long the body is, as announced. */
  readonly bodyBytes: number
}

const longestHead = 8192
const mostFields = 64

const blankLine = Buffer.from('\r\n\r\n')
const requestLine = /^(GET|POST|PUT|PATCH|DELETE) (\/[\x21-\x7e]*) HTTP\/1\.1$/
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const odd = /[^\t\x20-\x7e]/
const length = /^\d{1,9}$/
/** The names that nearly all requests have, as they are spelled: looked up faster than they are checked. */
const usual = new Map(
  [
    'Accept',
    'Accept-Encoding',
    'Accept-Language',
    'Authorization',
    'Connection',
    'Content-Length',
    'Content-Type',
    'Host',
    'User-Agent',
    'X-Request-Id',
  ].flatMap((name) => [
    [name, name.toLowerCase()],
    [name.toLowerCase(), name.toLowerCase()],
  ]),
)
/** Their meaning is the parser's: other framings of the body, other protocols, permission to send. */
const meaningful = new Set(['transfer-encoding', 'upgrade', 'expect', 'te', 'trailer', 'proxy-connection'])

/** The name in lower case; undefined for one that is not plain. */
const plainName = (name: string): string | undefined => {
  const key = fieldName.test(name) ? name.toLowerCase() : undefined
  return key === undefined || meaningful.has(key) ? undefined : key
}

/** The fields of a head after its first line, or undefined when one of them is not plain. */
const readFields = (head: string, lineEnd: number): Record<string, string> | undefined => {
  const headers: Record<string, string> = {}
  let count = 0
  for (let at = lineEnd; at !== head.length; ) {
    const from = at + 2
    const next = head.indexOf('\r\n', from)
    at = next === -1 ? head.length : next
    const colon = head.indexOf(':', from)
    if (colon === -1 || colon > at || ++count > mostFields) return undefined
    const name = head.slice(from, colon)
    const key = usual.get(name) ?? plainName(name)
    const value = head.slice(colon + 1, at)
    if (key === undefined || key in headers || odd.test(value)) return undefined
    headers[key] = value.trim()
  }
  return headers
}

const isPlain = ({ host, connection }: Readonly<Record<string, string>>): boolean =>
  host !== undefined && host !== '' && (connection === undefined || connection.toLowerCase() === 'keep-alive')

/** The head that `piece` begins with; undefined when it is not all there, or not plain. */
export const readPlainHead = (piece: Buffer): PlainHead | undefined => {
  const end = piece.indexOf(blankLine)
  if (end === -1 || end > longestHead) return undefined
  const head = piece.toString('latin1', 0, end)
  const firstEnd = head.indexOf('\r\n')
  const lineEnd = firstEnd === -1 ? head.length : firstEnd
  const line = requestLine.exec(head.slice(0, lineEnd))
  if (line === null) return undefined
  const headers = readFields(head, lineEnd)
  if (headers === undefined || !isPlain(headers)) return undefined
  const announced = headers['content-length'] ?? '0'
  if (!length.test(announced)) return undefined
  const [, method, url] = line as unknown as [string, string, string]
  return { method, url, headers, bodyAt: end + blankLine.length, bodyBytes: Number(announced) }
}
