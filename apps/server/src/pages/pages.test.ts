// Proof of what stands beside the routes: health that tells the truth, the CA, documents, and metrics for whom they are.
// What the figures mean is tested in metrics.test.ts.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { after, before, suite, test } from 'node:test'
import { createGroup } from '@muster/contract'
import { call } from '@muster/http'
import { asyncApiText } from '../asyncapi/text.ts'
import { openApiText } from '../openapi/text.ts'
import { schemasText } from '../schemas/text.ts'
import { startTestServer, type TestServer } from '../testing/server.ts'

const read = async ({ api }: TestServer, path: string, headers: Record<string, string> = {}) => {
  const reply = await fetch(`${api.url}${path}`, { headers })
  return { status: reply.status, type: reply.headers.get('content-type') ?? '', body: await reply.text() }
}

suite('pages of a server with everything as it comes', () => {
  let server: TestServer
  before(async () => {
    server = await startTestServer()
  })
  after(() => server.close())

  test('health, readiness and the old text are open to anyone', async () => {
    assert.deepEqual(await read(server, '/health'), { status: 200, type: 'text/plain; charset=utf-8', body: 'ok\n' })
    assert.equal((await read(server, '/healthz')).body, '{"status":"ok"}')
    const ready = await read(server, '/readyz')
    assert.equal(ready.status, 200)
    assert.deepEqual(JSON.parse(ready.body), { status: 'ready', reasons: [] })
  })

  test('the CA is the one that issues', async () => {
    const { body } = await read(server, '/ca.pem')
    assert.equal(new X509Certificate(body).ca, true)
    assert.equal(body.trim(), server.rooms.identity.authority.current().certificatePem.trim())
  })

  test('the documents are the checked-in ones', async () => {
    for (const path of ['/openapi.json', '/api/fleet/v1/openapi.json'])
      assert.equal((await read(server, path)).body, openApiText())
    assert.equal((await read(server, '/asyncapi.json')).body, asyncApiText())
    assert.equal((await read(server, '/schemas.json')).body, schemasText())
  })

  test('the front page says where the API is, and an unknown path is a JSON 404', async () => {
    assert.match((await read(server, '/')).body, /\/api\/fleet\/v1/)
    for (const path of ['/api/fleet/v1/nothing', '/api/nothing', '/nothing']) {
      const { status, body } = await read(server, path)
      assert.equal(status, 404)
      assert.equal(JSON.parse(body).error.code, 'not_found')
    }
  })

  test('requests, refusals and devices show in the metrics, without a tenant', async () => {
    await read(server, '/api/fleet/v1/me')
    const { status, type, body } = await read(server, '/metrics')
    assert.equal(status, 200)
    assert.match(type, /^text\/plain/)
    assert.match(
      body,
      /muster_http_request_seconds_count\{listener="api",route="\/api\/fleet\/v1\/me",status="401"\} 1/,
    )
    assert.match(
      body,
      /muster_http_rejections_total\{listener="api",route="\/api\/fleet\/v1\/me",code="credential_missing"\} 1/,
    )
    assert.match(body, /muster_storage_commit_seconds_count [1-9]/)
    assert.match(body, /muster_devices\{liveness="online"\} 0/)
    assert.match(body, /muster_open_connections\{listener="gateway"\} 0/)
    assert.doesNotMatch(body, /default|tenant/)
  })
})

test('a database that takes no writes makes the server not ready, and writes are refused as such', async () => {
  const server = await startTestServer()
  try {
    await server.rooms.storage.close()
    const { status, body } = await read(server, '/readyz')
    assert.equal(status, 503)
    assert.match(JSON.parse(body).reasons.join(), /the database takes no writes/)
    const refused = await call(server.owner, createGroup, { body: { name: 'x' } })
    assert.equal(!refused.ok && refused.refusal.code, 'store_busy')
    assert.equal((await read(server, '/healthz')).status, 200)
  } finally {
    await server.close()
  }
})

test('metrics for tokens only are closed without one', async () => {
  const server = await startTestServer({ argv: ['--metrics-auth', 'token'] })
  try {
    assert.equal((await read(server, '/metrics')).status, 401)
    const authorization = `Bearer ${await server.tokenOf('viewer')}`
    assert.equal((await read(server, '/metrics', { authorization })).status, 200)
  } finally {
    await server.close()
  }
})
