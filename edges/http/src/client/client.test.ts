// The calling half against servers that answer oddly, and against none.
// Against our own listeners it is used in their tests.
import assert from 'node:assert/strict'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer as createRawServer, type Socket } from 'node:net'
import { suite, test } from 'node:test'
import { declare } from '@muster/contract'
import { Secret } from '@muster/kernel'
import { z } from 'zod'
import { makeAuthority, makeLeaf, makeServerLeaf } from '../testing.ts'
import { call, callLines, callText } from './call.ts'
import { type Client, type ClientSettings, createClient } from './client.ts'
import { readText } from './reply-body.ts'
import { Unreachable } from './unreachable.ts'

const read = declare({
  method: 'GET',
  path: '/api/things/{id}',
  summary: '',
  speaker: 'operator',
  params: z.strictObject({ id: z.string() }),
  query: z.strictObject({ name: z.string().optional(), limit: z.string().optional() }),
  reply: z.strictObject({ id: z.string(), part: z.union([z.strictObject({ a: z.int() }), z.null()]) }),
  refusals: [],
})
const write = declare({
  method: 'POST',
  path: '/api/things',
  summary: '',
  speaker: 'operator',
  body: z.strictObject({ name: z.string() }),
  reply: z.strictObject({ id: z.string() }),
  refusals: [],
})
const stream = declare({
  method: 'GET',
  path: '/api/lines',
  summary: '',
  speaker: 'operator',
  reply: z.strictObject({ at: z.int() }),
  replyForm: 'ndjson',
  refusals: [],
})

const listening = async <S extends Server | ReturnType<typeof createRawServer>>(server: S): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

/** Runs `use` with a client of a server that answers by `listener`. */
const withServer = async (
  listener: RequestListener,
  use: (client: Client, port: number) => Promise<void>,
  more: Partial<ClientSettings> = {},
): Promise<void> => {
  const server = createHttpServer(listener)
  const port = await listening(server)
  const client = createClient({ baseUrl: `http://127.0.0.1:${port}`, ...more })
  try {
    await use(client, port)
  } finally {
    client.close()
    server.closeAllConnections()
    server.close()
  }
}

const saying =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_request, reply) => {
    reply.writeHead(status, headers).end(body)
  }

const readA = { params: { id: 'a' } } as const

suite('calls', () => {
  test('path, query, body, token and headers are said as the contract spells them', async () => {
    const heard: unknown[] = []
    const listener: RequestListener = async (request, reply) => {
      let body = ''
      for await (const piece of request) body += piece
      const { authorization, 'if-match': ifMatch, 'idempotency-key': key, 'x-more': more } = request.headers
      heard.push([request.method, request.url, body, authorization, ifMatch, key, more])
      reply.end('{"id":"1","part":null}')
    }
    await withServer(listener, async (_client, port) => {
      const client = createClient({
        baseUrl: `http://127.0.0.1:${port}/base/?site=1`,
        token: new Secret('t'),
        headers: { 'x-more': 'm' },
      })
      await call(client, read, { params: { id: 'a/b c:d' }, query: { name: 'x&y', limit: undefined } })
      await call(client, write, { body: { name: 'n' }, ifMatch: 3, idempotencyKey: 'k' })
      client.close()
    })
    assert.deepEqual(heard, [
      ['GET', '/base/api/things/a%2Fb%20c%3Ad?name=x%26y&site=1', '', 'Bearer t', undefined, undefined, 'm'],
      ['POST', '/base/api/things?site=1', '{"name":"n"}', 'Bearer t', '"3"', 'k', 'm'],
    ])
  })
  test('a body of many pieces arrives as it was said, letters of several bytes on their edges among it', async () => {
    const name = '\u{1f9ea}x\u00e9'.repeat(100_000)
    let heard: unknown
    const listener: RequestListener = async (request, reply) => {
      heard = JSON.parse(await readText('', request))
      reply.end('{"id":"1"}')
    }
    await withServer(listener, async (client) => {
      assert.deepEqual(await call(client, write, { body: { name } }), { ok: true, value: { id: '1' } })
    })
    assert.deepEqual(heard, { name })
  })
  test('a server that answers before it has heard a large body is heard, and one that hangs up is told of', async () => {
    const body = { name: 'x'.repeat(10_000_000) }
    const refusal = '{"error":{"code":"body_too_large","message":"no","requestId":"r"}}'
    await withServer(saying(413, refusal), async (client) => {
      const called = await call(client, write, { body })
      assert.equal(called.ok, false)
    })
    await withServer(
      (request) => void request.once('data', () => request.socket.destroy()),
      (client) => assert.rejects(call(client, write, { body }), Unreachable),
    )
  })
  test('keys that are new to this program are borne, at every level', async () => {
    const body = '{"id":"1","part":{"a":1,"later":2},"more":[]}'
    await withServer(saying(200, body), async (client) => {
      assert.deepEqual(await call(client, read, readA), { ok: true, value: JSON.parse(body) })
    })
  })
  const unusable = [
    '{"id":1,"part":null}',
    '{"part":null}',
    '{"id":"1","part":{"a":"1"}}',
    'null',
    '',
    '<html>',
    '{"id":',
  ]
  for (const body of unusable)
    test(`a reply of ${JSON.stringify(body)} is not taken for one of ours`, () =>
      withServer(saying(200, body), async (client) => {
        await assert.rejects(call(client, read, readA), Unreachable)
      }))
  test('a refusal keeps code, sentence, fields, request id and the time to wait', async () => {
    const error = {
      code: 'new_code',
      message: 'No.',
      requestId: 'req_1',
      fields: [{ path: 'body.a', code: 'c', message: 'm' }],
    }
    await withServer(saying(429, JSON.stringify({ error }), { 'retry-after': '7' }), async (client) => {
      const called = await call(client, read, readA)
      assert.deepEqual(called, {
        ok: false,
        refusal: {
          code: 'new_code',
          detail: 'No.',
          status: 429,
          requestId: 'req_1',
          fields: error.fields,
          retryAfterSeconds: 7,
        },
      })
    })
  })
  for (const status of [302, 404, 502])
    test(`a ${status} that is not one of ours is a fault that says so`, () =>
      withServer(saying(status, '<h1>nginx</h1>', { location: '/' }), async (client) => {
        await assert.rejects(call(client, read, readA), new RegExp(`status ${status}.*Muster server`))
      }))
  test('what it said by its status is kept, for callers that have to act on it', () =>
    withServer(saying(429, 'slow down', { 'retry-after': '9' }), async (client) => {
      await assert.rejects(
        call(client, read, readA),
        (fault) => fault instanceof Unreachable && fault.answer?.status === 429 && fault.answer.retryAfterSeconds === 9,
      )
    }))
  test('text outside the contract comes as it is', () =>
    withServer(saying(503, 'not ready'), async (client) => {
      assert.deepEqual(await callText(client, { method: 'GET', path: '/readyz' }), { status: 503, text: 'not ready' })
    }))
  test('lines are checked one by one', () =>
    withServer(saying(200, '{"at":1}\n{"at":2,"new":3}\n{"at":"x"}\n'), async (client) => {
      const called = await callLines(client, stream, {})
      assert.ok(called.ok)
      const lines = called.value
      assert.deepEqual([(await lines.next()).value, (await lines.next()).value], [{ at: 1 }, { at: 2, new: 3 }])
      await assert.rejects(lines.next(), Unreachable)
    }))
  test('a caller that stops asking and closes leaves nothing that could fail later', () => {
    const endless: RequestListener = (_request, reply) => {
      reply.writeHead(200).write('{"at":1}\n')
      const more = setInterval(() => reply.write('{"at":2}\n'.repeat(1000)), 1)
      reply.once('close', () => clearInterval(more))
    }
    return withServer(endless, async (client) => {
      const called = await callLines(client, stream, {})
      assert.ok(called.ok)
      for await (const { at } of called.value) if (at === 2) break
      client.close()
      await new Promise((resolve) => setImmediate(resolve))
    })
  })
})

suite('kept connections', () => {
  /** Answers the first request of each connection and drops the connection at the second. */
  const dropsSecond = (): RequestListener => {
    const used = new WeakSet<Socket>()
    return (request, reply) => {
      if (used.has(request.socket)) request.socket.destroy()
      else reply.end('{"id":"1","part":null}')
      used.add(request.socket)
    }
  }
  test('a read is repeated when its kept connection turns out to be dead', () =>
    withServer(dropsSecond(), async (client) => {
      for (let reads = 0; reads < 3; reads += 1) assert.ok((await call(client, read, readA)).ok)
    }))
  test('a write is not, unless it has a key', () =>
    withServer(dropsSecond(), async (client) => {
      assert.ok((await call(client, write, { body: { name: 'n' } })).ok)
      await assert.rejects(call(client, write, { body: { name: 'n' } }), /closed the connection/)
      assert.ok((await call(client, write, { body: { name: 'n' } })).ok)
      assert.ok((await call(client, write, { body: { name: 'n' }, idempotencyKey: 'k' })).ok)
    }))
})

suite('unreachable', () => {
  const failing = async (baseUrl: string, more: Partial<ClientSettings> = {}): Promise<string> => {
    const client = createClient({ baseUrl, ...more })
    try {
      await call(client, read, readA)
      return 'reached'
    } catch (fault) {
      assert.ok(fault instanceof Unreachable)
      assert.doesNotMatch(fault.message, /\n/)
      assert.ok(fault.message.startsWith(new URL(baseUrl).origin))
      return fault.message
    } finally {
      client.close()
    }
  }
  test('nothing listens', async () => {
    const server = createRawServer()
    const port = await listening(server)
    await new Promise((resolve) => server.close(resolve))
    assert.match(await failing(`http://127.0.0.1:${port}`), /check that the server runs/)
  })
  test('a name that does not exist', async () => {
    assert.match(await failing('http://no-such-host.invalid:1'), /check the address|check the network/)
  })
  test('a server that never answers', () =>
    withServer(
      () => undefined,
      async (_client, port) => {
        assert.match(await failing(`http://127.0.0.1:${port}`, { timeoutMs: 30 }), /in time/)
      },
    ))
  test('a host that takes a connection and never begins to speak TLS', async () => {
    const silent = createRawServer()
    const port = await listening(silent)
    assert.match(await failing(`https://127.0.0.1:${port}`, { connectTimeoutMs: 30, timeoutMs: 60_000 }), /in time/)
    silent.close()
  })
  test('a server that stops in the middle of its reply', () =>
    withServer(
      (_request, reply) => {
        reply.writeHead(200, { 'content-length': '100' }).write('{"id":', () => reply.socket?.destroy())
      },
      async (_client, port) => {
        assert.match(await failing(`http://127.0.0.1:${port}`), /broke off/)
      },
    ))
  test('a reply without an end', () =>
    withServer(
      (_request, reply) => {
        const piece = Buffer.alloc(1 << 20)
        const go = (): void => {
          while (!reply.destroyed && reply.write(piece));
        }
        reply.on('drain', go)
        go()
      },
      async (_client, port) => {
        assert.match(await failing(`http://127.0.0.1:${port}`), /larger than/)
      },
    ))
  test('TLS spoken to plain HTTP', async () => {
    await withServer(saying(200, ''), async (_client, port) => {
      assert.match(await failing(`https://127.0.0.1:${port}`), /try http:\/\//)
    })
  })
  test('certificates of nobody, of another name, and out of date', async () => {
    const authority = await makeAuthority()
    const good = await makeServerLeaf(authority)
    const named = await makeLeaf(authority, { name: 'x', usage: 'server', hosts: ['elsewhere.example'] })
    const past = { notBeforeMs: Date.now() - 7_200_000, notAfterMs: Date.now() - 3_600_000 }
    const old = await makeLeaf(authority, { name: 'x', usage: 'server', hosts: ['127.0.0.1'], ...past })
    const cases = [
      [good, undefined, /name the server CA file/],
      [good, authority.certPem, /no reason|form/],
      [named, authority.certPem, /another name/],
      [old, authority.certPem, /expired/],
    ] as const
    for (const [leaf, ca, want] of cases) {
      const server = createHttpsServer({ cert: leaf.certPem, key: leaf.keyPem }, saying(200, ''))
      const port = await listening(server)
      assert.match(await failing(`https://127.0.0.1:${port}`, ca === undefined ? {} : { ca }), want)
      if (leaf === good) assert.match(await failing(`http://127.0.0.1:${port}`), /closed the connection|try https/)
      server.closeAllConnections()
      server.close()
    }
  })
  test('a variable of the environment has nobody believed who would not be', async () => {
    const authority = await makeAuthority()
    const leaf = await makeServerLeaf(authority)
    const server = createHttpsServer({ cert: leaf.certPem, key: leaf.keyPem }, saying(200, ''))
    const port = await listening(server)
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
    try {
      assert.match(await failing(`https://127.0.0.1:${port}`), /name the server CA file/)
    } finally {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
      server.closeAllConnections()
      server.close()
    }
  })
  for (const address of ['', 'localhost:8080', 'ftp://x', 'not an address'])
    test(`${JSON.stringify(address)} is not taken for an address`, () =>
      assert.throws(() => createClient({ baseUrl: address }), /looks like https:\/\/host:port/))
})
