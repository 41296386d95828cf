// Proof that a command comes again when it is told to, shows that it waits, and gives up in the end.
// The rate of a whole server is met in tests/flow; how long is proved in decide.test.ts.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import { createTerminal, type Terminal } from '../testing/terminal.ts'

const refusal = (code: string): string => JSON.stringify({ error: { code, message: `${code}.`, requestId: 'req_1' } })

/** A server that turns each request away as often as said, and what came to it. */
const startBusy = async (status: number, code: string, times: number, reply: object) => {
  const heard: { method: string | undefined; key: string | undefined }[] = []
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    heard.push({ method: request.method, key: request.headers['idempotency-key'] as string | undefined })
    if (heard.length > times) response.writeHead(200).end(JSON.stringify(reply))
    else response.writeHead(status, { 'retry-after': '2' }).end(refusal(code))
    request.resume()
  }
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const waited: number[] = []
  const terminal: Terminal = createTerminal({
    env: { MUSTER_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, MUSTER_TOKEN: 'mot_test' },
    wait: async (waitMs) => void waited.push(waitMs),
  })
  return { heard, waited, terminal, [Symbol.asyncDispose]: async () => void server.close() }
}

const noDevices = { items: [], nextCursor: null }

test('a page that is turned away is asked for again, and a terminal shows the wait', async () => {
  await using busy = await startBusy(429, 'rate_limited', 2, noDevices)
  const { code, err } = await busy.terminal.with({ columns: 80 }).run('device', 'list')
  assert.equal(code, 0, err)
  assert.deepEqual(busy.waited, [1000, 1000, 1000, 1000])
  assert.match(err, /The server asks to wait: 2 s….*The server asks to wait: 1 s…/s)
})

test('where nobody watches nothing is said of waiting', async () => {
  await using busy = await startBusy(503, 'store_busy', 1, noDevices)
  const { code, out, err } = await busy.terminal.run('device', 'list', '--json')
  assert.deepEqual([code, out, err], [0, '{"items":[]}\n', ''])
  assert.equal(busy.heard.length, 2)
})

test('a write to a busy server comes again under the same key', async () => {
  const group = { id: 'grp_1', name: 'lab', description: null, tags: [], members: 0, version: 1 }
  await using busy = await startBusy(503, 'shutting_down', 2, group)
  await busy.terminal.run('group', 'create', 'lab')
  assert.equal(busy.heard.length, 3)
  assert.ok(busy.heard.every(({ method, key }) => method === 'POST' && key !== undefined && key === busy.heard[0]?.key))
})

test('a request as it is comes again after a refused rate, and after a busy server only when it reads', async () => {
  await using reading = await startBusy(503, 'store_busy', 1, noDevices)
  assert.equal((await reading.terminal.run('api', 'get', 'devices')).code, 0)
  await using writing = await startBusy(503, 'store_busy', 1, noDevices)
  assert.equal((await writing.terminal.run('api', 'post', 'groups', '--body', '{}')).code, 1)
  assert.equal(writing.heard.length, 1)
  await using hurried = await startBusy(429, 'rate_limited', 1, noDevices)
  assert.equal((await hurried.terminal.run('api', 'post', 'groups', '--body', '{}')).code, 0)
})

test('a server that never has time is given up with its own words', async () => {
  await using busy = await startBusy(429, 'rate_limited', Infinity, noDevices)
  const { code, out, err } = await busy.terminal.run('device', 'list')
  assert.deepEqual([code, out], [1, ''])
  assert.match(err, /^muster: rate_limited\. \(rate_limited; wait a minute and run the command again\)\n$/)
  assert.equal(
    busy.waited.reduce((sum, waitMs) => sum + waitMs, 0),
    120_000,
  )
})
