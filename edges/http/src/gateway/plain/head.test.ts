// Proof that what is read in one pass is what Node's parser reads, and that everything else is left to it.
// What is done with a request that was read is talk.test.ts.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, suite, test } from 'node:test'
import * as fc from 'fast-check'
import { openWire } from '../../testing.ts'
import { readPlainHead } from './head.ts'

const headOf = (line: string, ...fields: readonly string[]): Buffer =>
  Buffer.from(`${[line, ...fields].join('\r\n')}\r\n\r\n`, 'latin1')
const post = 'POST /api/test?a=1 HTTP/1.1'
const host = 'Host: fleet.example'

test('a plain head is read, whatever the case of its names and the spaces around its values', () => {
  const head = headOf(post, host, 'CONTENT-length:3', 'x-odd_name~1: \t a  b\t', 'Accept:', 'Connection: Keep-Alive')
  assert.deepEqual(readPlainHead(Buffer.concat([head, Buffer.from('abcd')])), {
    method: 'POST',
    url: '/api/test?a=1',
    headers: {
      host: 'fleet.example',
      'content-length': '3',
      'x-odd_name~1': 'a  b',
      accept: '',
      connection: 'Keep-Alive',
    },
    bodyAt: head.length,
    bodyBytes: 3,
  })
})
test('without a length there is no body', () => {
  assert.equal(readPlainHead(headOf('GET / HTTP/1.1', host))?.bodyBytes, 0)
})

const others: readonly [string, Buffer][] = [
  ['a head that is not whole', headOf(post, host).subarray(0, -1)],
  ['nothing but a first line', headOf(post)],
  ['an empty line before it', Buffer.concat([Buffer.from('\r\n'), headOf(post, host)])],
  ['another version', headOf('POST / HTTP/1.0', host)],
  ['an absolute target', headOf('POST http://fleet.example/ HTTP/1.1', host)],
  ['a method of another kind', headOf('HEAD / HTTP/1.1', host)],
  ['a space too many', headOf('POST  / HTTP/1.1', host)],
  ['a letter beyond ASCII in its path', headOf('POST /\xe4 HTTP/1.1', host)],
  ['a letter beyond ASCII in a value', headOf(post, host, 'X-Name: \xe4')],
  ['a control character in a value', headOf(post, host, 'X-Name: a\0b')],
  ['a lone line feed', headOf(post, `${host}\nX-Name: b`)],
  ['a lone carriage return', headOf(post, `${host}\rX-Name: b`)],
  ['a space before a colon', headOf(post, host, 'X-Name : b')],
  ['a line without a colon', headOf(post, host, 'X-Name')],
  ['a line that goes on', headOf(post, host, 'X-Name: a', ' b')],
  ['a name that is empty', headOf(post, host, ': b')],
  ['a name that every object has', headOf(post, host, '__proto__: b')],
  ['a field that comes twice', headOf(post, host, 'X-Name: a', 'x-name: b')],
  ['two lengths', headOf(post, host, 'Content-Length: 1', 'Content-Length: 1')],
  ['a length that is no number', headOf(post, host, 'Content-Length: 0x1')],
  ['a negative length', headOf(post, host, 'Content-Length: -1')],
  ['no host', headOf(post, 'Content-Length: 0')],
  ['a connection to be closed', headOf(post, host, 'Connection: close')],
  ['chunks', headOf(post, host, 'Transfer-Encoding: chunked')],
  ['permission to be asked for', headOf(post, host, 'Expect: 100-continue')],
  ['another protocol', headOf(post, host, 'Upgrade: websocket')],
  ['a field for each of a crowd', headOf(post, host, ...Array.from({ length: 64 }, (_, no) => `x-${no}: 1`))],
  ['a long head', headOf(post, host, `X-Long: ${'x'.repeat(9000)}`)],
]
for (const [name, bytes] of others)
  test(`${name} is left to Node`, () => {
    assert.equal(readPlainHead(bytes), undefined)
  })

suite('beside Node', () => {
  const server = createServer((request: IncomingMessage, reply) => {
    const { method, url, headers } = request
    let bodyBytes = 0
    request.on('data', (piece: Buffer) => (bodyBytes += piece.length))
    request.on('end', () => reply.end(JSON.stringify({ method, url, headers, bodyBytes })))
  })
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  after(() => server.close())

  const oneOf = (letters: string) => fc.constantFrom(...letters.split(''))
  const word = fc.string({ unit: oneOf('aZ09-_~!#$%&*+.^`|'), minLength: 1, maxLength: 6 })
  const text = fc.string({ unit: oneOf('aZ0 \t:;,"{}[]@=\\/<>()?'), maxLength: 12 })
  const field = fc.tuple(word, text).map(([name, value]) => `${name}:${value}`)
  const usual = fc.constantFrom(host, 'Content-Length: 5', 'content-length:0', 'Accept: */*', 'Connection: keep-alive')
  const line = fc
    .tuple(
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
      fc.string({ unit: oneOf('aZ0/?#&=%:@!$.,;~"<>[]{}|^`\\') }),
    )
    .map(([method, path]) => `${method} /${path} HTTP/1.1`)
  const head = fc
    .tuple(line, fc.array(fc.oneof(field, usual), { maxLength: 8 }))
    .map(([first, fields]) => headOf(first, host, ...fields))
  const mangled = fc.tuple(head, fc.nat(), fc.uint8Array({ minLength: 1, maxLength: 2 })).map(([bytes, at, with_]) => {
    const cut = at % bytes.length
    return Buffer.concat([bytes.subarray(0, cut), with_, bytes.subarray(cut)])
  })

  test('what is read here is read by Node in the same way', async () => {
    const { port } = server.address() as AddressInfo
    let plain = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: head }, mangled), async (bytes) => {
        const read = readPlainHead(bytes)
        if (read === undefined) return
        plain += 1
        const { bodyAt, ...said } = read
        const wire = await openWire(port)
        wire.write(Buffer.concat([bytes.subarray(0, bodyAt), Buffer.alloc(read.bodyBytes)]))
        const reply = await wire.reply()
        wire.socket.destroy()
        assert.deepEqual(JSON.parse(reply.body), said)
      }),
      { numRuns: 400 },
    )
    assert.ok(plain > 50, `${plain} were plain`)
  })
})
